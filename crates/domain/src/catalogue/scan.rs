//! Scanning the library: the catalogue follows what is on disk.
//!
//! Invariants:
//! - a game is never removed, because saves belong to it; it becomes missing, and comes back when its file does;
//! - only what was read is judged: a game is missing if the folder it was in was read to its end and the game not there;
//! - a scan that finds nothing new writes nothing: it reads the catalogue first, and writes what differs;
//! - each transaction leaves a sound catalogue, so that a scan may end anywhere and the next one goes on from there.

use std::collections::BTreeMap;

use thiserror::Error;

use super::file::{KnownGame, by_game};
use super::naming::{game_name, platform_name, platform_slug};
use super::{FoundGame, Game, GameHashes, GameSource, NewGame, NewGameFile, NewPlatform, Platform};
use crate::account::Forbidden;
use crate::event::{Happened, LibraryEvent};
use crate::ids::PlatformId;
use crate::ports::{
    FoundGames, FoundPlatforms, LibraryError, Ports, StoreError, Transaction, UnitOfWorkExt as _,
};
use crate::time::Timestamp;

/// Most games that one transaction marks as missing.
const MISSING_AT_ONCE: usize = 256;

/// What a scan found and did, so far or in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanReport {
    /// Platforms with games in them.
    pub platforms: usize,
    /// Files of games found.
    pub files: usize,
    /// Games found.
    pub found: usize,
    /// Of them, those that were not known.
    pub added: usize,
    /// Of them, those that had changed, had been missing or only declared.
    pub updated: usize,
    /// Games that were there before and are no longer found.
    pub missing: usize,
    /// Platforms and games that are there and could not be read; what is known of them stays as it was.
    pub unreadable: usize,
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
    /// The store failed; what was done stays done.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings the catalogue up to date with the library, and tells how far it is after every few games: `progress`, and
/// whoever listens.
///
/// # Errors
/// See [`ScanError`].
pub async fn scan(
    ports: &Ports,
    progress: &(dyn Fn(ScanReport) + Send + Sync),
) -> Result<ScanReport, ScanError> {
    let library = ports.store.read(|tx| tx.catalogue().library_folder()).await?.ok_or(ScanError::NoFolder)?;
    let present = ports.library.platforms(&library).await?;
    let mut scan = Scan { ports, library, present, progress, report: ScanReport::default() };
    scan.report.unreadable = scan.present.unreadable.len();
    scan.tell(LibraryEvent::ScanStarted).await;
    let known = scan.known_platforms().await?;
    for folder in scan.present.folders.clone() {
        scan.read_platform(&known, folder).await?;
    }
    scan.miss_absent_platforms().await?;
    let (scanned, added) = (scan.report.found as u64, scan.report.added as u64);
    scan.tell(LibraryEvent::ScanCompleted { scanned, added }).await;
    Ok(scan.report)
}

/// A scan under way.
struct Scan<'a> {
    ports: &'a Ports,
    library: String,
    present: FoundPlatforms,
    progress: &'a (dyn Fn(ScanReport) + Send + Sync),
    report: ScanReport,
}

/// A platform whose folder is being read.
struct PlatformScan {
    platform: PlatformId,
    /// Games that are known and were not found yet.
    left: BTreeMap<String, KnownGame>,
}

impl Scan<'_> {
    async fn go_on(&self) {
        (self.progress)(self.report);
        self.tell(LibraryEvent::ScanProgress { scanned: self.report.found as u64 }).await;
    }

    async fn tell(&self, event: LibraryEvent) {
        let mut happened = Happened::default();
        happened.library(event);
        happened.publish(self.ports).await;
    }

    async fn known_platforms(&self) -> Result<Vec<Platform>, StoreError> {
        let known = self.ports.store.read(|tx| tx.catalogue().platforms(None)).await?;
        Ok(known.into_iter().map(|(platform, _)| platform).collect())
    }

    /// Reads a platform's folder to its end. A folder that cannot be read is passed over, and so is what is left of one
    /// that no longer can: nothing is missing of it.
    async fn read_platform(&mut self, known: &[Platform], folder: String) -> Result<(), ScanError> {
        let Ok(mut reader) = self.ports.library.games(&self.library, &folder).await else {
            self.report.unreadable += 1;
            return Ok(());
        };
        let mut platform = match known.iter().find(|platform| platform.fs_slug == folder) {
            Some(platform) => Some(self.begin(platform.id).await?),
            None => None,
        };
        let mut is_empty = true;
        loop {
            let found = match reader.next().await {
                Ok(Some(found)) => found,
                Ok(None) => break,
                Err(_) => {
                    self.report.unreadable += 1;
                    return Ok(());
                }
            };
            self.report.unreadable += found.unreadable.len();
            if is_empty && !found.games.is_empty() {
                is_empty = false;
                self.report.platforms += 1;
            }
            let platform = match &mut platform {
                Some(platform) => platform,
                None if found.games.is_empty() => continue,
                None => platform.insert(self.settle(folder.clone()).await?),
            };
            self.take(platform, found).await?;
            self.go_on().await;
        }
        match platform {
            Some(platform) => Ok(self.miss(platform.left.into_values()).await?),
            None => Ok(()),
        }
    }

    /// Begins with a platform that nobody knows by this folder.
    async fn settle(&self, folder: String) -> Result<PlatformScan, StoreError> {
        let (now, present) = (self.ports.clock.now(), self.present.clone());
        let platform = self.ports.store.transact(move |tx| settle(tx, now, folder, &present)).await?;
        self.begin(platform).await
    }

    async fn begin(&self, platform: PlatformId) -> Result<PlatformScan, StoreError> {
        let games = self.ports.store.read(move |tx| known_games(tx, platform)).await?;
        let left = games.into_iter().map(|known| (known.game.fs_name.clone(), known)).collect();
        Ok(PlatformScan { platform, left })
    }

    /// Keeps what is new of these games.
    async fn take(&mut self, platform: &mut PlatformScan, found: FoundGames) -> Result<(), StoreError> {
        for name in found.unreadable {
            platform.left.remove(&name);
        }
        let mut news = Vec::new();
        for game in found.games {
            self.report.found += 1;
            self.report.files += game.files.len();
            let known = platform.left.remove(&game.fs_name);
            if known.is_none_or(|known| known.differs_from(&game)) {
                news.push(game);
            }
        }
        if news.is_empty() {
            return Ok(());
        }
        let (now, platform) = (self.ports.clock.now(), platform.platform);
        let kept = self.ports.store.transact(move |tx| keep(tx, now, platform, &news)).await?;
        self.report.added += kept.added;
        self.report.updated += kept.updated;
        Ok(())
    }

    /// Games of platforms whose folder is gone. One that may be there is not.
    async fn miss_absent_platforms(&mut self) -> Result<(), StoreError> {
        for platform in self.known_platforms().await? {
            if !self.present.holds(&platform.fs_slug) {
                let games = self.ports.store.read(move |tx| known_games(tx, platform.id)).await?;
                self.miss(games).await?;
            }
        }
        Ok(())
    }

    async fn miss(&mut self, games: impl IntoIterator<Item = KnownGame>) -> Result<(), StoreError> {
        let lost =
            games.into_iter().map(|known| known.game).filter(|game| game.source == GameSource::Library);
        let lost: Vec<_> = lost.map(|game| game.id).collect();
        for lost in lost.chunks(MISSING_AT_ONCE) {
            let (now, lost) = (self.ports.clock.now(), lost.to_vec());
            let miss = move |tx: &mut dyn Transaction| -> Result<usize, StoreError> {
                let mut missing = 0;
                for id in lost {
                    let Some(game) = tx.catalogue().game(id)? else { continue };
                    let game = Game { source: GameSource::Missing, updated_at: now, ..game };
                    missing += usize::from(tx.catalogue().update_game(&game)?);
                }
                Ok(missing)
            };
            self.report.missing += self.ports.store.transact(miss).await?;
            self.go_on().await;
        }
        Ok(())
    }
}

impl FoundPlatforms {
    /// Whether a folder is there, readable or not.
    fn holds(&self, folder: &str) -> bool {
        self.folders.contains(folder) || self.unreadable.contains(folder)
    }
}

impl KnownGame {
    fn differs_from(&self, found: &FoundGame) -> bool {
        let same_files = self.files.len() == found.files.len()
            && self.files.iter().zip(&found.files).all(|(known, found)| known.is_unchanged(found));
        self.game.source != GameSource::Library || !same_files
    }
}

/// The platform of a folder: the one that is known by it; or one that is known by its slug and whose folder is gone,
/// because the folder was renamed; or a new one.
fn settle(
    tx: &mut dyn Transaction,
    now: Timestamp,
    folder: String,
    present: &FoundPlatforms,
) -> Result<PlatformId, StoreError> {
    let (slug, name) = (platform_slug(&folder), platform_name(&folder));
    let known: Vec<Platform> =
        tx.catalogue().platforms(None)?.into_iter().map(|(platform, _)| platform).collect();
    let is_known = known.iter().any(|platform| platform.fs_slug == folder);
    let renamed = known.into_iter().find(|one| one.slug == slug && !present.holds(&one.fs_slug));
    match renamed {
        Some(platform) if !is_known => {
            let platform = Platform { fs_slug: folder, updated_at: now, ..platform };
            tx.catalogue().update_platform(&platform)?;
            Ok(platform.id)
        }
        _ => {
            let platform = NewPlatform { slug, fs_slug: folder, name, created_at: now };
            Ok(tx.catalogue().find_or_insert_platform(&platform)?.id)
        }
    }
}

fn known_games(tx: &mut dyn Transaction, platform: PlatformId) -> Result<Vec<KnownGame>, StoreError> {
    let games = tx.catalogue().games_of_platform(platform)?;
    let ids: Vec<_> = games.iter().map(|game| game.id).collect();
    let mut files = by_game(tx.catalogue().files(&ids)?);
    let known = |game: Game| KnownGame { files: files.remove(&game.id).unwrap_or_default(), game };
    Ok(games.into_iter().map(known).collect())
}

#[derive(Default)]
struct Kept {
    added: usize,
    updated: usize,
}

/// Writes what was found, where it still is news.
fn keep(
    tx: &mut dyn Transaction,
    now: Timestamp,
    platform: PlatformId,
    games: &[FoundGame],
) -> Result<Kept, StoreError> {
    let mut kept = Kept::default();
    for found in games {
        let (game, is_new) = tx.catalogue().find_or_insert_game(&newly_found(found, platform, now))?;
        let files = tx.catalogue().files(&[game.id])?;
        let known = KnownGame { game, files };
        if !known.differs_from(found) {
            continue;
        }
        tx.catalogue().put_files(known.game.id, &known.files_now(found))?;
        if is_new {
            kept.added += 1;
        } else {
            tx.catalogue().update_game(&known.found_again(found, now))?;
            kept.updated += 1;
        }
    }
    Ok(kept)
}

fn newly_found(found: &FoundGame, platform: PlatformId, now: Timestamp) -> NewGame {
    NewGame {
        platform,
        name: game_name(&found.fs_name),
        fs_name: found.fs_name.clone(),
        size: found.size(),
        hashes: GameHashes::default(),
        source: GameSource::Library,
        created_at: now,
    }
}

impl KnownGame {
    /// The files that were found, with the hashes of those that did not change.
    fn files_now(&self, found: &FoundGame) -> Vec<NewGameFile> {
        let file = |found: &super::FoundFile| {
            let same = self.files.iter().find(|known| known.is_unchanged(found));
            NewGameFile {
                path: found.path.clone(),
                size: found.size,
                modified_at: found.modified_at,
                hashes: same.map(|known| known.hashes.clone()).unwrap_or_default(),
            }
        };
        found.files.iter().map(file).collect()
    }

    /// The game with the files that were found. The hashes of a file that is another one now are not its own.
    fn found_again(self, found: &FoundGame, now: Timestamp) -> Game {
        let hashed = self.files.iter().filter(|file| !file.hashes.is_empty());
        let stayed = |known: &super::GameFile| found.files.iter().any(|file| known.is_unchanged(file));
        let is_another = self.game.size != found.size() || !hashed.clone().all(stayed);
        let hashes = if self.game.source != GameSource::Declared && is_another {
            GameHashes::default()
        } else {
            self.game.hashes
        };
        Game { size: found.size(), hashes, source: GameSource::Library, updated_at: now, ..self.game }
    }
}
