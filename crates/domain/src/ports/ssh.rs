//! Devices that the server reaches over SSH, and the keys it shows them.

use super::{BoxFuture, StoreError};
use crate::device::Device;
use crate::ids::DeviceId;
use crate::sync::SyncSession;

/// Syncs with devices over SSH. A server whose administrator has not allowed SSH mode has none.
pub trait SshSync: Send + Sync {
    /// Carries out the session, which was begun for the device, and ends it. Returns at once.
    fn start(&self, session: SyncSession, device: Device);

    /// Makes a key pair for the device, durably, in place of an earlier one.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn make_key(&self, device: DeviceId) -> BoxFuture<'_, Result<SshPublicKey, StoreError>>;

    /// Removes the device's key pair. `false` if it has none.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn remove_key(&self, device: DeviceId) -> BoxFuture<'_, Result<bool, StoreError>>;
}

/// The half of a key pair that a device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshPublicKey {
    /// As a line of `authorized_keys`: type, key, comment.
    pub line: String,
    /// `SHA256:` and the key's digest in base64.
    pub fingerprint: String,
}
