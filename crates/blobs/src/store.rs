//! The ports over a folder.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use memcard_domain::ports::{
    BlobError, BlobReader, BlobStore, BlobUpkeep, BlobUsage, BlobWriter, BoxFuture, StoredBlob, Swept,
};
use memcard_domain::save::Digest;
use thiserror::Error;

use crate::disk::{Disk, LocalDisk};
use crate::failure::{blocking, failed};
use crate::folder::Folder;
use crate::layout::Layout;
use crate::reader::FolderReader;
use crate::upkeep;
use crate::writer::FolderWriter;

/// Keeps blobs in a folder. Cheap to clone; clones share the folder.
#[derive(Debug, Clone)]
pub struct FolderBlobs {
    folder: Arc<Folder>,
}

/// The folder cannot be used.
#[derive(Debug, Error)]
#[error("the blob folder {} cannot be used", folder.display())]
pub struct OpenError {
    folder: PathBuf,
    #[source]
    source: io::Error,
}

impl FolderBlobs {
    /// Opens a folder of the local disk, made if there is none, and removes what a crash left half written. Blocks; meant
    /// for the start of a program. Until it and its clones, readers and writers are dropped, nobody else can open it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(root: impl AsRef<Path>) -> Result<Self, OpenError> {
        let root = root.as_ref();
        match LocalDisk::open(root) {
            Ok(disk) => Self::open_on(Arc::new(disk), root),
            Err(source) => Err(OpenError { folder: root.to_owned(), source }),
        }
    }

    /// Opens a folder that is there, on any disk. Nobody else may have it open. Blocks.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_on(disk: Arc<dyn Disk>, root: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let layout = Layout::new(root.into());
        match Folder::open(disk, layout.clone()) {
            Ok(folder) => Ok(Self { folder: Arc::new(folder) }),
            Err(source) => Err(OpenError { folder: layout.root().to_owned(), source }),
        }
    }

    /// Does something with the folder where it may block.
    fn with_folder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Folder>) -> Result<T, BlobError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, BlobError>> {
        let folder = Arc::clone(&self.folder);
        Box::pin(blocking(move || work(&folder)))
    }
}

impl BlobStore for FolderBlobs {
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
        let writer = FolderWriter::new(Arc::clone(&self.folder));
        Box::pin(async { Ok(Box::new(writer) as Box<dyn BlobWriter>) })
    }

    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
        self.with_folder(move |folder| {
            let reader = FolderReader::open(folder, digest, offset)?;
            Ok(Box::new(reader) as Box<dyn BlobReader>)
        })
    }

    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
        self.with_folder(move |folder| match folder.blob_file(digest) {
            Ok(_) => Ok(true),
            Err(BlobError::Missing(_)) => Ok(false),
            Err(error) => Err(error),
        })
    }

    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
        self.with_folder(move |folder| folder.remove_blob(digest).map_err(failed))
    }
}

impl BlobUpkeep for FolderBlobs {
    fn list(&self, after: Option<Digest>, limit: usize) -> BoxFuture<'_, Result<Vec<StoredBlob>, BlobError>> {
        self.with_folder(move |folder| upkeep::list(folder, after, limit).map_err(failed))
    }

    fn usage(&self) -> BoxFuture<'_, Result<BlobUsage, BlobError>> {
        self.with_folder(|folder| upkeep::usage(folder).map_err(failed))
    }

    fn sweep(&self, named: HashSet<Digest>, spared: Duration) -> BoxFuture<'_, Result<Swept, BlobError>> {
        self.with_folder(move |folder| upkeep::sweep(folder, &named, spared))
    }
}
