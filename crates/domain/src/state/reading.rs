//! Reading states: lists, single ones, and what is served.

use thiserror::Error;

use crate::ids::{StateId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::{Save, StateFilter};

/// The user has no such state, or its row was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("State with ID {0} not found")]
pub struct StateNotFound(pub StateId);

/// Why a state could not be had.
#[derive(Debug, Error)]
pub enum StateError {
    /// The user has no such state.
    #[error(transparent)]
    NotFound(#[from] StateNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The listed states of a filter, greatest `updated_at` first.
///
/// # Errors
/// What the store says.
pub fn list(tx: &mut dyn Transaction, filter: &StateFilter) -> Result<Vec<Save>, StoreError> {
    tx.saves().list_states(filter)
}

/// The ids of all listed states of a user, greatest `updated_at` first.
///
/// # Errors
/// What the store says.
pub fn identifiers(tx: &mut dyn Transaction, user: UserId) -> Result<Vec<StateId>, StoreError> {
    let states = tx.saves().list_states(&StateFilter { user, game: None, platform: None })?;
    Ok(states.iter().map(|state| StateId(state.id.0)).collect())
}

/// One state of the user; replaced bytes have a row of their own.
///
/// # Errors
/// The state is unknown.
pub fn find(tx: &mut dyn Transaction, user: UserId, id: StateId) -> Result<Save, StateError> {
    let state = tx.saves().state_by_id(user, id)?.filter(|state| !state.is_deleted());
    Ok(state.ok_or(StateNotFound(id))?)
}

/// A state whose content is about to be sent: the user's own, or another's that is public.
///
/// # Errors
/// The state is unknown.
pub fn serve(tx: &mut dyn Transaction, user: UserId, id: StateId) -> Result<Save, StateError> {
    match find(tx, user, id) {
        Err(StateError::NotFound(unknown)) => Ok(tx.saves().public_state_by_id(id)?.ok_or(unknown)?),
        found => found,
    }
}
