//! Reading saves: lists, single ones, and what is served.

use thiserror::Error;

use super::{Save, SaveFilter, Slot};
use crate::device::{Device, DeviceNotFound};
use crate::ids::{DeviceId, SaveId, SlotId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::sync::{Base, Tracking};
use crate::time::Timestamp;

/// A save with what devices know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedSave {
    /// The save.
    pub save: Save,
    /// One entry per device that ever synced the slot, the asking device's first; empty where no device asked.
    pub device_syncs: Vec<DeviceSync>,
}

/// What is known of one device and one save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSync {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub device_name: Option<String>,
    /// When it was last in sync; the save's `updated_at` for an asking device that never was.
    pub last_synced_at: Timestamp,
    /// Whether the slot syncs there.
    pub tracking: Tracking,
    /// Whether this version is what the device holds.
    pub is_current: bool,
}

/// The user has no such save, or its row was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Save with ID {0} not found")]
pub struct SaveNotFound(pub SaveId);

/// Why saves could not be read.
#[derive(Debug, Error)]
pub enum ListError {
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The user has no such save.
    #[error(transparent)]
    SaveNotFound(#[from] SaveNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The listed saves of a filter, greatest `updated_at` first.
///
/// # Errors
/// The device is unknown.
pub fn list(
    tx: &mut dyn Transaction,
    filter: &SaveFilter,
    device: Option<DeviceId>,
) -> Result<Vec<SyncedSave>, ListError> {
    if let Some(id) = device {
        tx.devices().find(filter.user, id)?.ok_or(DeviceNotFound(id))?;
    }
    let saves = tx.saves().list(filter)?;
    asked_by(tx, filter.user, saves, device)
}

/// The ids of all listed saves of a user, greatest `updated_at` first.
///
/// # Errors
/// What the store says.
pub fn identifiers(tx: &mut dyn Transaction, user: UserId) -> Result<Vec<SaveId>, StoreError> {
    let filter = SaveFilter { user, game: None, platform: None, slot: None };
    Ok(tx.saves().list(&filter)?.iter().map(|save| save.id).collect())
}

/// One save of the user, forks included.
///
/// # Errors
/// The device or the save is unknown.
pub fn find(
    tx: &mut dyn Transaction,
    user: UserId,
    id: SaveId,
    device: Option<DeviceId>,
) -> Result<SyncedSave, ListError> {
    let save = own(tx, user, id)?;
    Ok(asked_by(tx, user, vec![save], device)?.remove(0))
}

/// A save whose content is about to be sent: the user's own, or another's that is public. Where a device fetches it,
/// that this version was served under this id is noted; it is no evidence yet.
///
/// # Errors
/// The device or the save is unknown.
pub fn serve(
    tx: &mut dyn Transaction,
    user: UserId,
    id: SaveId,
    device: Option<DeviceId>,
) -> Result<Save, ListError> {
    let own = tx.saves().by_id(user, id)?.filter(|save| !save.is_deleted());
    let is_own = own.is_some();
    let save = match own {
        Some(save) => save,
        None => tx.saves().public_by_id(id)?.ok_or(SaveNotFound(id))?,
    };
    if let Some(device) = device {
        tx.devices().find(user, device)?.ok_or(DeviceNotFound(device))?;
        if is_own {
            tx.bases().note_served(device, id, save.version.id)?;
        }
    }
    Ok(save)
}

/// A save row of the user that was not deleted.
pub(super) fn own(tx: &mut dyn Transaction, user: UserId, id: SaveId) -> Result<Save, ListError> {
    let save = tx.saves().by_id(user, id)?.filter(|save| !save.is_deleted());
    Ok(save.ok_or(SaveNotFound(id))?)
}

fn asked_by(
    tx: &mut dyn Transaction,
    user: UserId,
    saves: Vec<Save>,
    device: Option<DeviceId>,
) -> Result<Vec<SyncedSave>, ListError> {
    match device {
        Some(device) => with_devices(tx, user, saves, device),
        None => Ok(saves.into_iter().map(|save| SyncedSave { save, device_syncs: Vec::new() }).collect()),
    }
}

/// Adds what devices know, the asking one's entry first.
pub(super) fn with_devices(
    tx: &mut dyn Transaction,
    user: UserId,
    saves: Vec<Save>,
    asking: DeviceId,
) -> Result<Vec<SyncedSave>, ListError> {
    let mut devices = tx.devices().list(user)?;
    let asking = devices.iter().position(|device| device.id == asking).ok_or(DeviceNotFound(asking))?;
    devices.swap(0, asking);
    let mut slots: Vec<SlotId> = saves.iter().map(|save| save.version.slot).collect();
    slots.sort_unstable();
    slots.dedup();
    let known = Known { devices, bases: tx.bases().of_slots(&slots)?, slots: tx.saves().slots(&slots)? };
    Ok(saves
        .into_iter()
        .map(|save| {
            let device_syncs = known.of(&save);
            SyncedSave { save, device_syncs }
        })
        .collect())
}

/// What is known of devices and slots. The first device is the asking one.
struct Known {
    devices: Vec<Device>,
    bases: Vec<Base>,
    slots: Vec<Slot>,
}

impl Known {
    /// The entries of one save: of the asking device in any case, of the others where they ever synced the slot.
    fn of(&self, save: &Save) -> Vec<DeviceSync> {
        let slot = save.version.slot;
        let by_default =
            self.slots.iter().find(|known| known.id == slot).map_or(Tracking::Tracked, |slot| slot.tracking);
        let entry = |(index, device): (usize, &Device)| {
            let base = self.bases.iter().find(|base| base.slot == slot && base.device == device.id);
            if base.is_none() && index > 0 {
                return None;
            }
            Some(DeviceSync {
                device: device.id,
                device_name: device.details.name.clone(),
                last_synced_at: base.and_then(|base| base.last_synced_at).unwrap_or(save.version.updated_at),
                tracking: base.map_or(by_default, |base| base.tracking),
                is_current: base.is_some_and(|base| base.holds(save.version.id)),
            })
        };
        self.devices.iter().enumerate().filter_map(entry).collect()
    }
}
