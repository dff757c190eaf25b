//! What one user has to do with one game.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use thiserror::Error;

use super::{CatalogueError, GameNotFound, GameProps};
use crate::account::{Caller, Forbidden, Scope};
use crate::ids::{GameId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// The most that clients may store for one user and game, as JSON.
pub const MAX_PROPS_BYTES: usize = 64 * 1024;

/// What shall change of a user's props of a game.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PropsPatch {
    /// Members to set; others stay.
    pub data: Map<String, Value>,
    /// What becomes of when it was last played.
    pub last_played: LastPlayed,
}

/// What becomes of when a game was last played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LastPlayed {
    /// It stays.
    #[default]
    Keep,
    /// It is now.
    Now,
    /// It is forgotten.
    Forget,
}

/// Why props were not changed.
#[derive(Debug, Error)]
pub enum PropsError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such game.
    #[error(transparent)]
    GameNotFound(#[from] GameNotFound),
    /// All members together would be larger than [`MAX_PROPS_BYTES`].
    #[error("data must not exceed 64 KiB")]
    TooLarge,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The caller's props of the games, for those where anything is known. Needs `roms.user.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn props(
    tx: &mut dyn Transaction,
    caller: &Caller,
    games: &[GameId],
) -> Result<Vec<(GameId, GameProps)>, CatalogueError> {
    caller.require(Scope::RomsUserRead)?;
    Ok(tx.catalogue().props(caller.user.id, games)?)
}

/// Changes the caller's props of a game. Needs `roms.user.write`.
///
/// # Errors
/// See [`PropsError`].
pub fn edit_props(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    game: GameId,
    patch: PropsPatch,
) -> Result<GameProps, PropsError> {
    caller.require(Scope::RomsUserWrite)?;
    tx.catalogue().game(game)?.ok_or(GameNotFound(game))?;
    tx.saves().lock_game(caller.user.id, game)?;
    let mut props = props_of(tx, caller.user.id, game)?;
    props.data.extend(patch.data);
    if Value::Object(props.data.clone()).to_string().len() > MAX_PROPS_BYTES {
        return Err(PropsError::TooLarge);
    }
    props.last_played = match patch.last_played {
        LastPlayed::Keep => props.last_played,
        LastPlayed::Now => Some(now),
        LastPlayed::Forget => None,
    };
    tx.catalogue().put_props(caller.user.id, &[(game, props.clone())])?;
    Ok(props)
}

/// The user played the games at those instants; an earlier one than is known changes nothing. The games' locks are held.
pub(crate) fn note_played(
    tx: &mut dyn Transaction,
    user: UserId,
    played: &BTreeMap<GameId, Timestamp>,
) -> Result<(), StoreError> {
    if played.is_empty() {
        return Ok(());
    }
    let games: Vec<GameId> = played.keys().copied().collect();
    let mut known: BTreeMap<GameId, GameProps> = tx.catalogue().props(user, &games)?.into_iter().collect();
    let later = played.iter().filter_map(|(game, at)| {
        let props = known.remove(game).unwrap_or_default();
        let is_later = props.last_played.is_none_or(|before| before < *at);
        is_later.then_some((*game, GameProps { last_played: Some(*at), ..props }))
    });
    tx.catalogue().put_props(user, &later.collect::<Vec<_>>())
}

fn props_of(tx: &mut dyn Transaction, user: UserId, game: GameId) -> Result<GameProps, StoreError> {
    let known = tx.catalogue().props(user, &[game])?;
    Ok(known.into_iter().next().map(|(_, props)| props).unwrap_or_default())
}
