//! The library: a folder of games on the server's disk.

use std::error::Error as StdError;

use thiserror::Error;

use super::BoxFuture;
use crate::catalogue::FoundGame;

/// Reads folders of games: `{library}/roms/{platform}/{file}` or `{library}/{platform}/roms/{file}`.
pub trait LibraryFolder: Send + Sync {
    /// Everything that is a game in the folder, in the order of platform and name. Hidden files are passed over; a
    /// folder below a platform's is one game of several files.
    ///
    /// # Errors
    /// See [`LibraryError`].
    fn scan(&self, folder: &str) -> BoxFuture<'_, Result<Vec<FoundGame>, LibraryError>>;
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
    /// Reading failed.
    #[error("the library could not be read")]
    Unreadable(#[source] Box<dyn StdError + Send + Sync>),
}
