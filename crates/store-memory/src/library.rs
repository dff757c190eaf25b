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
