//! Reads a folder of games from the local disk, in either of the two layouts people have:
//!
//! ```text
//! {library}/roms/{platform}/{game}
//! {library}/{platform}/roms/{game}
//! ```
//!
//! The first counts where the library has a folder `roms` with a platform in it. A game is a file, or a folder with files
//! somewhere below it: one game of several files, as large as all of them.
//!
//! Invariants:
//! - the library is only read;
//! - nothing outside it is: a symbolic link counts as what it points to if that is inside the library, and is passed over
//!   otherwise;
//! - one entry that cannot be read does not stop a scan: it is passed over, with a warning in the log. So are names that are
//!   not UTF-8, which no client could send either;
//! - hidden files and what operating systems leave lying about are no games;
//! - the same library gives the same games in the same order: platforms and then names, each by code point.
#![deny(missing_docs)]

mod litter;
mod scan;

use memcard_domain::catalogue::FoundGame;
use memcard_domain::ports::{BoxFuture, LibraryError, LibraryFolder};

/// Libraries on the local disk. Scans run on a blocking thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskLibrary;

impl LibraryFolder for DiskLibrary {
    fn scan(&self, folder: &str) -> BoxFuture<'_, Result<Vec<FoundGame>, LibraryError>> {
        let folder = folder.to_owned();
        Box::pin(async move {
            match tokio::task::spawn_blocking(move || scan::scan(&folder)).await {
                Ok(found) => found,
                Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                Err(ended) => Err(LibraryError::Unreadable(ended.into())),
            }
        })
    }
}
