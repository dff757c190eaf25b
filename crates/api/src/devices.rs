//! Devices (contract § 3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::DateTime;
use crate::names::SyncMode;
use crate::nullable::present;

/// `POST /api/devices`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(examples(json!({
    "name": "Handheld",
    "platform": "muOS",
    "client": "grout",
    "client_version": "2.4.0",
    "hostname": "handheld",
    "mac_address": "00:00:5e:00:53:01",
})))]
pub struct NewDevice {
    /// Display name, at most 255 characters.
    #[schema(max_length = 255)]
    pub name: Option<String>,
    /// At most 50 characters.
    #[schema(max_length = 50)]
    pub platform: Option<String>,
    /// The client's name, at most 50 characters.
    #[schema(max_length = 50)]
    pub client: Option<String>,
    /// At most 50 characters.
    #[schema(max_length = 50)]
    pub client_version: Option<String>,
    /// At most 45 characters.
    #[schema(max_length = 45)]
    pub ip_address: Option<String>,
    /// At most 17 characters.
    #[schema(max_length = 17)]
    pub mac_address: Option<String>,
    /// At most 255 characters.
    #[schema(max_length = 255)]
    pub hostname: Option<String>,
    /// `api` (default), `file_transfer` or `push_pull`.
    #[schema(value_type = Option<SyncMode>)]
    pub sync_mode: Option<String>,
    /// Settings of the folder and SSH modes.
    #[schema(value_type = Option<Object>)]
    pub sync_config: Option<Value>,
    /// Whether a known device with this fingerprint is answered (default) or refused.
    pub allow_existing: Option<bool>,
    /// Whether to make a second device with the same fingerprint (default false).
    pub allow_duplicate: Option<bool>,
    /// Whether to forget what a known device holds (default false).
    pub reset_syncs: Option<bool>,
}

/// A registered device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RegisteredDevice {
    /// Its id.
    pub device_id: Uuid,
    /// Its display name.
    pub name: Option<String>,
    /// When it was first seen.
    pub created_at: DateTime,
}

/// `PUT /api/devices/{id}`: members left out stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(examples(json!({ "name": "Handheld in the living room", "sync_enabled": true })))]
pub struct DevicePatch {
    /// Display name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub name: Option<Option<String>>,
    /// Platform.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50)]
    pub platform: Option<Option<String>>,
    /// The client's name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50)]
    pub client: Option<Option<String>>,
    /// The client's version.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50)]
    pub client_version: Option<Option<String>>,
    /// Network address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 45)]
    pub ip_address: Option<Option<String>>,
    /// Hardware address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 17)]
    pub mac_address: Option<Option<String>>,
    /// Host name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub hostname: Option<Option<String>>,
    /// Settings of the folder and SSH modes.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    pub sync_config: Option<Option<Value>>,
    /// How it syncs; cannot be cleared.
    #[schema(value_type = Option<SyncMode>)]
    pub sync_mode: Option<String>,
    /// Whether it syncs; cannot be cleared.
    pub sync_enabled: Option<bool>,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// Id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: i32,
    /// Display name.
    pub name: Option<String>,
    /// Platform.
    pub platform: Option<String>,
    /// The client's name.
    pub client: Option<String>,
    /// The client's version.
    pub client_version: Option<String>,
    /// Network address.
    pub ip_address: Option<String>,
    /// Hardware address, as it was sent.
    pub mac_address: Option<String>,
    /// Host name.
    pub hostname: Option<String>,
    /// The identifier it was paired by.
    pub client_device_identifier: Option<String>,
    /// `api`, `file_transfer` or `push_pull`.
    #[schema(value_type = SyncMode)]
    pub sync_mode: String,
    /// Whether it syncs.
    pub sync_enabled: bool,
    /// Settings of the folder and SSH modes; secrets read as `********`.
    pub sync_config: Option<Map<String, Value>>,
    /// When it last called.
    pub last_seen: DateTime,
    /// When it was first seen.
    pub created_at: DateTime,
    /// When its details last changed.
    pub updated_at: DateTime,
}

/// The answer to a refused registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeviceExists {
    /// Which device it is.
    pub detail: ExistingDevice,
}

/// The `detail` of a refused registration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExistingDevice {
    /// `device_exists`.
    pub error: String,
    /// The same for people.
    pub message: String,
    /// The known device.
    pub device_id: Uuid,
}
