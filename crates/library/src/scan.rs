//! One scan of one library.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use memcard_domain::catalogue::FoundGame;
use memcard_domain::ports::LibraryError;
use walkdir::{DirEntry, WalkDir};

use crate::litter::is_passed_over;

/// The folder that makes a layout.
const ROMS: &str = "roms";

/// Reads the library. Blocks.
pub(crate) fn scan(folder: &str) -> Result<Vec<FoundGame>, LibraryError> {
    let library = Library::open(folder)?;
    let mut platforms = library.platforms()?;
    if platforms.is_empty() {
        return Err(LibraryError::NoPlatforms(folder.to_owned()));
    }
    platforms.sort_by(|one, two| one.name.cmp(&two.name));
    Ok(platforms.iter().flat_map(|platform| library.games(platform)).collect())
}

/// A library's folder, without symbolic links on the way to it.
struct Library {
    root: PathBuf,
}

/// A platform, and the folder its games are in.
struct PlatformFolder {
    name: String,
    games: PathBuf,
}

impl Library {
    fn open(folder: &str) -> Result<Self, LibraryError> {
        match fs::canonicalize(folder) {
            Ok(root) if root.is_dir() => Ok(Self { root }),
            Ok(_) => Err(LibraryError::NotFound(folder.to_owned())),
            Err(error) if is_absence(&error) => Err(LibraryError::NotFound(folder.to_owned())),
            Err(error) => Err(LibraryError::Unreadable(error.into())),
        }
    }

    /// The platforms of the layout that the library has.
    fn platforms(&self) -> Result<Vec<PlatformFolder>, LibraryError> {
        let below_roms = match self.folder(self.root.join(ROMS)) {
            Some(roms) => self.folders_in(&roms)?,
            None => Vec::new(),
        };
        if !below_roms.is_empty() {
            return Ok(below_roms);
        }
        let above_roms = self.folders_in(&self.root)?.into_iter().filter_map(|platform| {
            let games = self.folder(platform.games.join(ROMS))?;
            Some(PlatformFolder { games, ..platform })
        });
        Ok(above_roms.collect())
    }

    /// The path, if it is a folder inside the library.
    fn folder(&self, path: PathBuf) -> Option<PathBuf> {
        (path.is_dir() && self.contains(&path)).then_some(path)
    }

    fn folders_in(&self, folder: &Path) -> Result<Vec<PlatformFolder>, LibraryError> {
        // Without its list there is nothing to scan, so this is no entry to pass over.
        fs::read_dir(folder).map_err(|error| LibraryError::Unreadable(error.into()))?;
        let below = self.entries(WalkDir::new(folder).max_depth(1));
        let folders = below.filter(|entry| entry.file_type().is_dir()).filter_map(|entry| {
            let name = entry.file_name().to_str()?.to_owned();
            Some(PlatformFolder { name, games: entry.into_path() })
        });
        Ok(folders.collect())
    }

    /// The games of a platform by name: every file counts towards the entry of the platform's folder that it is in or is.
    fn games(&self, platform: &PlatformFolder) -> Vec<FoundGame> {
        let mut sizes = BTreeMap::<String, u64>::new();
        for entry in self.entries(WalkDir::new(&platform.games)) {
            if let Some((game, size)) = file_of_game(&platform.games, &entry) {
                *sizes.entry(game).or_default() += size;
            }
        }
        let game = |(fs_name, size)| FoundGame { platform_folder: platform.name.clone(), fs_name, size };
        sizes.into_iter().map(game).collect()
    }

    /// What a walk finds, without what is none of the library's business.
    fn entries(&self, walk: WalkDir) -> impl Iterator<Item = DirEntry> {
        let found = walk.min_depth(1).follow_links(true).into_iter();
        found.filter_entry(|entry| self.has(entry)).filter_map(readable)
    }

    fn has(&self, entry: &DirEntry) -> bool {
        let path = entry.path().display();
        let Some(name) = entry.file_name().to_str() else {
            tracing::warn!(%path, "passed over in the library: the name is not UTF-8");
            return false;
        };
        if is_passed_over(name) {
            return false;
        }
        if entry.path_is_symlink() && !self.contains(entry.path()) {
            tracing::warn!(%path, "passed over in the library: the link leads out of it");
            return false;
        }
        true
    }

    /// Whether what the path stands for is inside the library.
    fn contains(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root))
    }
}

/// The game that a file is (part of), and the file's size; `None` for what is no file.
fn file_of_game(games: &Path, entry: &DirEntry) -> Option<(String, u64)> {
    let metadata = readable(entry.metadata())?;
    if !metadata.is_file() {
        return None;
    }
    let first = entry.path().strip_prefix(games).ok()?.components().next()?;
    Some((first.as_os_str().to_str()?.to_owned(), metadata.len()))
}

fn readable<T>(found: walkdir::Result<T>) -> Option<T> {
    found.inspect_err(|error| tracing::warn!(%error, "passed over in the library: cannot be read")).ok()
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
