//! The blob store over a folder.

use std::collections::HashSet;
use std::fs::{self, DirEntry, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use memcard_domain::ports::{BlobError, BlobReader, BlobStore, BlobWriter, BoxFuture};
use memcard_domain::save::Digest;
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::durable::{create_folder, ensure_folder, sync_folder};
use crate::failure::{blocking, failed};
use crate::layout::{Layout, Shard};
use crate::reader::FileReader;
use crate::writer::FileWriter;

/// Keeps blobs in a folder of the local disk. Cheap to clone; clones share the folder.
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
    /// Opens the folder, made if there is none, and removes what a crash left half written. Blocks; meant for the start
    /// of a program.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let layout = Layout::new(root.into());
        match Folder::open(layout.clone()) {
            Ok(folder) => Ok(Self { folder: Arc::new(folder) }),
            Err(source) => Err(OpenError { folder: layout.root().to_owned(), source }),
        }
    }
}

impl BlobStore for FolderBlobs {
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
        Box::pin(async {
            let folder = Arc::clone(&self.folder);
            let writer = blocking(move || FileWriter::begin(folder)).await?;
            Ok(Box::new(writer) as Box<dyn BlobWriter>)
        })
    }

    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
        Box::pin(async move {
            let path = self.folder.layout.blob(digest);
            let reader = blocking(move || FileReader::open(&path, digest, offset)).await?;
            Ok(Box::new(reader) as Box<dyn BlobReader>)
        })
    }

    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
        Box::pin(async move {
            let path = self.folder.layout.blob(digest);
            blocking(move || path.try_exists().map_err(failed)).await
        })
    }

    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
        Box::pin(async move {
            let path = self.folder.layout.blob(digest);
            blocking(move || match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
                _ => Ok(()),
            })
            .await
        })
    }
}

/// The folder itself; every method blocks.
#[derive(Debug)]
pub(crate) struct Folder {
    layout: Layout,
    /// Shards whose folders this process knows to be durable. They are never removed.
    durable_shards: Mutex<HashSet<Shard>>,
}

impl Folder {
    fn open(layout: Layout) -> io::Result<Self> {
        create_folder(layout.root())?;
        ensure_folder(&layout.blobs())?;
        ensure_folder(&layout.incoming())?;
        for entry in fs::read_dir(layout.incoming())? {
            remove_if_left_over(&entry?)?;
        }
        Ok(Self { layout, durable_shards: Mutex::default() })
    }

    /// A new file for a blob being written, locked. It is removed when it is dropped before it was
    /// [kept](Self::keep).
    pub(crate) fn incoming_file(&self) -> io::Result<NamedTempFile> {
        let file =
            tempfile::Builder::new().prefix("blob-").rand_bytes(16).tempfile_in(self.layout.incoming())?;
        file.as_file().try_lock()?;
        Ok(file)
    }

    /// Puts a file that was flushed to disk in its place, durably. If the blob is there already, the file is dropped.
    pub(crate) fn keep(&self, file: NamedTempFile, digest: Digest, size: u64) -> io::Result<()> {
        let shard = Shard::of(digest);
        self.make_durable(shard)?;
        let blob = self.layout.blob(digest);
        match file.persist_noclobber(&blob) {
            Ok(_) => {}
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::metadata(&blob)?.len() != size {
                    // Not by this program: something outside cut it. The bytes at hand are known to be right.
                    tracing::error!(%digest, "a damaged blob is replaced");
                    taken.file.persist(&blob).map_err(|failed| failed.error)?;
                }
            }
            Err(failed) => return Err(failed.error),
        }
        // Also for a blob that was there: whoever put it there may not have come to this line yet.
        sync_folder(&self.layout.shard(shard))
    }

    fn make_durable(&self, shard: Shard) -> io::Result<()> {
        let known = || self.durable_shards.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&shard) {
            return Ok(());
        }
        let folder = self.layout.shard(shard);
        if let Some(outer) = folder.parent() {
            ensure_folder(outer)?;
        }
        ensure_folder(&folder)?;
        known().insert(shard);
        Ok(())
    }
}

/// Removes a file that nobody writes any more. A file that goes by itself meanwhile is no error.
fn remove_if_left_over(entry: &DirEntry) -> io::Result<()> {
    let removed = File::open(entry.path()).and_then(|file| match file.try_lock() {
        Ok(()) => fs::remove_file(entry.path()),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
