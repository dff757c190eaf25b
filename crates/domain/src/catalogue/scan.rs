//! Scanning the library: the catalogue follows what is on disk.
//!
//! Invariants: a game is never removed, because saves belong to it; it becomes missing, and comes back when its file
//! does. A scan that finds nothing new writes nothing.

use std::collections::BTreeMap;

use thiserror::Error;

use super::naming::{game_name, platform_name, platform_slug};
use super::{FoundGame, Game, GameHashes, GameSource, NewGame, NewPlatform};
use crate::account::{Caller, Forbidden, Scope};
use crate::ids::PlatformId;
use crate::ports::{LibraryError, Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::time::Timestamp;

/// What a scan found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanReport {
    /// Platforms found.
    pub platforms: usize,
    /// Games found.
    pub found: usize,
    /// Of them, those that were not known.
    pub added: usize,
    /// Of them, those that had changed, had been missing or only declared.
    pub updated: usize,
    /// Games that were there before and are no longer found.
    pub missing: usize,
}

/// Why the library was not scanned.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nobody has said where the library is.
    #[error("no library folder is set")]
    NoFolder,
    /// The library could not be read; the catalogue is as it was.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The store failed; platforms that were done stay done.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings the catalogue up to date with the library, one transaction for each platform. Needs `tasks.run`.
///
/// # Errors
/// See [`ScanError`].
pub async fn scan(ports: &Ports, caller: &Caller) -> Result<ScanReport, ScanError> {
    caller.require(Scope::TasksRun)?;
    let folder = ports.store.read(|tx| tx.catalogue().library_folder()).await?.ok_or(ScanError::NoFolder)?;
    scan_folder(ports, &folder).await
}

/// Makes the folder the library and scans it: for whoever starts the server, who needs no account for it.
///
/// # Errors
/// See [`ScanError`]; a folder that cannot be read is not made the library.
pub async fn adopt_library(ports: &Ports, folder: String) -> Result<ScanReport, ScanError> {
    let report = scan_folder(ports, &folder).await?;
    ports.store.transact(|tx| tx.catalogue().set_library_folder(Some(folder))).await?;
    Ok(report)
}

async fn scan_folder(ports: &Ports, folder: &str) -> Result<ScanReport, ScanError> {
    let games = ports.library.scan(folder).await?;
    let known = ports.store.read(|tx| tx.catalogue().platforms(None)).await?;
    let mut report = ScanReport { found: games.len(), ..ScanReport::default() };
    let mut platforms: BTreeMap<String, Vec<FoundGame>> = BTreeMap::new();
    for game in games {
        platforms.entry(game.platform_folder.clone()).or_default().push(game);
    }
    report.platforms = platforms.len();
    for (platform, _) in known {
        platforms.entry(platform.fs_slug).or_default();
    }
    for (folder, games) in platforms {
        let now = ports.clock.now();
        let changes = ports.store.transact(move |tx| scan_platform(tx, now, folder, games)).await?;
        report.added += changes.added;
        report.updated += changes.updated;
        report.missing += changes.missing;
    }
    Ok(report)
}

#[derive(Default)]
struct Changes {
    added: usize,
    updated: usize,
    missing: usize,
}

fn scan_platform(
    tx: &mut dyn Transaction,
    now: Timestamp,
    folder: String,
    games: Vec<FoundGame>,
) -> Result<Changes, StoreError> {
    let (slug, name) = (platform_slug(&folder), platform_name(&folder));
    let platform = NewPlatform { slug, fs_slug: folder, name, created_at: now };
    let platform = tx.catalogue().find_or_insert_platform(&platform)?.id;
    let known = tx.catalogue().games_of_platform(platform)?.into_iter();
    let mut known: BTreeMap<String, Game> = known.map(|game| (game.fs_name.clone(), game)).collect();
    let mut changes = Changes::default();
    for found in games {
        match known.remove(&found.fs_name) {
            None => {
                tx.catalogue().find_or_insert_game(&newly_found(found, platform, now))?;
                changes.added += 1;
            }
            Some(game) if game.source != GameSource::Library || game.size != found.size => {
                tx.catalogue().update_game(&found_again(game, &found, now))?;
                changes.updated += 1;
            }
            Some(_) => {}
        }
    }
    for game in known.into_values().filter(|game| game.source == GameSource::Library) {
        tx.catalogue().update_game(&Game { source: GameSource::Missing, updated_at: now, ..game })?;
        changes.missing += 1;
    }
    Ok(changes)
}

fn newly_found(found: FoundGame, platform: PlatformId, now: Timestamp) -> NewGame {
    NewGame {
        platform,
        name: game_name(&found.fs_name),
        fs_name: found.fs_name,
        size: found.size,
        hashes: GameHashes::default(),
        source: GameSource::Library,
        created_at: now,
    }
}

/// The hashes of a file that is another one now are not its own.
fn found_again(game: Game, found: &FoundGame, now: Timestamp) -> Game {
    let is_another = game.source != GameSource::Declared && game.size != found.size;
    let hashes = if is_another { GameHashes::default() } else { game.hashes };
    Game { size: found.size, hashes, source: GameSource::Library, updated_at: now, ..game }
}
