//! Deleting states: rows go from the lists, versions stay in the history.

use std::collections::BTreeSet;

use thiserror::Error;

use super::reading::{StateError, StateNotFound, find};
use crate::ids::{StateId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::{Save, delete_row};

/// Why nothing was deleted.
#[derive(Debug, Error)]
pub enum DeleteError {
    /// No state was named.
    #[error("No states were provided")]
    Empty,
    /// One of them is unknown.
    #[error(transparent)]
    NotFound(StateNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StateError> for DeleteError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::NotFound(error) => Self::NotFound(error),
            StateError::Store(error) => Self::Store(error),
        }
    }
}

/// Deletes all of the states or none.
///
/// # Errors
/// See [`DeleteError`].
pub fn delete(tx: &mut dyn Transaction, user: UserId, ids: &[StateId]) -> Result<Vec<StateId>, DeleteError> {
    if ids.is_empty() {
        return Err(DeleteError::Empty);
    }
    let distinct: BTreeSet<StateId> = ids.iter().copied().collect();
    // One order for everybody who locks several games.
    let games: BTreeSet<_> = rows(tx, user, &distinct)?.into_iter().map(|state| state.key.game).collect();
    for game in games {
        tx.saves().lock_game(user, game)?;
    }
    for state in rows(tx, user, &distinct)? {
        delete_row(tx, &state)?;
    }
    Ok(ids.to_vec())
}

fn rows(tx: &mut dyn Transaction, user: UserId, ids: &BTreeSet<StateId>) -> Result<Vec<Save>, StateError> {
    ids.iter().map(|id| find(tx, user, *id)).collect()
}
