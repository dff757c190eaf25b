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
//! - one entry that cannot be read does not stop a scan: it is passed over, with a warning in the log, and said to be
//!   there. So are names passed over that are not UTF-8, which no client could send either;
//! - hidden files and what operating systems leave lying about are no games;
//! - the same library gives the same games in the same order: platforms and then names, each by code point.
#![deny(missing_docs)]

mod archive;
mod blocking;
mod file;
mod games;
mod litter;
mod root;
mod scan_job;

use memcard_domain::catalogue::FilePlace;
use memcard_domain::ports::{
    Archive, ArchivedFile, BoxFuture, FoundPlatforms, GameReader, LibraryError, LibraryFile, LibraryFolder,
};

use crate::blocking::blocking;
use crate::file::OpenFile;
use crate::games::Games;
use crate::root::Library;

pub use crate::scan_job::ScanJob;

/// Libraries on the local disk. They are read on blocking threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskLibrary;

impl LibraryFolder for DiskLibrary {
    fn platforms(&self, library: &str) -> BoxFuture<'_, Result<FoundPlatforms, LibraryError>> {
        let library = library.to_owned();
        Box::pin(blocking(move || Library::open(&library)?.platforms()))
    }

    fn games(
        &self,
        library: &str,
        platform_folder: &str,
    ) -> BoxFuture<'_, Result<Box<dyn GameReader>, LibraryError>> {
        let (library, folder) = (library.to_owned(), platform_folder.to_owned());
        Box::pin(blocking(move || {
            let games = Games::begin(&Library::open(&library)?, &folder)?;
            Ok(Box::new(games) as Box<dyn GameReader>)
        }))
    }

    fn open(&self, place: FilePlace) -> BoxFuture<'_, Result<Box<dyn LibraryFile>, LibraryError>> {
        Box::pin(blocking(move || Ok(Box::new(OpenFile::open(&place)?) as Box<dyn LibraryFile>)))
    }

    fn archive(&self, files: Vec<ArchivedFile>) -> BoxFuture<'_, Result<Archive, LibraryError>> {
        Box::pin(blocking(move || archive::begin(files)))
    }
}
