//! The files of games: one, or a folder of them.

use std::collections::HashMap;

use super::{Game, GameHashes};
use crate::ids::{GameFileId, GameId};
use crate::time::Timestamp;

/// A file of a game, as a scan of the library found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameFile {
    /// Its id: that of the path, whatever is in the file.
    pub id: GameFileId,
    /// The game.
    pub game: GameId,
    /// Where it is, from the platform's folder: names with `/` between them, the first of which is the game's.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was last written to.
    pub modified_at: Timestamp,
    /// Hashes of what it holds, if it was read.
    pub hashes: GameHashes,
}

/// A file that a game has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGameFile {
    /// Where it is, as in [`GameFile::path`]; unique within the game.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was last written to.
    pub modified_at: Timestamp,
    /// Hashes of what it holds, if they are known.
    pub hashes: GameHashes,
}

/// A game that a scan of the library found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundGame {
    /// The file's (or a multi-file game's folder's) name.
    pub fs_name: String,
    /// Its files, at least one, by path.
    pub files: Vec<FoundFile>,
}

/// A file that a scan of the library found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it is, as in [`GameFile::path`].
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// When it was last written to.
    pub modified_at: Timestamp,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The library's folder.
    pub library: String,
    /// The platform's folder's name.
    pub platform_folder: String,
    /// From there, as in [`GameFile::path`].
    pub path: String,
}

/// How a game's files lie on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GameShape {
    /// There is no file.
    NoFile,
    /// A file.
    SingleFile,
    /// A folder with one file in it.
    NestedSingleFile,
    /// A folder of several files.
    MultipleFiles,
}

impl GameShape {
    /// The shape of a game with these files.
    pub fn of(files: &[GameFile]) -> Self {
        match files {
            [] => Self::NoFile,
            [only] if only.path.contains('/') => Self::NestedSingleFile,
            [_] => Self::SingleFile,
            _ => Self::MultipleFiles,
        }
    }
}

impl GameFile {
    /// The file's own name.
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(self.path.as_str(), |(_, name)| name)
    }

    /// Where it is inside the game's folder; its name where it is the game.
    pub fn path_in_game(&self) -> &str {
        self.path.split_once('/').map_or(self.path.as_str(), |(_, path)| path)
    }

    /// Whether a file that was found is this one, unchanged.
    pub(super) fn is_unchanged(&self, found: &FoundFile) -> bool {
        self.path == found.path && self.size == found.size && self.modified_at == found.modified_at
    }
}

impl FoundGame {
    /// The size of all files in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// A game with its files, as the catalogue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownGame {
    pub(super) game: Game,
    pub(super) files: Vec<GameFile>,
}

/// The files of each game.
pub(super) fn by_game(files: Vec<GameFile>) -> HashMap<GameId, Vec<GameFile>> {
    let mut of_games: HashMap<GameId, Vec<GameFile>> = HashMap::new();
    for file in files {
        of_games.entry(file.game).or_default().push(file);
    }
    of_games
}
