//! Pins and labels: what owners say of their versions.

use super::history::{self, HistoryEntry, VersionError};
use super::{Label, Save};
use crate::ids::{UserId, VersionId};
use crate::ports::Transaction;

/// What of a version's marks shall change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkPatch {
    /// Whether autocleanup and retention leave it alone.
    pub pinned: Option<bool>,
    /// What it is called; `Some(None)` takes the label away.
    pub label: Option<Option<Label>>,
}

/// Changes the marks that the patch names. Idempotent.
///
/// # Errors
/// The user has no such version.
pub fn mark(
    tx: &mut dyn Transaction,
    user: UserId,
    id: VersionId,
    patch: MarkPatch,
) -> Result<HistoryEntry, VersionError> {
    let game = history::own(tx, user, id)?.key.game;
    tx.saves().lock_game(user, game)?;
    if let Some(pinned) = patch.pinned {
        tx.saves().set_pinned(id, pinned)?;
    }
    if let Some(label) = patch.label {
        tx.saves().set_label(id, label)?;
    }
    let save: Save = history::own(tx, user, id)?;
    Ok(history::entry(tx, save)?)
}
