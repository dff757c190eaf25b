//! Games as their readers want them: with their platform and files, and with what the reader has to do with them.

use std::collections::HashMap;

use super::file::by_game;
use super::{
    CatalogueError, Game, GameFile, GameNotFound, GameProps, GameShape, GameSource, Platform,
    PlatformNotFound,
};
use crate::account::{Caller, Scope};
use crate::ids::{GameId, PlatformId};
use crate::ports::Transaction;

/// A game with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct GameEntry {
    /// The game.
    pub game: Game,
    /// Its platform.
    pub platform: Platform,
    /// Its files, by path; none where the server has none.
    pub files: Vec<GameFile>,
    /// What the reader has to do with it; nothing where they may not know.
    pub props: GameProps,
}

/// The entries of games that the caller was given, in their order: one query per platform, and a few for all files and
/// all props, which need `roms.user.read`.
///
/// # Errors
/// What the store says; a game's platform is there.
pub fn entries(
    tx: &mut dyn Transaction,
    caller: &Caller,
    games: Vec<Game>,
) -> Result<Vec<GameEntry>, CatalogueError> {
    let mut props = known_props(tx, caller, &games)?;
    let mut files = known_files(tx, &games)?;
    let mut platforms: HashMap<PlatformId, Platform> = HashMap::new();
    let mut entries = Vec::with_capacity(games.len());
    for game in games {
        let platform = match platforms.get(&game.platform) {
            Some(platform) => platform.clone(),
            None => {
                let id = game.platform;
                let platform = tx.catalogue().platform(id)?.ok_or(PlatformNotFound(id))?;
                platforms.insert(id, platform.clone());
                platform
            }
        };
        let props = props.remove(&game.id).unwrap_or_default();
        let files = files.remove(&game.id).unwrap_or_default();
        entries.push(GameEntry { game, platform, files, props });
    }
    Ok(entries)
}

/// The entry of one game.
///
/// # Errors
/// As [`entries`].
pub fn entry(tx: &mut dyn Transaction, caller: &Caller, game: Game) -> Result<GameEntry, CatalogueError> {
    let id = game.id;
    Ok(entries(tx, caller, vec![game])?.pop().ok_or(GameNotFound(id))?)
}

impl GameEntry {
    /// How the game's files lie on disk.
    pub fn shape(&self) -> GameShape {
        GameShape::of(&self.files)
    }
}

/// The files of those games that are in the library.
fn known_files(
    tx: &mut dyn Transaction,
    games: &[Game],
) -> Result<HashMap<GameId, Vec<GameFile>>, CatalogueError> {
    let present = games.iter().filter(|game| game.source == GameSource::Library);
    let present: Vec<GameId> = present.map(|game| game.id).collect();
    Ok(by_game(tx.catalogue().files(&present)?))
}

fn known_props(
    tx: &mut dyn Transaction,
    caller: &Caller,
    games: &[Game],
) -> Result<HashMap<GameId, GameProps>, CatalogueError> {
    if caller.require(Scope::RomsUserRead).is_err() {
        return Ok(HashMap::new());
    }
    let ids: Vec<GameId> = games.iter().map(|game| game.id).collect();
    Ok(tx.catalogue().props(caller.user.id, &ids)?.into_iter().collect())
}
