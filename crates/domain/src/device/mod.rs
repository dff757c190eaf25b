//! Devices: something that plays, belongs to one user, and is found again by its fingerprint.

mod browser;
mod client;
mod evidence;
mod fingerprint;
mod keeping;
mod length;
mod registration;
mod sync_config;

use thiserror::Error;

use crate::ids::{DeviceId, UserId};
use crate::time::Timestamp;

pub(crate) use browser::find_or_add_browser;
pub use browser::{Browser, BrowserKey};
pub use client::{CONTRADICTIONS_TO_DISTRUST, HashHabit, KnownClient, known_client};
pub(crate) use evidence::weaken_bases;
pub use fingerprint::{Fingerprint, MacAddress};
pub use keeping::{DeviceError, DevicePatch, delete, edit, find, list};
pub use length::InvalidLength;
pub(crate) use length::check_length;
pub(crate) use registration::platform_of;
pub use registration::{Existing, RegisterError, Registered, Registration, Syncs, register};
pub use sync_config::{InvalidSyncConfig, MASK, SyncConfig};

/// Something that plays.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// What is known of it.
    pub details: DeviceDetails,
    /// The identifier it gave when it was paired; unique per user.
    pub client_device_identifier: Option<String>,
    /// What it is recognised by if it is a browser that logged in; unique per user.
    pub browser: Option<BrowserKey>,
    /// Whether negotiation and folder and SSH runs are on.
    pub sync_enabled: bool,
    /// How often its uploads contradicted the hash that it had named before (see [`HashHabit`]).
    pub hash_contradictions: u32,
    /// When it last called.
    pub last_seen: Timestamp,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When its details last changed.
    pub updated_at: Timestamp,
}

impl Device {
    /// A device that is seen for the first time: neither paired nor a browser.
    pub const fn new(id: DeviceId, user: UserId, details: DeviceDetails, now: Timestamp) -> Self {
        Self {
            id,
            user,
            details,
            client_device_identifier: None,
            browser: None,
            sync_enabled: true,
            hash_contradictions: 0,
            last_seen: now,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the hashes that this device names are those of its files.
    pub fn hash_habit(&self) -> HashHabit {
        if self.hash_contradictions >= CONTRADICTIONS_TO_DISTRUST {
            return HashHabit::NamesAdopted;
        }
        self.details
            .client
            .as_deref()
            .and_then(known_client)
            .map_or(HashHabit::HashesFile, |client| client.hashes)
    }
}

/// What a device says of itself; all of it optional.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceDetails {
    /// Display name, at most 255 characters.
    pub name: Option<String>,
    /// `Android`, `muOS`, …, at most 50 characters.
    pub platform: Option<String>,
    /// The client's name, at most 50 characters.
    pub client: Option<String>,
    /// The client's version, at most 50 characters.
    pub client_version: Option<String>,
    /// Network address, at most 45 characters.
    pub ip_address: Option<String>,
    /// Hardware address, as sent.
    pub mac_address: Option<MacAddress>,
    /// Host name, at most 255 characters.
    pub hostname: Option<String>,
    /// How it syncs.
    pub sync_mode: SyncMode,
    /// Settings of the folder and SSH modes.
    pub sync_config: Option<SyncConfig>,
}

/// How a device syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SyncMode {
    /// The device's client negotiates.
    #[default]
    Api,
    /// A folder that something else carries to and fro.
    FileTransfer,
    /// The server fetches and brings over SSH.
    PushPull,
}

impl SyncMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Api, Self::FileTransfer, Self::PushPull];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::FileTransfer => "file_transfer",
            Self::PushPull => "push_pull",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// The user has no such device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Device with ID {0} not found")]
pub struct DeviceNotFound(pub DeviceId);
