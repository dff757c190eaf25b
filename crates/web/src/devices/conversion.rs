//! Devices between domain and wire.

use memcard_api::devices as api;
use memcard_domain::device::{
    Device, DeviceDetails, DevicePatch, Existing, InvalidSyncConfig, MacAddress, Registration, SyncConfig,
    SyncMode, Syncs,
};
use serde_json::Value;

use crate::error::{ApiError, invalid_member};

/// A device.
pub(super) fn device(device: &Device) -> api::Device {
    let details = device.details.clone();
    api::Device {
        id: device.id.0,
        user_id: device.user.0,
        name: details.name,
        platform: details.platform,
        client: details.client,
        client_version: details.client_version,
        ip_address: details.ip_address,
        mac_address: details.mac_address.map(|mac| mac.as_str().to_owned()),
        hostname: details.hostname,
        client_device_identifier: device.client_device_identifier.clone(),
        sync_mode: details.sync_mode.name().to_owned(),
        sync_enabled: device.sync_enabled,
        sync_config: details.sync_config.map(|config| config.masked()),
        last_seen: device.last_seen.into(),
        created_at: device.created_at.into(),
        updated_at: device.updated_at.into(),
    }
}

/// What a registration answers.
pub(super) fn registered(device: &Device) -> api::RegisteredDevice {
    api::RegisteredDevice {
        device_id: device.id.0,
        name: device.details.name.clone(),
        created_at: device.created_at.into(),
    }
}

/// Reads a registration.
///
/// # Errors
/// 422.
pub(super) fn read_registration(body: api::NewDevice) -> Result<Registration, ApiError> {
    let existing = existing(&body);
    let details = DeviceDetails {
        name: body.name,
        platform: body.platform,
        client: body.client,
        client_version: body.client_version,
        ip_address: body.ip_address,
        mac_address: body.mac_address.as_deref().and_then(MacAddress::new),
        hostname: body.hostname,
        sync_mode: body.sync_mode.as_deref().map_or(Ok(SyncMode::default()), read_sync_mode)?,
        sync_config: body.sync_config.map(read_sync_config).transpose()?,
    };
    Ok(Registration { details, existing })
}

/// Reads what shall change of a device.
///
/// # Errors
/// 422.
pub(super) fn read_patch(body: api::DevicePatch) -> Result<DevicePatch, ApiError> {
    Ok(DevicePatch {
        name: body.name,
        platform: body.platform,
        client: body.client,
        client_version: body.client_version,
        ip_address: body.ip_address,
        mac_address: body.mac_address.map(|mac| mac.as_deref().and_then(MacAddress::new)),
        hostname: body.hostname,
        sync_mode: body.sync_mode.as_deref().map(read_sync_mode).transpose()?,
        sync_config: body.sync_config.map(|config| config.map(read_sync_config).transpose()).transpose()?,
        sync_enabled: body.sync_enabled,
    })
}

/// Duplicates are not looked for, so there is none to be answered or refused.
fn existing(body: &api::NewDevice) -> Existing {
    let syncs = if body.reset_syncs.unwrap_or(false) { Syncs::Reset } else { Syncs::Keep };
    match (body.allow_duplicate.unwrap_or(false), body.allow_existing.unwrap_or(true)) {
        (true, _) => Existing::Duplicate,
        (false, true) => Existing::Allow { syncs },
        (false, false) => Existing::Refuse,
    }
}

fn read_sync_mode(name: &str) -> Result<SyncMode, ApiError> {
    SyncMode::from_name(name)
        .ok_or_else(|| invalid_member("sync_mode", "expected api, file_transfer or push_pull"))
}

fn read_sync_config(value: Value) -> Result<SyncConfig, ApiError> {
    SyncConfig::from_client(value).map_err(|error: InvalidSyncConfig| invalid_member("sync_config", error))
}
