//! Deleting states: rows go from the lists, versions stay in the history.

use std::collections::BTreeSet;

use thiserror::Error;

use super::reading::StateNotFound;
use crate::ids::{StateId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::{Save, delete_rows, games_of};

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

/// Deletes all of the states or none.
///
/// # Errors
/// See [`DeleteError`].
pub fn delete(tx: &mut dyn Transaction, user: UserId, ids: &[StateId]) -> Result<Vec<StateId>, DeleteError> {
    if ids.is_empty() {
        return Err(DeleteError::Empty);
    }
    let distinct: Vec<StateId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let games = games_of(&rows(tx, user, &distinct)?);
    tx.saves().lock_games(user, &games)?;
    let rows = rows(tx, user, &distinct)?;
    delete_rows(tx, &rows)?;
    Ok(ids.to_vec())
}

fn rows(tx: &mut dyn Transaction, user: UserId, ids: &[StateId]) -> Result<Vec<Save>, DeleteError> {
    let mut rows = tx.saves().states_by_ids(user, ids)?;
    rows.retain(|state| !state.is_deleted());
    let found: BTreeSet<StateId> = rows.iter().map(|state| StateId(state.id.0)).collect();
    match ids.iter().find(|id| !found.contains(id)) {
        Some(unknown) => Err(DeleteError::NotFound(StateNotFound(*unknown))),
        None => Ok(rows),
    }
}
