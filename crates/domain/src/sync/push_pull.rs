//! Syncs that the server begins: over SSH, with a device in `push_pull` mode (contract § 5).

use thiserror::Error;

use super::{NewSession, SyncSession, sessions};
use crate::account::{Caller, Forbidden, Scope};
use crate::device::{Device, DeviceNotFound, SyncConfig, SyncMode};
use crate::event::{self, Happened};
use crate::ids::{DeviceId, UserId};
use crate::ports::{Ports, SshPublicKey, StoreError, Transaction, UnitOfWorkExt as _};
use crate::time::Timestamp;

/// Why a session failed that has nowhere to connect to.
pub const MISSING_SETTINGS: &str = "missing settings";

/// The administrator has not allowed SSH mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("SSH sync is disabled on this server")]
pub struct SshDisabled;

/// Why no sync was started.
#[derive(Debug, Error)]
pub enum PushPullError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The device syncs another way.
    #[error("Device is not in push_pull sync mode")]
    OtherMode,
    /// The user switched sync off for the device.
    #[error("Sync is disabled for this device")]
    SyncDisabled,
    /// The administrator has not allowed SSH mode.
    #[error(transparent)]
    SshDisabled(#[from] SshDisabled),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a device has no new key, or keeps its key.
#[derive(Debug, Error)]
pub enum SshKeyError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The device has no key that could be removed.
    #[error("No SSH key found for this device")]
    NoKey,
    /// The administrator has not allowed SSH mode.
    #[error(transparent)]
    SshDisabled(#[from] SshDisabled),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts a sync with a device now. The session that is answered runs, unless the device's settings do not say where to
/// connect to: then it has failed. The device's running sessions are cancelled. Needs `devices.write`.
///
/// # Errors
/// See [`PushPullError`].
pub async fn push_pull(ports: &Ports, caller: &Caller, id: DeviceId) -> Result<SyncSession, PushPullError> {
    caller.require(Scope::DevicesWrite)?;
    let (now, user) = (ports.clock.now(), caller.user.id);
    let allowed = ports.ssh.clone();
    let begin = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let device = require_push_pull(tx, user, id)?;
        let ssh = allowed.ok_or(SshDisabled)?;
        let session = begin_session(tx, now, &device)?;
        happened.began(&session, SyncMode::PushPull);
        if session.status.is_terminal() {
            happened.ended(&session);
        }
        Ok::<_, PushPullError>((ssh, session, device))
    };
    let (ssh, session, device) = event::transact(ports, begin).await?;
    if !session.status.is_terminal() {
        ssh.start(session.clone(), device);
    }
    Ok(session)
}

/// Makes a key pair for a device in place of an earlier one, and tells its public half. Needs `devices.write`.
///
/// # Errors
/// See [`SshKeyError`].
pub async fn make_ssh_key(ports: &Ports, caller: &Caller, id: DeviceId) -> Result<SshPublicKey, SshKeyError> {
    require_own(ports, caller, id).await?;
    Ok(ports.ssh.as_ref().ok_or(SshDisabled)?.make_key(id).await?)
}

/// Removes a device's key pair. Without SSH mode there is none. Needs `devices.write`.
///
/// # Errors
/// See [`SshKeyError`].
pub async fn remove_ssh_key(ports: &Ports, caller: &Caller, id: DeviceId) -> Result<(), SshKeyError> {
    require_own(ports, caller, id).await?;
    let removed = match &ports.ssh {
        Some(ssh) => ssh.remove_key(id).await?,
        None => false,
    };
    if removed { Ok(()) } else { Err(SshKeyError::NoKey) }
}

fn require_push_pull(tx: &mut dyn Transaction, user: UserId, id: DeviceId) -> Result<Device, PushPullError> {
    let device = tx.devices().lock(user, id)?.ok_or(DeviceNotFound(id))?;
    if device.details.sync_mode != SyncMode::PushPull {
        Err(PushPullError::OtherMode)
    } else if !device.sync_enabled {
        Err(PushPullError::SyncDisabled)
    } else {
        Ok(device)
    }
}

fn begin_session(
    tx: &mut dyn Transaction,
    now: Timestamp,
    device: &Device,
) -> Result<SyncSession, StoreError> {
    sessions::cancel_active(tx, now, device.id)?;
    // What is planned is known once the device was asked.
    let begun = tx.sessions().insert(&NewSession {
        user: device.user,
        device: device.id,
        operations_planned: 0,
        initiated_at: now,
    })?;
    let config = device.details.sync_config.as_ref();
    if config.is_some_and(SyncConfig::names_host) {
        return Ok(begun);
    }
    // What was begun just now has not ended.
    let Ok(failed) = begun.clone().fail(MISSING_SETTINGS.to_owned(), now) else { return Ok(begun) };
    tx.sessions().update(begun.status, &failed)?;
    Ok(failed)
}

async fn require_own(ports: &Ports, caller: &Caller, id: DeviceId) -> Result<(), SshKeyError> {
    caller.require(Scope::DevicesWrite)?;
    let user = caller.user.id;
    let device = ports.store.read(move |tx| tx.devices().find(user, id)).await?;
    device.map(drop).ok_or(DeviceNotFound(id).into())
}
