//! Files of games, opened and on their way out.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use memcard_domain::catalogue::FilePlace;
use memcard_domain::ports::{BoxFuture, LibraryBytes, LibraryError, LibraryFile};
use memcard_domain::time::Timestamp;

use crate::blocking::blocking;
use crate::games::modified_at;
use crate::root::{Library, is_absence, unreadable};

/// How many bytes are read at once.
pub(crate) const CHUNK: u64 = 256 * 1024;

/// An open file.
pub(crate) struct OpenFile {
    pub(crate) file: File,
    pub(crate) size: u64,
    pub(crate) modified_at: Timestamp,
}

impl OpenFile {
    /// Opens a file inside its library. Blocks.
    ///
    /// Links are followed first, so that one that stays inside counts, wherever it begins; what they lead to is then
    /// opened from the library's folder, component by component and never out of it, whatever was put in its way
    /// meanwhile.
    pub(crate) fn open(place: &FilePlace) -> Result<Self, LibraryError> {
        let library = Library::open(&place.library)?;
        let path = library.games_of(&place.platform_folder)?.join(&place.path);
        let real = fs::canonicalize(path).map_err(failed)?;
        let inside = real.strip_prefix(library.root()).map_err(|_| LibraryError::NoSuchFile)?;
        let root = Dir::open_ambient_dir(library.root(), ambient_authority()).map_err(failed)?;
        if !root.metadata(inside).map_err(failed)?.is_file() {
            return Err(LibraryError::NoSuchFile);
        }
        let file = root.open(inside).map_err(failed)?.into_std();
        let metadata = file.metadata().map_err(failed)?;
        Ok(Self { size: metadata.len(), modified_at: modified_at(&metadata), file })
    }
}

impl LibraryFile for OpenFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    fn bytes_from(self: Box<Self>, offset: u64) -> Box<dyn LibraryBytes> {
        Box::new(FileBytes { file: Arc::new(self.file), size: self.size, position: offset })
    }
}

/// The rest of a file.
struct FileBytes {
    file: Arc<File>,
    size: u64,
    position: u64,
}

impl FileBytes {
    async fn read(&mut self) -> Result<Option<Bytes>, LibraryError> {
        let length = self.size.saturating_sub(self.position).min(CHUNK);
        if length == 0 {
            return Ok(None);
        }
        let (file, position) = (Arc::clone(&self.file), self.position);
        let chunk = blocking(move || {
            let mut chunk = vec![0; length as usize];
            file.read_exact_at(&mut chunk, position).map_err(unreadable)?;
            Ok(Bytes::from(chunk))
        });
        let chunk = chunk.await?;
        self.position += length;
        Ok(Some(chunk))
    }
}

impl LibraryBytes for FileBytes {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, LibraryError>> {
        Box::pin(self.read())
    }
}

fn failed(error: io::Error) -> LibraryError {
    if is_absence(&error) { LibraryError::NoSuchFile } else { unreadable(error) }
}
