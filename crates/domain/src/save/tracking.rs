//! Tracking: whether a slot syncs on a device.

use thiserror::Error;

use super::reading::{self, ListError, SyncedSave};
use crate::device::DeviceNotFound;
use crate::ids::{DeviceId, SaveId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::sync::{Base, Tracking};
use crate::time::Timestamp;

/// Why a device's knowledge of a save could not be changed.
#[derive(Debug, Error)]
pub enum TrackError {
    /// The save or the device is unknown.
    #[error(transparent)]
    NotFound(ListError),
    /// The save is a fork, which no device holds.
    #[error("Save is an unresolved conflict copy and cannot be synced")]
    IsFork,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ListError> for TrackError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Store(error) => Self::Store(error),
            unknown => Self::NotFound(unknown),
        }
    }
}

/// The save's slot syncs on the device again. Where that is so without a word, and the device never synced it, there is
/// nothing to note.
///
/// # Errors
/// See [`TrackError`].
pub fn track(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SaveId,
    device: DeviceId,
) -> Result<SyncedSave, TrackError> {
    set(tx, now, user, id, device, Tracking::Tracked)
}

/// The save's slot no longer syncs on the device, even if it never did.
///
/// # Errors
/// See [`TrackError`].
pub fn untrack(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SaveId,
    device: DeviceId,
) -> Result<SyncedSave, TrackError> {
    set(tx, now, user, id, device, Tracking::Untracked)
}

fn set(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SaveId,
    device: DeviceId,
    tracking: Tracking,
) -> Result<SyncedSave, TrackError> {
    let save = reading::own(tx, user, id)?;
    tx.devices().lock(user, device)?.ok_or(ListError::from(DeviceNotFound(device)))?;
    if save.version.standing.is_fork() {
        return Err(TrackError::IsFork);
    }
    let slot = save.version.slot;
    let known = tx.bases().find(device, slot)?;
    let by_default = tx.saves().slot(&save.key)?.map_or(Tracking::Tracked, |slot| slot.tracking);
    if known.is_some() || [tracking, by_default].contains(&Tracking::Untracked) {
        let base = known.unwrap_or_else(|| Base::new(device, slot));
        tx.bases().put(&[Base { tracking, ..base }])?;
    }
    tx.devices().touch(device, now)?;
    Ok(reading::with_devices(tx, user, vec![save], device)?.remove(0))
}
