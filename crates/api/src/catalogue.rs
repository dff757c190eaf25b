//! The catalogue: platforms, games, and what clients ask for around them (contract § 6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{DateTime, query};

/// Parameters of `GET /api/platforms`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlatformParams {
    /// Only those changed after this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub updated_after: Option<DateTime>,
}

/// A platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Platform {
    /// Id.
    pub id: i32,
    /// The slug clients know it by.
    pub slug: String,
    /// The folder's name.
    pub fs_slug: String,
    /// Display name.
    pub name: String,
    /// How many games there are of it.
    pub rom_count: u64,
    /// When it was added.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// Parameters of `GET /api/roms`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GameParams {
    /// Only of these platforms, repeated or with commas between them.
    #[serde(default, deserialize_with = "query::ids")]
    pub platform_ids: Vec<i32>,
    /// Only of this platform.
    pub platform_id: Option<i32>,
    /// Only where the name or the file name contains this.
    pub search_term: Option<String>,
    /// How many at most, 1 to 10000 (default 50).
    #[param(minimum = 1, maximum = 10000)]
    pub limit: Option<u32>,
    /// How many to skip (default 0).
    #[param(format = Int64, minimum = 0, maximum = 4294967295_i64)]
    pub offset: Option<u32>,
    /// Only those changed after this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub updated_after: Option<DateTime>,
    /// By what to order (default `name`); those equal by it follow by id.
    #[param(inline)]
    pub order_by: Option<GameOrderBy>,
    /// Which way (default `asc`).
    #[param(inline)]
    pub order_dir: Option<OrderDirection>,
}

/// What games can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GameOrderBy {
    /// The display name, without regard to case.
    Name,
    /// The id.
    Id,
    /// The file's name, without regard to case.
    FsName,
    /// The size.
    FsSizeBytes,
    /// When it was added.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderDirection {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// One page of games.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GamePage {
    /// The games of this page.
    pub items: Vec<Game>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many a page has at most.
    pub limit: u64,
    /// How many were skipped.
    pub offset: u64,
}

/// A game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Game {
    /// Id.
    pub id: i32,
    /// The platform.
    pub platform_id: i32,
    /// The platform's slug.
    pub platform_slug: String,
    /// The platform's folder.
    pub platform_fs_slug: String,
    /// Display name.
    pub name: String,
    /// The name as a slug.
    pub slug: String,
    /// The file's name.
    pub fs_name: String,
    /// The file's name without extension and without the `(…)` and `[…]` groups at its end.
    pub fs_name_no_tags: String,
    /// The file's name without extension.
    pub fs_name_no_ext: String,
    /// The extension, without dot.
    pub fs_extension: String,
    /// Size in bytes; 0 where the server has no file.
    pub fs_size_bytes: u64,
    /// The files of the game; none where the server has no file.
    pub files: Vec<GameFile>,
    /// Whether the game is of several files.
    pub has_multiple_files: bool,
    /// Whether the game is one file in a folder of its own.
    pub has_nested_single_file: bool,
    /// Whether the last scan no longer found its file.
    pub missing_from_fs: bool,
    /// CRC-32, if it is known.
    pub crc_hash: Option<String>,
    /// MD5, if it is known.
    pub md5_hash: Option<String>,
    /// SHA-1, if it is known.
    pub sha1_hash: Option<String>,
    /// Always empty: games are not grouped.
    #[schema(value_type = Vec<Object>)]
    pub sibling_roms: Vec<Value>,
    /// Always empty: games are not grouped.
    #[schema(value_type = Vec<Object>)]
    pub siblings: Vec<Value>,
    /// What the user has to do with it.
    pub rom_user: GameUser,
    /// When it was added.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// A file of a game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GameFile {
    /// Id.
    pub id: i32,
    /// The game.
    pub rom_id: i32,
    /// The file's name.
    pub file_name: String,
    /// The file's folder, from the library's root.
    pub file_path: String,
    /// Size in bytes.
    pub file_size_bytes: u64,
    /// `file_path` and `file_name`.
    pub full_path: String,
    /// CRC-32, if it is known.
    pub crc_hash: Option<String>,
    /// MD5, if it is known.
    pub md5_hash: Option<String>,
    /// SHA-1, if it is known.
    pub sha1_hash: Option<String>,
}

/// What one user has to do with one game: its own members beside whatever clients stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GameUser {
    /// The user.
    pub user_id: i32,
    /// The game.
    pub rom_id: i32,
    /// When the user last played it.
    pub last_played: Option<DateTime>,
    /// What clients stored.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}

/// `PUT /api/roms/{id}/props`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct GamePropsPatch {
    /// Members to store; those left out stay as they are.
    #[schema(value_type = Option<Object>)]
    pub data: Option<Map<String, Value>>,
    /// Whether the game was played just now (default false).
    pub update_last_played: Option<bool>,
    /// Whether the game counts as never played (default false).
    pub remove_last_played: Option<bool>,
}

/// Parameters of `GET /api/roms/by-hash`: one at least.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HashParams {
    /// CRC-32, 8 hexadecimal digits.
    pub crc_hash: Option<String>,
    /// MD5, 32 hexadecimal digits.
    pub md5_hash: Option<String>,
    /// SHA-1, 40 hexadecimal digits.
    pub sha1_hash: Option<String>,
}

/// `POST /api/roms/declare`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "platform_slug": "gb",
    "file_name": "Tetris (World).gb",
    "name": "Tetris",
    "md5": "982ed5d2b12a0377eb14bcdc4123744e",
})))]
pub struct DeclareGame {
    /// The platform's slug.
    #[schema(min_length = 1, max_length = 100)]
    pub platform_slug: String,
    /// The name of the game's file on the device.
    #[schema(min_length = 1, max_length = 255)]
    pub file_name: String,
    /// Display name; left out, it is made of the file's name.
    #[schema(max_length = 255)]
    pub name: Option<String>,
    /// MD5 of the file.
    #[schema(pattern = "^[0-9a-fA-F]{32}$")]
    pub md5: Option<String>,
    /// SHA-1 of the file.
    #[schema(pattern = "^[0-9a-fA-F]{40}$")]
    pub sha1: Option<String>,
    /// CRC-32 of the file.
    #[schema(pattern = "^[0-9a-fA-F]{8}$")]
    pub crc32: Option<String>,
}

/// `GET /api/config`: what clients may need to know of the library's layout. Memcard binds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Config {
    /// Folder names that stand for other platforms.
    #[serde(rename = "PLATFORMS_BINDING")]
    pub platforms_binding: BTreeMap<String, String>,
    /// Folder names that are versions of other platforms.
    #[serde(rename = "PLATFORMS_VERSIONS")]
    pub platforms_versions: BTreeMap<String, String>,
}

/// `PUT /api/library`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Library {
    /// The folder on the server's disk; `null` for none.
    pub folder: Option<String>,
}

/// How a scan of the library stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// None began since the server was started.
    Idle,
    /// It runs.
    Running,
    /// It read the library to its end.
    Completed,
    /// It ended before; what it had done is done.
    Failed,
}

/// The scan of the library that began last. Numbers are so far, while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LibraryScan {
    /// How it stands.
    #[schema(inline)]
    pub status: ScanState,
    /// When it began.
    pub started_at: Option<DateTime>,
    /// When it ended.
    pub ended_at: Option<DateTime>,
    /// Why it failed.
    pub error: Option<String>,
    /// How many platforms with games were found.
    pub platforms: usize,
    /// How many files of games were found.
    pub files: usize,
    /// How many games were found.
    pub found: usize,
    /// How many of them are new.
    pub added: usize,
    /// How many of them changed.
    pub updated: usize,
    /// How many known games were not found.
    pub missing: usize,
    /// How many platforms and games are there and could not be read; they stay as they were known.
    pub unreadable: usize,
}
