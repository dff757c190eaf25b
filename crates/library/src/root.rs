//! Libraries: which layout they have, and where in them things are.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use memcard_domain::ports::{FoundPlatforms, LibraryError};

use crate::litter::is_passed_over;

/// The folder that makes a layout.
const ROMS: &str = "roms";

/// A library's folder, without symbolic links on the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    root: PathBuf,
}

/// Where platforms are in a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// `roms/{platform}`
    BelowRoms,
    /// `{platform}/roms`
    AboveRoms,
}

/// What is at a path.
enum Found {
    Folder,
    NoFolder,
    Unreadable,
}

impl Library {
    /// Opens the library in that folder. Blocks, as everything here does.
    pub(crate) fn open(folder: &str) -> Result<Self, LibraryError> {
        match fs::canonicalize(folder) {
            Ok(root) if root.is_dir() => Ok(Self { root }),
            Ok(_) => Err(LibraryError::NotFound(folder.to_owned())),
            Err(error) if is_absence(&error) => Err(LibraryError::NotFound(folder.to_owned())),
            Err(error) => Err(unreadable(error)),
        }
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The platforms of the layout that the library has.
    pub(crate) fn platforms(&self) -> Result<FoundPlatforms, LibraryError> {
        let platforms = match self.layout()? {
            Layout::BelowRoms => self.folders_in(&self.root.join(ROMS))?,
            Layout::AboveRoms => {
                let mut platforms = self.folders_in(&self.root)?;
                for folder in std::mem::take(&mut platforms.folders) {
                    match self.find(&self.root.join(&folder).join(ROMS)) {
                        Found::Folder => platforms.folders.insert(folder),
                        Found::Unreadable => platforms.unreadable.insert(folder),
                        Found::NoFolder => false,
                    };
                }
                platforms
            }
        };
        if platforms == FoundPlatforms::default() {
            return Err(LibraryError::NoPlatforms(self.root.display().to_string()));
        }
        Ok(platforms)
    }

    /// Where the games of a platform are.
    pub(crate) fn games_of(&self, platform_folder: &str) -> Result<PathBuf, LibraryError> {
        Ok(match self.layout()? {
            Layout::BelowRoms => self.root.join(ROMS).join(platform_folder),
            Layout::AboveRoms => self.root.join(platform_folder).join(ROMS),
        })
    }

    /// Whether what the path stands for is inside the library.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root))
    }

    /// The first layout counts where there is a platform of it.
    fn layout(&self) -> Result<Layout, LibraryError> {
        let roms = self.root.join(ROMS);
        match self.find(&roms) {
            Found::Folder if self.folders_in(&roms)? != FoundPlatforms::default() => Ok(Layout::BelowRoms),
            Found::Folder | Found::NoFolder => Ok(Layout::AboveRoms),
            Found::Unreadable => Err(unreadable(format!("{} cannot be read", roms.display()))),
        }
    }

    fn folders_in(&self, folder: &Path) -> Result<FoundPlatforms, LibraryError> {
        let (mut folders, mut unreadable_ones) = (BTreeSet::new(), BTreeSet::new());
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if is_passed_over(&name) {
                continue;
            }
            match self.find(&entry.path()) {
                Found::Folder => folders.insert(name),
                Found::Unreadable => unreadable_ones.insert(name),
                Found::NoFolder => false,
            };
        }
        Ok(FoundPlatforms { folders, unreadable: unreadable_ones })
    }

    /// Links out of the library lead to nothing.
    fn find(&self, path: &Path) -> Found {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() && self.contains(path) => Found::Folder,
            Ok(_) => Found::NoFolder,
            Err(error) if is_absence(&error) => Found::NoFolder,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "cannot be read in the library");
                Found::Unreadable
            }
        }
    }
}

/// Whether nothing is there, which is no failure.
pub(crate) fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A failure to read.
pub(crate) fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> LibraryError {
    LibraryError::Unreadable(error.into())
}
