//! Deleting saves: rows go from the lists, versions stay in the history, the newest visible one becomes head.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{ForkState, Save, SaveNotFound, Standing, Visibility};
use crate::ids::{SaveId, UserId};
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
    let distinct: BTreeSet<SaveId> = ids.iter().copied().collect();
    // One order for everybody who locks several games.
    let games: BTreeSet<_> = rows(tx, user, &distinct)?.into_iter().map(|save| save.key.game).collect();
    for game in games {
        tx.saves().lock_game(user, game)?;
    }
    for save in rows(tx, user, &distinct)? {
        delete_row(tx, &save)?;
    }
    Ok(ids.to_vec())
}

fn rows(tx: &mut dyn Transaction, user: UserId, ids: &BTreeSet<SaveId>) -> Result<Vec<Save>, DeleteError> {
    ids.iter()
        .map(|id| {
            let save = tx.saves().by_id(user, *id)?.filter(|save| !save.is_deleted());
            Ok(save.ok_or(SaveNotFound(*id))?)
        })
        .collect()
}

/// Takes a row from the lists. The game is locked by whoever calls.
pub(crate) fn delete_row(tx: &mut dyn Transaction, save: &Save) -> Result<(), StoreError> {
    let version = &save.version;
    match version.standing {
        Standing::Fork(ForkState::Open) => {
            tx.saves().set_standing(version.id, Standing::Fork(ForkState::Dismissed))
        }
        Standing::Fork(_) => Ok(()),
        Standing::Line => {
            tx.saves().set_visibility(save.id, Visibility::Deleted)?;
            let head = tx.saves().newest_visible(version.slot)?.map(|newest| newest.version.id);
            tx.saves().set_head(version.slot, head)
        }
    }
}
