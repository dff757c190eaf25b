//! Restoring: what a slot once had, or was refused, becomes its head again, as a version of its own.

use super::history::{self, HistoryEntry, VersionError};
use super::locked_slot::{Draft, LockedSlot, Row};
use super::{ForkState, Save, VersionKind};
use crate::ids::{UserId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::screenshot;
use crate::time::Timestamp;

/// Makes a version's content head again. An explicit act by nobody in particular: the head it replaces is set aside. What
/// the slot stands at already is left as it is, so that a replay changes nothing. An open fork is closed by it. Atomic.
///
/// # Errors
/// See [`VersionError`].
pub fn restore(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: VersionId,
) -> Result<HistoryEntry, VersionError> {
    let key = history::own(tx, user, id)?.key;
    let slot = LockedSlot::lock(tx, now, &key)?;
    // Until the lock was held, retention could take its bytes.
    let version = history::held(history::own(tx, user, id)?)?;
    let head = make_head(tx, &slot, &version, VersionKind::Restore)?;
    Ok(history::entry(tx, head)?)
}

/// Makes the content of a version that is held the slot's head, unless the head has the same bytes.
pub(super) fn make_head(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    version: &Save,
    kind: VersionKind,
) -> Result<Save, StoreError> {
    let content = version.version.content;
    let is_at = |head: &&Save| head.version.held && head.version.content.digest == content.digest;
    match slot.head().filter(is_at) {
        Some(head) => {
            slot.close_forks(tx, &content, ForkState::KeptFork)?;
            Ok(head.clone())
        }
        None => derive(tx, slot, version, &Draft::of(version, kind), slot.row_of_next_head()),
    }
}

/// Makes a version that derives from another the slot's head. It shows the same picture.
pub(super) fn derive(
    tx: &mut dyn Transaction,
    slot: &LockedSlot,
    from: &Save,
    draft: &Draft,
    row: Row,
) -> Result<Save, StoreError> {
    let mut save = slot.advance(tx, draft, row, None)?;
    if let Some(screenshot) = &from.version.screenshot {
        screenshot::attach(tx, slot.now(), &mut save, &screenshot.picture)?;
    }
    Ok(save)
}
