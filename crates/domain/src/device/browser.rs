//! Browsers: whoever logs in with one has it among their devices, as their "web" device for it (contract § 3).
//!
//! Invariant: one browser of a user is one device, whatever its owner calls it and however often it is updated.

use super::{Device, DeviceDetails, platform_of};
use crate::ids::{DeviceId, UserId};
use crate::limit::network;
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// The client that a browser is.
const CLIENT: &str = "web";

/// A browser, as its requests tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser {
    /// What it is called: `Firefox`.
    pub name: String,
    /// What it runs on, if it says so: `Linux`.
    pub system: Option<String>,
    /// Its major version, if it says so.
    pub major_version: Option<u32>,
    /// The network address that it calls from, at most 45 characters.
    pub address: String,
}

/// What a browser is recognised by: unique per user, and never changed by an edit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BrowserKey(String);

impl Browser {
    /// What people know it by: `Firefox on Linux`.
    pub fn label(&self) -> String {
        match &self.system {
            Some(system) => format!("{} on {system}", self.name),
            None => self.name.clone(),
        }
    }

    /// What it is recognised by: its label and its network, whose IPv6 addresses change by the day.
    pub fn key(&self) -> BrowserKey {
        BrowserKey(format!("{} at {}", self.label(), network(&self.address)))
    }

    fn version_text(&self) -> Option<String> {
        self.major_version.map(|version| version.to_string())
    }
}

impl BrowserKey {
    /// Takes a key that was stored.
    pub fn from_store(key: String) -> Self {
        Self(key)
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The user's device for this browser, seen now; made under the id `candidate` if there is none. The user's lock is
/// held, so that of several logins of one browser the second finds what the first made.
pub(crate) fn find_or_add_browser(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    browser: Browser,
    candidate: DeviceId,
) -> Result<DeviceId, StoreError> {
    let key = browser.key();
    let known = match tx.devices().find_by_browser(user, &key)? {
        Some(known) => tx.devices().lock(user, known.id)?,
        None => None,
    };
    match known {
        Some(known) => welcome_back(tx, now, known, browser),
        None => add(tx, now, user, browser, candidate),
    }
}

/// Only what the browser says anew changes: what its owner calls it stays.
fn welcome_back(
    tx: &mut dyn Transaction,
    now: Timestamp,
    known: Device,
    browser: Browser,
) -> Result<DeviceId, StoreError> {
    let details = DeviceDetails {
        client_version: browser.version_text(),
        ip_address: Some(browser.address),
        ..known.details.clone()
    };
    let updated_at = if details == known.details { known.updated_at } else { now };
    tx.devices().update(&Device { details, last_seen: now, updated_at, ..known })?;
    Ok(known.id)
}

fn add(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    browser: Browser,
    id: DeviceId,
) -> Result<DeviceId, StoreError> {
    let key = browser.key();
    let details = DeviceDetails {
        name: Some(browser.label()),
        platform: platform_of(Some(CLIENT)),
        client: Some(CLIENT.to_owned()),
        client_version: browser.version_text(),
        ip_address: Some(browser.address),
        ..DeviceDetails::default()
    };
    tx.devices().insert(&Device { browser: Some(key), ..Device::new(id, user, details, now) })?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firefox(address: &str) -> Browser {
        Browser {
            name: "Firefox".to_owned(),
            system: Some("Linux".to_owned()),
            major_version: Some(128),
            address: address.to_owned(),
        }
    }

    #[test]
    fn a_browser_is_called_after_itself_and_its_system() {
        assert_eq!(firefox("192.0.2.1").label(), "Firefox on Linux");
        assert_eq!(Browser { system: None, ..firefox("192.0.2.1") }.label(), "Firefox");
    }

    #[test]
    fn an_update_leaves_a_browser_the_same_and_another_network_does_not() {
        let updated = Browser { major_version: Some(129), ..firefox("192.0.2.1") };
        assert_eq!(updated.key(), firefox("192.0.2.1").key());
        assert_ne!(firefox("192.0.2.2").key(), firefox("192.0.2.1").key());
        assert_eq!(firefox("2001:db8::1").key(), firefox("2001:db8::2").key());
    }
}
