//! A user's devices, as their owner keeps them. Another user's device is not found.

use thiserror::Error;

use super::{Device, DeviceDetails, DeviceNotFound, InvalidLength, MacAddress, SyncConfig, SyncMode};
use crate::account::{Caller, Forbidden, Scope};
use crate::ids::DeviceId;
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// What shall change of a device: `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DevicePatch {
    /// Display name.
    pub name: Option<Option<String>>,
    /// Platform.
    pub platform: Option<Option<String>>,
    /// The client's name.
    pub client: Option<Option<String>>,
    /// The client's version.
    pub client_version: Option<Option<String>>,
    /// Network address.
    pub ip_address: Option<Option<String>>,
    /// Hardware address.
    pub mac_address: Option<Option<MacAddress>>,
    /// Host name.
    pub hostname: Option<Option<String>>,
    /// How it syncs.
    pub sync_mode: Option<SyncMode>,
    /// Settings of the folder and SSH modes; a masked secret keeps the stored one.
    pub sync_config: Option<Option<SyncConfig>>,
    /// Whether negotiation and folder and SSH runs are on.
    pub sync_enabled: Option<bool>,
}

/// Why a device could not be read, changed or deleted.
#[derive(Debug, Error)]
pub enum DeviceError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The user has no such device.
    #[error(transparent)]
    NotFound(#[from] DeviceNotFound),
    /// A text is too long.
    #[error(transparent)]
    Invalid(#[from] InvalidLength),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The caller's devices, the one seen last first. Needs `devices.read`.
///
/// # Errors
/// See [`DeviceError`].
pub fn list(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<Device>, DeviceError> {
    caller.require(Scope::DevicesRead)?;
    Ok(tx.devices().list(caller.user.id)?)
}

/// The caller's device of that id. Needs `devices.read`.
///
/// # Errors
/// See [`DeviceError`].
pub fn find(tx: &mut dyn Transaction, caller: &Caller, id: DeviceId) -> Result<Device, DeviceError> {
    caller.require(Scope::DevicesRead)?;
    Ok(tx.devices().find(caller.user.id, id)?.ok_or(DeviceNotFound(id))?)
}

/// Changes the members that are present. Needs `devices.write`.
///
/// # Errors
/// See [`DeviceError`].
pub fn edit(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    id: DeviceId,
    patch: DevicePatch,
) -> Result<Device, DeviceError> {
    caller.require(Scope::DevicesWrite)?;
    let before = tx.devices().lock(caller.user.id, id)?.ok_or(DeviceNotFound(id))?;
    let after = patch.apply(before, now);
    after.details.check()?;
    tx.devices().update(&after)?;
    Ok(after)
}

/// Deletes a device with its bases, sessions and tokens; saves, forks and play sessions stay. Needs `devices.write`.
///
/// # Errors
/// See [`DeviceError`].
pub fn delete(tx: &mut dyn Transaction, caller: &Caller, id: DeviceId) -> Result<(), DeviceError> {
    caller.require(Scope::DevicesWrite)?;
    tx.users().lock(caller.user.id)?;
    tx.devices().lock(caller.user.id, id)?.ok_or(DeviceNotFound(id))?;
    if tx.devices().delete(id)? { Ok(()) } else { Err(DeviceNotFound(id).into()) }
}

impl DevicePatch {
    fn apply(self, device: Device, now: Timestamp) -> Device {
        let before = device.details;
        let sync_config = match self.sync_config {
            None => before.sync_config,
            Some(config) => config.map(|config| config.unmasked_from(before.sync_config.as_ref())),
        };
        let sync_mode = self.sync_mode.unwrap_or(before.sync_mode);
        let details = DeviceDetails {
            name: self.name.unwrap_or(before.name),
            platform: self.platform.unwrap_or(before.platform),
            client: self.client.unwrap_or(before.client),
            client_version: self.client_version.unwrap_or(before.client_version),
            ip_address: self.ip_address.unwrap_or(before.ip_address),
            mac_address: self.mac_address.unwrap_or(before.mac_address),
            hostname: self.hostname.unwrap_or(before.hostname),
            sync_mode,
            sync_config: sync_config.map(|config| config.completed_for(sync_mode)),
        };
        let sync_enabled = self.sync_enabled.unwrap_or(device.sync_enabled);
        Device { details, sync_enabled, updated_at: now, ..device }
    }
}
