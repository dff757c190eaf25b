//! The catalogue: the platforms and games that saves belong to. No artwork, no metadata: clients match save files to
//! games by base name.

mod content;
mod declaration;
mod entry;
mod file;
mod hashes;
mod naming;
mod platforms;
mod props;
mod reading;
mod scan;
mod scan_status;

use thiserror::Error;

use crate::ids::{GameFileId, GameId, PlatformId};
use crate::time::Timestamp;

pub use content::{ContentError, OpenContent, open_file, open_game};
pub use declaration::{Declaration, DeclareError, InvalidDeclaration, declare};
pub use entry::{GameEntry, entries, entry};
pub use file::{FilePlace, FoundFile, FoundGame, GameFile, GameShape, NewGameFile};
pub use naming::slugify;
pub(crate) use props::note_played;
pub use props::{LastPlayed, MAX_PROPS_BYTES, PropsError, PropsPatch, edit_props, props};
pub use reading::{
    CatalogueError, PlatformNotFound, game, game_by_hash, game_ids, games, library_folder, platform,
    platform_ids, platforms, set_library_folder,
};
pub use scan::{ScanError, ScanReport, scan};
pub use scan_status::{ScanStatus, adopt_library, scan_at_start, scan_status, start_scan};

/// A platform: a folder of games.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Its id.
    pub id: PlatformId,
    /// The slug clients know it by.
    pub slug: String,
    /// The folder's name.
    pub fs_slug: String,
    /// Display name.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A platform to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlatform {
    /// The slug clients know it by.
    pub slug: String,
    /// The folder's name, unique.
    pub fs_slug: String,
    /// Display name.
    pub name: String,
    /// Now.
    pub created_at: Timestamp,
}

/// A game (`rom` on the wire).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Game {
    /// Its id.
    pub id: GameId,
    /// Where it belongs.
    pub platform: PlatformId,
    /// Display name.
    pub name: String,
    /// The file's (or a multi-file game's folder's) name, unique within the platform.
    pub fs_name: String,
    /// The size of its files in bytes; 0 for a declared game.
    pub size: u64,
    /// Known hashes of the file.
    pub hashes: GameHashes,
    /// Where the game is known from.
    pub source: GameSource,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A game to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGame {
    /// Where it belongs.
    pub platform: PlatformId,
    /// Display name.
    pub name: String,
    /// The file's name.
    pub fs_name: String,
    /// The size of its files in bytes.
    pub size: u64,
    /// Known hashes of the file.
    pub hashes: GameHashes,
    /// Where the game is known from.
    pub source: GameSource,
    /// Now.
    pub created_at: Timestamp,
}

/// Hashes of a game's file, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GameHashes {
    /// CRC-32, 8 digits.
    pub crc32: Option<String>,
    /// MD5, 32 digits.
    pub md5: Option<String>,
    /// SHA-1, 40 digits.
    pub sha1: Option<String>,
}

/// Where a game is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GameSource {
    /// A file in the library.
    Library,
    /// A file that the last scan no longer found.
    Missing,
    /// A client's word; the server has no file.
    Declared,
}

/// What one user has to do with one game (`rom_user` on the wire).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GameProps {
    /// Whatever members clients stored.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// When the user last played it.
    pub last_played: Option<Timestamp>,
}

/// Which games to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GameFilter {
    /// Only of these platforms; empty means all.
    pub platforms: Vec<PlatformId>,
    /// Only where the name or the file name contains this, without regard to case.
    pub search: Option<String>,
    /// Only those changed after this instant.
    pub updated_after: Option<Timestamp>,
    /// In which order.
    pub order: GameOrder,
    /// How many to skip.
    pub offset: u64,
    /// How many to return at most.
    pub limit: u64,
}

/// The order of a list of games. Those that are equal by the key follow by id, in the same direction, so that pages fit
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GameOrder {
    /// By what.
    pub by: GameKey,
    /// Which way.
    pub direction: Direction,
}

/// What a list of games is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GameKey {
    /// The display name, without regard to case.
    #[default]
    Name,
    /// The id.
    Id,
    /// The file's name, without regard to case.
    FsName,
    /// The size in bytes.
    Size,
    /// When it was added.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// The least first.
    #[default]
    Ascending,
    /// The greatest first.
    Descending,
}

/// There is no such game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Rom with id '{0}' not found")]
pub struct GameNotFound(pub GameId);

/// The server has no file of the game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("No file found for rom with id '{0}'")]
pub struct NoContent(pub GameId);

/// There is no such file of a game, or it is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("File with id '{0}' not found")]
pub struct FileNotFound(pub GameFileId);
