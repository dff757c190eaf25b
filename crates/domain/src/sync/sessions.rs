//! Use cases on sync sessions.

use thiserror::Error;

use super::{AlreadyEnded, ReportedOperations, SyncSession};
use crate::device::DeviceNotFound;
use crate::ids::{DeviceId, SessionId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// The user has no such session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Sync session with ID {0} not found")]
pub struct SessionNotFound(pub SessionId);

/// Why sessions could not be read.
#[derive(Debug, Error)]
pub enum SessionError {
    /// The session is unknown.
    #[error(transparent)]
    NotFound(#[from] SessionNotFound),
    /// The device is unknown.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a session could not be completed.
#[derive(Debug, Error)]
pub enum CompleteError {
    /// The session is unknown.
    #[error(transparent)]
    NotFound(#[from] SessionNotFound),
    /// It has ended already.
    #[error(transparent)]
    AlreadyEnded(#[from] AlreadyEnded),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The client is done. Where nothing failed, what it sent in this session as provisional evidence becomes strong.
///
/// # Errors
/// See [`CompleteError`].
pub fn complete(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SessionId,
    reported: ReportedOperations,
) -> Result<SyncSession, CompleteError> {
    let device = tx.sessions().find(user, id)?.ok_or(SessionNotFound(id))?.device;
    tx.devices().lock(user, device)?;
    let running = tx.sessions().find(user, id)?.ok_or(SessionNotFound(id))?;
    let expected = running.status;
    let completed = running.complete(reported, now)?;
    if !tx.sessions().update(expected, &completed)? {
        let winner = tx.sessions().find(user, id)?.ok_or(SessionNotFound(id))?;
        return Err(AlreadyEnded(winner.status).into());
    }
    if completed.operations_failed == 0 {
        confirm_bases(tx, device, id)?;
    }
    tx.devices().touch(device, now)?;
    Ok(completed)
}

fn confirm_bases(tx: &mut dyn Transaction, device: DeviceId, completed: SessionId) -> Result<(), StoreError> {
    let confirmed: Vec<_> = tx
        .bases()
        .of_device(device)?
        .into_iter()
        .filter_map(|base| {
            let mut confirmed = base.clone();
            confirmed.confirm(completed);
            (confirmed != base).then_some(confirmed)
        })
        .collect();
    tx.bases().put(&confirmed)
}

/// The user's session of that id.
///
/// # Errors
/// See [`SessionError`].
pub fn session(tx: &mut dyn Transaction, user: UserId, id: SessionId) -> Result<SyncSession, SessionError> {
    Ok(tx.sessions().find(user, id)?.ok_or(SessionNotFound(id))?)
}

/// The user's sessions, newest first; of one device if one is named.
///
/// # Errors
/// See [`SessionError`].
pub fn sessions(
    tx: &mut dyn Transaction,
    user: UserId,
    device: Option<DeviceId>,
    limit: u32,
) -> Result<Vec<SyncSession>, SessionError> {
    if let Some(id) = device {
        tx.devices().find(user, id)?.ok_or(DeviceNotFound(id))?;
    }
    Ok(tx.sessions().list(user, device, limit)?)
}

/// Ends the device's running sessions: a newer one takes their place.
pub(super) fn cancel_active(
    tx: &mut dyn Transaction,
    now: Timestamp,
    device: DeviceId,
) -> Result<(), StoreError> {
    for running in tx.sessions().active(device)? {
        let expected = running.status;
        if let Ok(cancelled) = running.cancel(now) {
            tx.sessions().update(expected, &cancelled)?;
        }
    }
    Ok(())
}

/// The session, if it is one of the device's that runs: a wrong `session_id` is ignored, not refused.
pub(crate) fn running_session(
    tx: &mut dyn Transaction,
    device: DeviceId,
    id: Option<SessionId>,
) -> Result<Option<SessionId>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let active = tx.sessions().active(device)?;
    Ok(active.iter().any(|session| session.id == id).then_some(id))
}

/// One more operation of the session is done. The device's lock is held.
pub(crate) fn count_operation(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SessionId,
) -> Result<(), StoreError> {
    if let Some(session) = tx.sessions().find(user, id)? {
        let expected = session.status;
        tx.sessions().update(expected, &session.count_operation(now))?;
    }
    Ok(())
}
