//! A library that was never on a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use memcard_domain::catalogue::{FilePlace, FoundGame};
use memcard_domain::ports::{
    Archive, ArchivedFile, BoxFuture, FoundGames, FoundPlatforms, GameReader, LibraryError, LibraryFile,
    LibraryFolder,
};

use crate::ready;

/// Libraries in memory: games that have names and sizes, and no bytes.
#[derive(Debug, Default)]
pub struct MemoryLibrary {
    libraries: Mutex<BTreeMap<String, Library>>,
}

#[derive(Debug, Clone, Default)]
struct Library {
    platforms: BTreeMap<String, Vec<FoundGame>>,
    unreadable_platforms: BTreeSet<String>,
    unreadable_games: BTreeSet<(String, String)>,
}

impl MemoryLibrary {
    /// No libraries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a library there that has these games, each with its platform's folder, in place of what was there under that
    /// name.
    pub fn put(&self, library: &str, games: Vec<(String, FoundGame)>) {
        let mut platforms: BTreeMap<String, Vec<FoundGame>> = BTreeMap::new();
        for (folder, game) in games {
            platforms.entry(folder).or_default().push(game);
        }
        for games in platforms.values_mut() {
            games.sort_by(|one, two| one.fs_name.cmp(&two.fs_name));
        }
        self.change(library, |library| *library = Library { platforms, ..Library::default() });
    }

    /// Makes a platform's folder one that cannot be read.
    pub fn lock_platform(&self, library: &str, folder: &str) {
        self.change(library, |library| {
            library.unreadable_platforms.insert(folder.to_owned());
        });
    }

    /// Makes a game one that cannot be read.
    pub fn lock_game(&self, library: &str, folder: &str, fs_name: &str) {
        self.change(library, |library| {
            library.unreadable_games.insert((folder.to_owned(), fs_name.to_owned()));
        });
    }

    fn change(&self, library: &str, change: impl FnOnce(&mut Library)) {
        let mut libraries = self.libraries.lock().unwrap_or_else(PoisonError::into_inner);
        change(libraries.entry(library.to_owned()).or_default());
    }

    fn find(&self, library: &str) -> Result<Library, LibraryError> {
        let libraries = self.libraries.lock().unwrap_or_else(PoisonError::into_inner);
        libraries.get(library).cloned().ok_or_else(|| LibraryError::NotFound(library.to_owned()))
    }
}

impl LibraryFolder for MemoryLibrary {
    fn platforms(&self, library: &str) -> BoxFuture<'_, Result<FoundPlatforms, LibraryError>> {
        let name = library.to_owned();
        ready(move || {
            let library = self.find(&name)?;
            let folders: BTreeSet<String> = library.platforms.into_keys().collect();
            if folders.is_empty() {
                return Err(LibraryError::NoPlatforms(name));
            }
            Ok(FoundPlatforms { folders, unreadable: BTreeSet::new() })
        })
    }

    fn games(
        &self,
        library: &str,
        platform_folder: &str,
    ) -> BoxFuture<'_, Result<Box<dyn GameReader>, LibraryError>> {
        let (library, folder) = (library.to_owned(), platform_folder.to_owned());
        ready(move || {
            let mut library = self.find(&library)?;
            if library.unreadable_platforms.contains(&folder) {
                return Err(LibraryError::Unreadable("the folder is locked".into()));
            }
            let games = library.platforms.remove(&folder).unwrap_or_default();
            let is_locked =
                |game: &FoundGame| library.unreadable_games.contains(&(folder.clone(), game.fs_name.clone()));
            let (locked, games): (Vec<_>, Vec<_>) = games.into_iter().partition(is_locked);
            let unreadable = locked.into_iter().map(|game| game.fs_name).collect();
            Ok(Box::new(AllAtOnce(Some(FoundGames { games, unreadable }))) as Box<dyn GameReader>)
        })
    }

    fn open(&self, _: FilePlace) -> BoxFuture<'_, Result<Box<dyn LibraryFile>, LibraryError>> {
        ready(|| Err(LibraryError::NoSuchFile))
    }

    fn archive(&self, _: Vec<ArchivedFile>) -> BoxFuture<'_, Result<Archive, LibraryError>> {
        ready(|| Err(LibraryError::NoSuchFile))
    }
}

/// The games of a platform in one piece.
struct AllAtOnce(Option<FoundGames>);

impl GameReader for AllAtOnce {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<FoundGames>, LibraryError>> {
        ready(|| Ok(self.0.take()))
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn now<T>(mut future: BoxFuture<'_, T>) -> T {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing in memory waits"),
        }
    }

    fn game(folder: &str, fs_name: &str) -> (String, FoundGame) {
        (folder.to_owned(), FoundGame { fs_name: fs_name.to_owned(), files: Vec::new() })
    }

    #[test]
    fn games_are_found_by_platform_and_name() {
        let library = MemoryLibrary::new();
        library.put("/games", vec![game("nes", "b"), game("gba", "c"), game("nes", "a")]);
        library.lock_game("/games", "nes", "b");
        let platforms = now(library.platforms("/games")).unwrap();
        assert_eq!(platforms.folders, BTreeSet::from(["gba".to_owned(), "nes".to_owned()]));
        let mut reader = now(library.games("/games", "nes")).unwrap();
        let found = now(reader.next()).unwrap().unwrap();
        assert_eq!((found.games, found.unreadable), (vec![game("nes", "a").1], vec!["b".to_owned()]));
        assert_eq!(now(reader.next()).unwrap(), None);
    }

    #[test]
    fn a_folder_that_is_not_there_or_has_no_platforms_or_is_locked_is_an_error() {
        let library = MemoryLibrary::new();
        library.put("/empty", vec![]);
        library.put("/locked", vec![game("nes", "a")]);
        library.lock_platform("/locked", "nes");
        assert!(matches!(now(library.platforms("/games")), Err(LibraryError::NotFound(_))));
        assert!(matches!(now(library.platforms("/empty")), Err(LibraryError::NoPlatforms(_))));
        assert!(matches!(now(library.games("/locked", "nes")).err(), Some(LibraryError::Unreadable(_))));
    }
}
