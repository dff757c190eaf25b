//! Reading the catalogue, and where its library is.

use thiserror::Error;

use super::{FileNotFound, Game, GameFilter, GameHashes, GameNotFound, NoContent, Platform};
use crate::account::{Caller, Forbidden, Scope};
use crate::ids::{GameId, PlatformId};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// There is no such platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Platform with id '{0}' not found")]
pub struct PlatformNotFound(pub PlatformId);

/// Why the catalogue did not answer.
#[derive(Debug, Error)]
pub enum CatalogueError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such platform.
    #[error(transparent)]
    PlatformNotFound(#[from] PlatformNotFound),
    /// There is no such game.
    #[error(transparent)]
    GameNotFound(#[from] GameNotFound),
    /// There is no such file of a game.
    #[error(transparent)]
    FileNotFound(#[from] FileNotFound),
    /// The server has no file of the game.
    #[error(transparent)]
    NoContent(#[from] NoContent),
    /// A game was sought by its hashes, and none was given.
    #[error("No hash values provided")]
    NoHashes,
    /// No game has one of the hashes.
    #[error("No ROM or file found with given hash values")]
    NoneOfHashes,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every platform with the number of its games, by name; only those changed after the instant, if one is given. Needs
/// `platforms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn platforms(
    tx: &mut dyn Transaction,
    caller: &Caller,
    updated_after: Option<Timestamp>,
) -> Result<Vec<(Platform, u64)>, CatalogueError> {
    caller.require(Scope::PlatformsRead)?;
    Ok(tx.catalogue().platforms(updated_after)?)
}

/// The platform of that id with the number of its games. Needs `platforms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn platform(
    tx: &mut dyn Transaction,
    caller: &Caller,
    id: PlatformId,
) -> Result<(Platform, u64), CatalogueError> {
    let known = platforms(tx, caller, None)?.into_iter().find(|(platform, _)| platform.id == id);
    Ok(known.ok_or(PlatformNotFound(id))?)
}

/// The ids of all platforms, ascending. Needs `platforms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn platform_ids(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<PlatformId>, CatalogueError> {
    caller.require(Scope::PlatformsRead)?;
    Ok(tx.catalogue().platform_ids()?)
}

/// The games of that filter in its order, and how many there are without limit and offset. Needs `roms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn games(
    tx: &mut dyn Transaction,
    caller: &Caller,
    filter: &GameFilter,
) -> Result<(Vec<Game>, u64), CatalogueError> {
    caller.require(Scope::RomsRead)?;
    Ok(tx.catalogue().games(filter)?)
}

/// The game of that id. Needs `roms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn game(tx: &mut dyn Transaction, caller: &Caller, id: GameId) -> Result<Game, CatalogueError> {
    caller.require(Scope::RomsRead)?;
    Ok(tx.catalogue().game(id)?.ok_or(GameNotFound(id))?)
}

/// The ids of all games, ascending. Needs `roms.read`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn game_ids(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<GameId>, CatalogueError> {
    caller.require(Scope::RomsRead)?;
    Ok(tx.catalogue().game_ids()?)
}

/// A game that has, or a file of which has, one of the hashes, written in any case. Needs `roms.read`.
///
/// # Errors
/// See [`CatalogueError`]; what is no hash belongs to no game.
pub fn game_by_hash(
    tx: &mut dyn Transaction,
    caller: &Caller,
    hashes: GameHashes,
) -> Result<Game, CatalogueError> {
    caller.require(Scope::RomsRead)?;
    if hashes.is_empty() {
        return Err(CatalogueError::NoHashes);
    }
    let hashes = hashes.normalised().map_err(|_| CatalogueError::NoneOfHashes)?;
    tx.catalogue().game_by_hash(&hashes)?.ok_or(CatalogueError::NoneOfHashes)
}

/// Where the library is, if anybody has said so. Needs `tasks.run`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn library_folder(tx: &mut dyn Transaction, caller: &Caller) -> Result<Option<String>, CatalogueError> {
    caller.require(Scope::TasksRun)?;
    Ok(tx.catalogue().library_folder()?)
}

/// Says where the library is; the next [`scan`](super::scan) reads it. Needs `tasks.run`.
///
/// # Errors
/// See [`CatalogueError`].
pub fn set_library_folder(
    tx: &mut dyn Transaction,
    caller: &Caller,
    folder: Option<String>,
) -> Result<(), CatalogueError> {
    caller.require(Scope::TasksRun)?;
    let folder = folder.map(|folder| folder.trim().to_owned()).filter(|folder| !folder.is_empty());
    Ok(tx.catalogue().set_library_folder(folder)?)
}
