//! Listing and deleting play sessions.

use thiserror::Error;

use super::{PlayFilter, PlaySession};
use crate::account::{Caller, Forbidden, Scope};
use crate::device::DeviceNotFound;
use crate::ids::PlaySessionId;
use crate::ports::{StoreError, Transaction};

/// The user has no such play session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Play session {0} not found")]
pub struct PlaySessionNotFound(pub PlaySessionId);

/// Why play sessions could not be listed or deleted.
#[derive(Debug, Error)]
pub enum PlayError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The user has no such play session.
    #[error(transparent)]
    NotFound(#[from] PlaySessionNotFound),
    /// The device that was asked for is unknown.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The caller's play sessions, newest start first. A range of time lifts the limit; the device of a bound token stands
/// for the one that is not named. Needs `roms.user.read`.
///
/// # Errors
/// See [`PlayError`].
pub fn list(
    tx: &mut dyn Transaction,
    caller: &Caller,
    filter: &PlayFilter,
) -> Result<Vec<PlaySession>, PlayError> {
    caller.require(Scope::RomsUserRead)?;
    if let Some(id) = filter.device {
        tx.devices().find(caller.user.id, id)?.ok_or(DeviceNotFound(id))?;
    }
    let has_range = filter.start_after.is_some() || filter.end_before.is_some();
    let limit = if has_range { None } else { filter.limit };
    let filter = PlayFilter { limit, device: filter.device.or(caller.bound_device()), ..*filter };
    Ok(tx.plays().list(caller.user.id, &filter)?)
}

/// Deletes one of the caller's play sessions. Needs `roms.user.write`.
///
/// # Errors
/// See [`PlayError`].
pub fn delete(tx: &mut dyn Transaction, caller: &Caller, id: PlaySessionId) -> Result<(), PlayError> {
    caller.require(Scope::RomsUserWrite)?;
    if tx.plays().delete(caller.user.id, id)? { Ok(()) } else { Err(PlaySessionNotFound(id).into()) }
}
