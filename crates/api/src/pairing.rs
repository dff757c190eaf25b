//! Pairing: device authorization (contract § 2).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::DateTime;
use crate::names::{Expiry, Scope};

/// `POST /api/auth/device/init`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(examples(json!({
    "client_device_identifier": "4f1c9b1e-handheld",
    "name": "Handheld",
    "client": "grout",
    "platform": "muOS",
    "client_version": "2.4.0",
    "requested_scopes": ["assets.read", "assets.write", "devices.read", "devices.write", "platforms.read", "roms.read"],
})))]
pub struct PairingRequest {
    /// By which the same device is found again, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255)]
    pub client_device_identifier: String,
    /// Display name, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// The client's name, 1 to 50 characters.
    #[schema(min_length = 1, max_length = 50)]
    pub client: String,
    /// At most 50 characters.
    #[schema(max_length = 50)]
    pub platform: Option<String>,
    /// At most 50 characters.
    #[schema(max_length = 50)]
    pub client_version: Option<String>,
    /// What it wants to do: 1 to 22 scopes.
    #[schema(value_type = Vec<Scope>, min_items = 1)]
    pub requested_scopes: Vec<String>,
}

/// The two codes of a new pairing.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct BegunPairing {
    /// What the device polls with, 64 hexadecimal digits.
    pub device_code: String,
    /// What a person types, 8 symbols.
    pub user_code: String,
    /// Where they type it, relative to the origin that the device uses.
    pub verification_path: String,
    /// The same with the code filled in.
    pub verification_path_complete: String,
    /// The same as an address, where the server knows its public one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_url: Option<String>,
    /// The same as an address with the code filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_url_complete: Option<String>,
    /// Seconds until the codes end.
    pub expires_in: i64,
    /// Seconds to wait between polls.
    pub interval: i64,
}

/// `GET /api/auth/device/pending/{user_code}`: what a device asks for, in its own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PendingPairing {
    /// By which the same device is found again.
    pub client_device_identifier: String,
    /// Display name.
    pub name: String,
    /// The client's name.
    pub client: String,
    /// Platform.
    pub platform: Option<String>,
    /// The client's version.
    pub client_version: Option<String>,
    /// What it wants to do, sorted.
    #[schema(value_type = Vec<Scope>)]
    pub requested_scopes: Vec<String>,
    /// What of it the caller may grant, sorted.
    #[schema(value_type = Vec<Scope>)]
    pub allowed_scopes: Vec<String>,
    /// When the pairing ends.
    pub expires_at: DateTime,
}

/// `POST /api/auth/device/approve`.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({
    "user_code": "KTRX-7MPQ",
    "approved_scopes": ["assets.read", "assets.write", "roms.read"],
    "device_name": "Handheld",
    "expires_in": "1y",
})))]
pub struct PairingApproval {
    /// The code as it was typed, at most 32 characters.
    #[schema(min_length = 1, max_length = 32)]
    pub user_code: String,
    /// What to grant, at least one scope.
    #[schema(value_type = Vec<Scope>, min_items = 1)]
    pub approved_scopes: Vec<String>,
    /// What to call the device, at most 255 characters; left out or blank, as it asked.
    #[schema(max_length = 255)]
    pub device_name: Option<String>,
    /// `30d`, `90d`, `1y` or `never`; left out, never.
    #[schema(value_type = Option<Expiry>)]
    pub expires_in: Option<String>,
}

/// An approved pairing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApprovedPairing {
    /// The id the device will have.
    pub device_id: Uuid,
    /// What it will be called.
    pub device_name: String,
}

/// `POST /api/auth/device/deny`.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({ "user_code": "KTRX-7MPQ" })))]
pub struct PairingDenial {
    /// The code as it was typed, at most 32 characters.
    #[schema(min_length = 1, max_length = 32)]
    pub user_code: String,
}

/// `POST /api/auth/device/token`.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({ "device_code": "9c1185a5c5e9fc54612808977ee8f548b2258d31fae8d0a1b0a3f6e7c2d4b596" })))]
pub struct PairingPoll {
    /// From the beginning, at most 128 characters.
    #[schema(min_length = 1, max_length = 128)]
    pub device_code: String,
}

/// A paired device's token: answered once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PairedDevice {
    /// `rmm_` and 64 hexadecimal digits.
    pub access_token: String,
    /// The device's id.
    pub device_id: Uuid,
    /// What was granted, sorted.
    #[schema(value_type = Vec<Scope>)]
    pub scopes: Vec<String>,
    /// When the token ends; null is never.
    pub expires_at: Option<DateTime>,
}
