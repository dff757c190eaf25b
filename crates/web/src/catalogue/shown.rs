//! Platforms and games as clients see them.

use memcard_api::catalogue as wire;
use memcard_domain::catalogue::{GameEntry, GameFile, GameProps, GameShape, GameSource, Platform, slugify};
use memcard_domain::ids::{GameId, UserId};

/// A platform with the number of its games.
pub(super) fn show_platform((platform, games): (Platform, u64)) -> wire::Platform {
    wire::Platform {
        id: platform.id.0,
        slug: platform.slug,
        fs_slug: platform.fs_slug,
        name: platform.name,
        rom_count: games,
        created_at: platform.created_at.into(),
        updated_at: platform.updated_at.into(),
    }
}

/// A game, as that user sees it.
pub(super) fn show_game(user: UserId, entry: GameEntry) -> wire::Game {
    let shape = entry.shape();
    let GameEntry { game, platform, files, props } = entry;
    wire::Game {
        id: game.id.0,
        platform_id: platform.id.0,
        files: files.into_iter().map(|file| show_file(&platform, file)).collect(),
        platform_slug: platform.slug,
        platform_fs_slug: platform.fs_slug,
        slug: slugify(&game.name),
        fs_name_no_tags: game.base_name().to_owned(),
        fs_name_no_ext: game.stem().to_owned(),
        fs_extension: game.extension().to_owned(),
        fs_size_bytes: game.size,
        has_multiple_files: shape == GameShape::MultipleFiles,
        has_nested_single_file: shape == GameShape::NestedSingleFile,
        missing_from_fs: game.source == GameSource::Missing,
        sibling_roms: Vec::new(),
        siblings: Vec::new(),
        rom_user: show_props(user, game.id, props),
        created_at: game.created_at.into(),
        updated_at: game.updated_at.into(),
        crc_hash: game.hashes.crc32,
        md5_hash: game.hashes.md5,
        sha1_hash: game.hashes.sha1,
        fs_name: game.fs_name,
        name: game.name,
    }
}

/// What that user has to do with a game. A stored member cannot pass for one of ours.
pub(super) fn show_props(user: UserId, game: GameId, props: GameProps) -> wire::GameUser {
    let mut data = props.data;
    data.retain(|name, _| !matches!(name.as_str(), "user_id" | "rom_id" | "last_played"));
    wire::GameUser { user_id: user.0, rom_id: game.0, last_played: props.last_played.map(Into::into), data }
}

fn show_file(platform: &Platform, file: GameFile) -> wire::GameFile {
    let full_path = format!("roms/{}/{}", platform.fs_slug, file.path);
    wire::GameFile {
        id: file.id.0,
        rom_id: file.game.0,
        file_name: file.name().to_owned(),
        file_path: full_path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        full_path,
        file_size_bytes: file.size,
        crc_hash: file.hashes.crc32,
        md5_hash: file.hashes.md5,
        sha1_hash: file.hashes.sha1,
    }
}
