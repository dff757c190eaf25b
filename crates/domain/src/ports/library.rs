//! The library: a folder of games on the server's disk. It is only read.

use std::collections::BTreeSet;
use std::error::Error as StdError;

use bytes::Bytes;
use thiserror::Error;

use super::BoxFuture;
use crate::catalogue::{FilePlace, FoundGame};
use crate::time::Timestamp;

/// Reads libraries: `{library}/roms/{platform}/{game}` or `{library}/{platform}/roms/{game}`, where a game is a file, or
/// a folder with files somewhere below it. Whatever a path says, nothing outside the library is read.
pub trait LibraryFolder: Send + Sync {
    /// The platforms' folders by name, hidden ones apart.
    ///
    /// # Errors
    /// [`LibraryError::NotFound`], [`LibraryError::NoPlatforms`], or [`LibraryError::Unreadable`] where the library
    /// itself cannot be listed.
    fn platforms(&self, library: &str) -> BoxFuture<'_, Result<FoundPlatforms, LibraryError>>;

    /// Begins to read the games of a platform.
    ///
    /// # Errors
    /// As [`platforms`](Self::platforms), and [`LibraryError::Unreadable`] where the platform's folder cannot be listed.
    fn games(
        &self,
        library: &str,
        platform_folder: &str,
    ) -> BoxFuture<'_, Result<Box<dyn GameReader>, LibraryError>>;

    /// Opens a file.
    ///
    /// # Errors
    /// [`LibraryError::NoSuchFile`] where there is none, or none inside the library.
    fn open(&self, place: FilePlace) -> BoxFuture<'_, Result<Box<dyn LibraryFile>, LibraryError>>;

    /// Opens files to be read as one ZIP archive that holds them in their order, as they are and not compressed.
    ///
    /// # Errors
    /// As [`open`](Self::open), of the first that cannot be opened.
    fn archive(&self, files: Vec<ArchivedFile>) -> BoxFuture<'_, Result<Archive, LibraryError>>;
}

/// The platforms of a library.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundPlatforms {
    /// The names of their folders.
    pub folders: BTreeSet<String>,
    /// The names of those that are there, but cannot be told to be one: a failing disk, a mount that does not answer.
    pub unreadable: BTreeSet<String>,
}

/// The games of one platform, read piece by piece. Dropping it ends the reading.
pub trait GameReader: Send {
    /// The next games, by name, of a bounded number of them; `None` at the end.
    ///
    /// # Errors
    /// See [`LibraryError`]; one entry that cannot be read is none.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<FoundGames>, LibraryError>>;
}

/// Some games of a platform. What lies in a folder without being a game is not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundGames {
    /// Those that were read as a whole.
    pub games: Vec<FoundGame>,
    /// The names of those that are there, but cannot be read, wholly or in part.
    pub unreadable: Vec<String>,
}

/// An open file. It stays readable, as it was, when another takes its place.
pub trait LibraryFile: Send {
    /// Its size in bytes when it was opened.
    fn size(&self) -> u64;

    /// When it was last written to, as of its opening.
    fn modified_at(&self) -> Timestamp;

    /// Its bytes from `offset` on.
    fn bytes_from(self: Box<Self>, offset: u64) -> Box<dyn LibraryBytes>;
}

/// Bytes on their way out. Memory use does not grow with them; dropping it ends the reading.
pub trait LibraryBytes: Send {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// See [`LibraryError`].
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, LibraryError>>;
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its name in the archive, with `/` between folders.
    pub name: String,
    /// Where it is.
    pub place: FilePlace,
}

/// An archive of open files.
pub struct Archive {
    /// What tells it from others: equal files in equal order give an equal mark, and files that were written to another.
    pub mark: String,
    /// Its bytes.
    pub bytes: Box<dyn LibraryBytes>,
}

/// Why a library could not be read.
#[derive(Debug, Error)]
pub enum LibraryError {
    /// There is no such folder.
    #[error("library folder not found: {0}")]
    NotFound(String),
    /// It is there and has neither of the two layouts.
    #[error("no platforms found in {0}: expected roms/{{platform}}/{{file}} or {{platform}}/roms/{{file}}")]
    NoPlatforms(String),
    /// There is no such file in it.
    #[error("no such file in the library")]
    NoSuchFile,
    /// Reading failed.
    #[error("the library could not be read")]
    Unreadable(#[source] Box<dyn StdError + Send + Sync>),
}
