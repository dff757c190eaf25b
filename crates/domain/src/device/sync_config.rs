//! Settings of the folder and SSH modes: any JSON object, its secrets masked when read back.

use serde_json::{Map, Value};
use thiserror::Error;

use super::SyncMode;

/// What a secret reads back as; written back, it keeps the stored value.
pub const MASK: &str = "********";

const SECRET_MEMBERS: [&str; 3] = ["ssh_password", "ssh_private_key", "ssh_key_passphrase"];
const MAX_BYTES: usize = 64 * 1024;

/// A device's sync settings. `Debug` and [`masked`](SyncConfig::masked) show no secret.
#[derive(Clone, PartialEq)]
pub struct SyncConfig(Map<String, Value>);

/// Why settings were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidSyncConfig {
    /// Not a JSON object.
    #[error("sync_config must be a JSON object")]
    NotAnObject,
    /// Larger than 64 KiB.
    #[error("sync_config must not exceed 64 KiB")]
    TooLarge,
    /// A client may not name a key file of the server's.
    #[error("ssh_key_path cannot be set by a client")]
    KeyPath,
}

impl SyncConfig {
    /// Takes settings from a client.
    ///
    /// # Errors
    /// See [`InvalidSyncConfig`].
    pub fn from_client(value: Value) -> Result<Self, InvalidSyncConfig> {
        let Value::Object(members) = value else { return Err(InvalidSyncConfig::NotAnObject) };
        if members.get("ssh_key_path").is_some_and(|path| !path.is_null()) {
            return Err(InvalidSyncConfig::KeyPath);
        }
        if Value::Object(members.clone()).to_string().len() > MAX_BYTES {
            return Err(InvalidSyncConfig::TooLarge);
        }
        Ok(Self(members))
    }

    /// Takes settings that were stored.
    pub fn from_store(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Everything, secrets included: for the store alone.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether they say which host to connect to.
    pub fn names_host(&self) -> bool {
        self.0.get("ssh_host").and_then(Value::as_str).is_some_and(|host| !host.trim().is_empty())
    }

    /// What a client reads: secrets as [`MASK`].
    pub fn masked(&self) -> Map<String, Value> {
        let mut members = self.0.clone();
        for name in SECRET_MEMBERS {
            if let Some(secret) = members.get_mut(name).filter(|secret| !secret.is_null()) {
                *secret = MASK.into();
            }
        }
        members
    }

    /// These settings with the port and the user that a sync over SSH takes where they name none: in a device that syncs
    /// so, and wherever they are about SSH, so that clients show what will be used.
    #[must_use]
    pub(super) fn completed_for(mut self, mode: SyncMode) -> Self {
        if mode == SyncMode::PushPull || self.0.keys().any(|name| name.starts_with("ssh_")) {
            for (name, usual) in [("ssh_port", Value::from(22)), ("ssh_username", "root".into())] {
                if self.0.get(name).is_none_or(Value::is_null) {
                    self.0.insert(name.to_owned(), usual);
                }
            }
        }
        self
    }

    /// These settings where a masked secret stands for the stored one.
    #[must_use]
    pub fn unmasked_from(mut self, stored: Option<&Self>) -> Self {
        for name in SECRET_MEMBERS {
            if self.0.get(name).is_some_and(|secret| secret == MASK) {
                match stored.and_then(|stored| stored.0.get(name)) {
                    Some(secret) => self.0.insert(name.to_owned(), secret.clone()),
                    None => self.0.remove(name),
                };
            }
        }
        self
    }
}

impl std::fmt::Debug for SyncConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SyncConfig").field(&self.masked()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_read_back_masked_and_a_mask_written_back_keeps_them() {
        let stored =
            SyncConfig::from_client(json!({"ssh_host": "a", "ssh_password": "hunter2", "x": 1})).unwrap();
        assert_eq!(stored.masked()["ssh_password"], MASK);
        assert!(!format!("{stored:?}").contains("hunter2"));
        let again =
            SyncConfig::from_client(Value::Object(stored.masked())).unwrap().unmasked_from(Some(&stored));
        assert_eq!(again, stored);
    }

    #[test]
    fn port_and_user_are_completed_where_ssh_is_meant_and_they_are_not_named() {
        let usual = json!({"ssh_port": 22, "ssh_username": "root"});
        for (mode, settings, completed) in [
            (SyncMode::Api, json!({"x": 1}), json!({"x": 1})),
            (SyncMode::PushPull, json!({}), usual.clone()),
            (SyncMode::Api, json!({"ssh_port": null}), usual),
            (
                SyncMode::FileTransfer,
                json!({"ssh_port": 2222}),
                json!({"ssh_port": 2222, "ssh_username": "root"}),
            ),
        ] {
            let config = SyncConfig::from_client(settings).unwrap().completed_for(mode);
            assert_eq!(Value::Object(config.members().clone()), completed);
        }
    }

    #[test]
    fn a_key_path_from_a_client_is_refused() {
        assert_eq!(
            SyncConfig::from_client(json!({"ssh_key_path": "/etc/x"})),
            Err(InvalidSyncConfig::KeyPath)
        );
        assert_eq!(SyncConfig::from_client(json!([1])), Err(InvalidSyncConfig::NotAnObject));
    }
}
