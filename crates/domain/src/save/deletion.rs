//! Deleting saves: rows go from the lists, versions stay in the history, the newest visible one becomes head.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{ForkState, Save, SaveNotFound, Standing, Visibility};
use crate::ids::{GameId, SaveId, UserId};
use crate::ports::{StoreError, Transaction};

/// Why nothing was deleted.
#[derive(Debug, Error)]
pub enum DeleteError {
    /// No save was named.
    #[error("No saves were provided")]
    Empty,
    /// One of them is unknown.
    #[error(transparent)]
    NotFound(#[from] SaveNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes all of the saves or none. A fork is dismissed: it leaves the inbox and stays by id.
///
/// # Errors
/// See [`DeleteError`].
pub fn delete(tx: &mut dyn Transaction, user: UserId, ids: &[SaveId]) -> Result<Vec<SaveId>, DeleteError> {
    if ids.is_empty() {
        return Err(DeleteError::Empty);
    }
    let distinct: Vec<SaveId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let games = games_of(&rows(tx, user, &distinct)?);
    tx.saves().lock_games(user, &games)?;
    let rows = rows(tx, user, &distinct)?;
    delete_rows(tx, &rows)?;
    Ok(ids.to_vec())
}

fn rows(tx: &mut dyn Transaction, user: UserId, ids: &[SaveId]) -> Result<Vec<Save>, DeleteError> {
    let mut rows = tx.saves().by_ids(user, ids)?;
    rows.retain(|save| !save.is_deleted());
    let found: BTreeSet<SaveId> = rows.iter().map(|save| save.id).collect();
    match ids.iter().find(|id| !found.contains(id)) {
        Some(unknown) => Err(SaveNotFound(*unknown).into()),
        None => Ok(rows),
    }
}

/// The games that rows are of, each once.
pub(crate) fn games_of(rows: &[Save]) -> Vec<GameId> {
    rows.iter().map(|row| row.key.game).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Takes rows from the lists. Their games are locked by whoever calls.
pub(crate) fn delete_rows(tx: &mut dyn Transaction, rows: &[Save]) -> Result<(), StoreError> {
    let with = |standing: Standing| rows.iter().filter(move |row| row.version.standing == standing);
    let open_forks: Vec<_> = with(Standing::Fork(ForkState::Open)).map(|fork| fork.version.id).collect();
    tx.saves().set_standing(&open_forks, Standing::Fork(ForkState::Dismissed))?;

    let of_line: Vec<_> = with(Standing::Line).map(|row| row.id).collect();
    tx.saves().set_visibility(&of_line, Visibility::Deleted)?;
    let slots: BTreeSet<_> = with(Standing::Line).map(|row| row.version.slot).collect();
    tx.saves().settle_heads(&slots.into_iter().collect::<Vec<_>>())
}
