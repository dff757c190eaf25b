//! What a download shows of a device: nothing when it begins, something when its body was sent, everything when the
//! device confirms it (promise P5).

use super::reading::{self, ListError};
use super::{TrackError, Version};
use crate::device::DeviceNotFound;
use crate::ids::{DeviceId, SaveId, SessionId, UserId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::sync::{self, Base, Point, Tracking};
use crate::time::Timestamp;

/// What the end of a download means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadMode {
    /// The client does not confirm: that the body was sent is provisional evidence.
    Optimistic,
    /// The client will say `downloaded`; until then nothing is known.
    AwaitingConfirmation,
}

/// The whole body of a version was sent to a device. That of another user's public save shows nothing.
///
/// # Errors
/// What the store says; a device or version that is gone by now is none.
pub fn delivered(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    device: DeviceId,
    version: VersionId,
    session: Option<SessionId>,
    mode: DownloadMode,
) -> Result<(), StoreError> {
    if tx.devices().lock(user, device)?.is_none() {
        return Ok(());
    }
    tx.devices().touch(device, now)?;
    let session = sync::running_session(tx, device, session)?;
    if let (DownloadMode::Optimistic, Some(save)) = (mode, tx.saves().by_version(version)?)
        && save.key.user == user
        && !save.version.standing.is_fork()
    {
        let mut base = base_of(tx, device, &save.version)?;
        base.suppose(Point::of(&save.version), session, now);
        wrote_file(&mut base);
        tx.bases().put(&[base])?;
    }
    match session {
        Some(session) => sync::count_operation(tx, now, user, session),
        None => Ok(()),
    }
}

/// A device says that it downloaded a save: it holds the version last served to it under that id, or, if none was
/// served, the row's present one. Idempotent; tracks the slot again.
///
/// # Errors
/// The save or the device is unknown, or the save is a fork.
pub fn downloaded(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SaveId,
    device: DeviceId,
) -> Result<reading::SyncedSave, TrackError> {
    let row = reading::own(tx, user, id)?;
    tx.devices().lock(user, device)?.ok_or(ListError::from(DeviceNotFound(device)))?;
    if row.version.standing.is_fork() {
        return Err(TrackError::IsFork);
    }
    let served = tx.bases().served(device, id)?;
    let served = served.map(|version| tx.saves().by_version(version)).transpose()?.flatten();
    let version = served.unwrap_or_else(|| row.clone()).version;

    let mut base = base_of(tx, device, &version)?;
    base.prove(Point::of(&version), now);
    base.rollbacks = 0;
    wrote_file(&mut base);
    tx.bases().put(&[base])?;
    tx.devices().touch(device, now)?;
    Ok(reading::with_devices(tx, user, vec![row], device)?.remove(0))
}

fn base_of(tx: &mut dyn Transaction, device: DeviceId, version: &Version) -> Result<Base, StoreError> {
    Ok(tx.bases().find(device, version.slot)?.unwrap_or_else(|| Base::new(device, version.slot)))
}

/// The client writes the file after a download, so that its time is not known.
fn wrote_file(base: &mut Base) {
    base.stamp = None;
    base.tracking = Tracking::Tracked;
}
