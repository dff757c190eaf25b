//! A library that was never on a disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use memcard_domain::catalogue::FoundGame;
use memcard_domain::ports::{BoxFuture, LibraryError, LibraryFolder};

use crate::ready;

/// Folders of games in memory.
#[derive(Debug, Default)]
pub struct MemoryLibrary {
    folders: Mutex<BTreeMap<String, Vec<FoundGame>>>,
}

impl MemoryLibrary {
    /// No folders.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a folder there, in place of what was there under that name.
    pub fn put(&self, folder: impl Into<String>, mut games: Vec<FoundGame>) {
        games.sort_by(|one, two| {
            (&one.platform_folder, &one.fs_name).cmp(&(&two.platform_folder, &two.fs_name))
        });
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.into(), games);
    }
}

impl LibraryFolder for MemoryLibrary {
    fn scan(&self, folder: &str) -> BoxFuture<'_, Result<Vec<FoundGame>, LibraryError>> {
        let folder = folder.to_owned();
        ready(move || match self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(&folder) {
            None => Err(LibraryError::NotFound(folder)),
            Some(games) if games.is_empty() => Err(LibraryError::NoPlatforms(folder)),
            Some(games) => Ok(games.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn found(platform_folder: &str, fs_name: &str) -> FoundGame {
        FoundGame { platform_folder: platform_folder.to_owned(), fs_name: fs_name.to_owned(), size: 1 }
    }

    fn scan(library: &MemoryLibrary, folder: &str) -> Result<Vec<FoundGame>, LibraryError> {
        let mut scan = library.scan(folder);
        match scan.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("nothing in memory waits"),
        }
    }

    #[test]
    fn games_are_found_by_platform_and_name() {
        let library = MemoryLibrary::new();
        library.put("/games", vec![found("nes", "b"), found("gba", "c"), found("nes", "a")]);
        let games = scan(&library, "/games").unwrap();
        assert_eq!(games, [found("gba", "c"), found("nes", "a"), found("nes", "b")]);
    }

    #[test]
    fn a_folder_that_is_not_there_or_has_no_platforms_is_an_error() {
        let library = MemoryLibrary::new();
        library.put("/empty", vec![]);
        assert!(
            matches!(scan(&library, "/games"), Err(LibraryError::NotFound(folder)) if folder == "/games")
        );
        assert!(
            matches!(scan(&library, "/empty"), Err(LibraryError::NoPlatforms(folder)) if folder == "/empty")
        );
    }
}
