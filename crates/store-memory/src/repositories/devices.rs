//! Devices. An identifier is unique per user, among devices and among reservations; so is a browser among devices.

use std::cmp::Reverse;

use memcard_domain::account::LoginKind;
use memcard_domain::device::{BrowserKey, Device, DeviceDetails, Fingerprint};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::DeviceRepository;
use memcard_domain::time::Timestamp;

use super::constraints::unique;
use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl DeviceRepository for MemoryTransaction {
    fn insert(&mut self, device: &Device) -> Stored<()> {
        let tables = self.writable()?;
        tables.refers_to_user(device.user)?;
        unique("device", tables.devices.contains_key(&device.id))?;
        tables.allows_identity(device)?;
        tables.devices.insert(device.id, device.clone());
        Ok(())
    }

    fn find(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>> {
        Ok(self.tables.devices.get(&id).filter(|device| device.user == user).cloned())
    }

    /// Transactions that may write follow one another anyway.
    fn lock(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>> {
        DeviceRepository::find(self, user, id)
    }

    fn list(&mut self, user: UserId) -> Stored<Vec<Device>> {
        Ok(self.tables.devices_of(user, |_| true))
    }

    fn candidates(&mut self, user: UserId, fingerprint: &Fingerprint) -> Stored<Vec<Device>> {
        Ok(self.tables.devices_of(user, |device| matches_any_part(fingerprint, &device.details)))
    }

    fn find_by_identifier(&mut self, user: UserId, identifier: &str) -> Stored<Option<Device>> {
        Ok(self.tables.device_identified(user, identifier).cloned())
    }

    fn find_by_browser(&mut self, user: UserId, browser: &BrowserKey) -> Stored<Option<Device>> {
        Ok(self.tables.device_browsing(user, browser).cloned())
    }

    fn reserve_id(&mut self, user: UserId, identifier: &str, candidate: DeviceId) -> Stored<DeviceId> {
        let tables = self.writable()?;
        tables.refers_to_user(user)?;
        Ok(*tables.reservations.entry((user, identifier.to_owned())).or_insert(candidate))
    }

    fn update(&mut self, device: &Device) -> Stored<bool> {
        let tables = self.writable()?;
        let Some(stored) = tables.devices.get(&device.id) else { return Ok(false) };
        let device = Device { user: stored.user, created_at: stored.created_at, ..device.clone() };
        tables.allows_identity(&device)?;
        tables.devices.insert(device.id, device);
        Ok(true)
    }

    fn touch(&mut self, id: DeviceId, seen_at: Timestamp) -> Stored<()> {
        if let Some(device) = self.writable()?.devices.get_mut(&id) {
            device.last_seen = seen_at;
        }
        Ok(())
    }

    fn delete(&mut self, id: DeviceId) -> Stored<bool> {
        Ok(self.writable()?.remove_device(id))
    }
}

impl Tables {
    /// Removes the device with what is known of it; what it brought stays without it. `false` if there is none.
    pub(super) fn remove_device(&mut self, id: DeviceId) -> bool {
        if self.devices.remove(&id).is_none() {
            return false;
        }
        self.tokens.retain(|_, token| token.device != Some(id));
        self.reservations.retain(|_, reserved| *reserved != id);
        self.bases.retain(|(device, _), _| *device != id);
        self.served.retain(|(device, _), _| *device != id);
        self.remove_sessions_of_device(id);
        for login in self.logins.values_mut() {
            if let LoginKind::Browser { device } = &mut login.kind {
                device.take_if(|device| *device == id);
            }
        }
        for version in self.versions.values_mut() {
            version.origin.take_if(|origin| *origin == id);
        }
        for play in self.plays.values_mut() {
            play.played.device.take_if(|device| *device == id);
        }
        true
    }

    fn remove_sessions_of_device(&mut self, device: DeviceId) {
        let Self { sessions, named_files, plays, .. } = self;
        sessions.retain(|_, session| session.device != device);
        named_files.retain(|(session, _), _| sessions.contains_key(session));
        for play in plays.values_mut() {
            play.played.sync_session.take_if(|session| !sessions.contains_key(session));
        }
    }

    fn device_identified(&self, user: UserId, identifier: &str) -> Option<&Device> {
        self.devices.values().find(|device| {
            device.user == user && device.client_device_identifier.as_deref() == Some(identifier)
        })
    }

    fn device_browsing(&self, user: UserId, browser: &BrowserKey) -> Option<&Device> {
        self.devices.values().find(|device| device.user == user && device.browser.as_ref() == Some(browser))
    }

    fn allows_identity(&self, device: &Device) -> Stored<()> {
        let is_another = |same: Option<&Device>| same.is_some_and(|same| same.id != device.id);
        let identifier = device.client_device_identifier.as_deref();
        let identified = identifier.and_then(|identifier| self.device_identified(device.user, identifier));
        unique("device identifier", is_another(identified))?;
        let browser = device.browser.as_ref();
        unique("browser", is_another(browser.and_then(|browser| self.device_browsing(device.user, browser))))
    }

    fn devices_of(&self, user: UserId, is_meant: impl Fn(&Device) -> bool) -> Vec<Device> {
        let own = self.devices.values().filter(|device| device.user == user);
        let mut devices: Vec<Device> = own.filter(|device| is_meant(device)).cloned().collect();
        devices.sort_by_key(|device| Reverse((device.last_seen, device.created_at, device.id)));
        devices
    }
}

fn matches_any_part(fingerprint: &Fingerprint, known: &DeviceDetails) -> bool {
    let on_platform = |part: &Option<(String, Option<String>)>, of_device: &Option<String>| {
        part.as_ref()
            .is_some_and(|(name, platform)| of_device.as_ref() == Some(name) && known.platform == *platform)
    };
    let by_mac = fingerprint.mac.is_some() && fingerprint.mac == known.mac_address;
    by_mac
        || on_platform(&fingerprint.host, &known.hostname)
        || on_platform(&fingerprint.address, &known.ip_address)
}
