//! Things that play.

use memcard_domain::device::{BrowserKey, Device, DeviceDetails, MacAddress, SyncConfig, SyncMode};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use super::at;

/// A UUIDv4 that is always the same for one text.
pub fn uuid_of(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// A device with nothing but its name, first and last seen when the story begins. Its id follows from the name, so
/// that two devices of one story need two names.
pub fn a_device(user: UserId, name: &str) -> DeviceBuilder {
    let id = DeviceId(uuid_of(&format!("device {name} of user {user}")));
    let details = DeviceDetails { name: Some(name.to_owned()), ..DeviceDetails::default() };
    DeviceBuilder(Device::new(id, user, details, at(0)))
}

/// See [`a_device`].
#[derive(Debug, Clone)]
#[must_use]
pub struct DeviceBuilder(Device);

impl DeviceBuilder {
    /// With another id.
    pub fn with_id(mut self, id: DeviceId) -> Self {
        self.0.id = id;
        self
    }

    /// Paired under that identifier.
    pub fn identified_by(mut self, identifier: &str) -> Self {
        self.0.client_device_identifier = Some(identifier.to_owned());
        self
    }

    /// That is a browser.
    pub fn browsing_as(mut self, key: &str) -> Self {
        self.0.browser = Some(BrowserKey::from_store(key.to_owned()));
        self
    }

    /// With a client.
    pub fn running(mut self, client: &str) -> Self {
        self.0.details.client = Some(client.to_owned());
        self
    }

    /// On a platform.
    pub fn on_platform(mut self, platform: &str) -> Self {
        self.0.details.platform = Some(platform.to_owned());
        self
    }

    /// With a hardware address.
    pub fn with_mac(mut self, address: &str) -> Self {
        self.0.details.mac_address = MacAddress::new(address);
        self
    }

    /// With a host name.
    pub fn with_hostname(mut self, name: &str) -> Self {
        self.0.details.hostname = Some(name.to_owned());
        self
    }

    /// With a network address.
    pub fn with_address(mut self, address: &str) -> Self {
        self.0.details.ip_address = Some(address.to_owned());
        self
    }

    /// That syncs another way.
    pub fn syncing_by(mut self, mode: SyncMode) -> Self {
        self.0.details.sync_mode = mode;
        self
    }

    /// With settings.
    pub fn with_config(mut self, config: SyncConfig) -> Self {
        self.0.details.sync_config = Some(config);
        self
    }

    /// Seen last at another time.
    pub fn seen(mut self, at: Timestamp) -> Self {
        self.0.last_seen = at;
        self
    }

    /// The device to be inserted.
    pub fn build(self) -> Device {
        self.0
    }

    /// Inserts the device.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<Device, StoreError> {
        tx.devices().insert(&self.0)?;
        Ok(self.0)
    }
}
