//! The folder: what stands in it, and how something gets there. Every method blocks.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use memcard_domain::ports::BlobError;
use memcard_domain::save::Digest;
use sha2::{Digest as _, Sha256};

use crate::disk::{self, Disk, DiskFile, remove_if_there};
use crate::failure::{failed, unreadable};
use crate::layout::{self, Area, Layout, Shard};
use crate::leases::Leases;
use crate::manifest::Chunk;
use crate::object::{self, Kind, LARGEST_FILE};
use crate::shards::{Changing, Shards};
use crate::staged::{Staged, Staging};

/// A folder of blobs.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) layout: Layout,
    pub(crate) shards: Shards,
    pub(crate) staging: Staging,
    pub(crate) leases: Arc<Leases>,
    /// Held while a sweep runs.
    pub(crate) sweeping: Mutex<()>,
    /// When blobs were finished lately, by a clock that nobody sets: the age of a file goes by one that may leap, as that of
    /// a machine without a battery does when it finds the network.
    finished: Mutex<HashMap<Digest, Instant>>,
}

/// A blob's file.
pub(crate) enum BlobFile {
    /// An object.
    Object(Box<dyn DiskFile>),
    /// The blob's bytes and nothing else, as version 0 of the format had it.
    Bare(Box<dyn DiskFile>),
}

impl Folder {
    /// Opens the folder, which is there, and removes what a crash left half written.
    pub(crate) fn open(disk: Arc<dyn Disk>, layout: Layout) -> io::Result<Self> {
        for area in [Area::Blobs, Area::Chunks] {
            disk.make_folder(&layout.area(area))?;
        }
        let staging = Staging::open(Arc::clone(&disk), layout.incoming())?;
        disk.sync_folder(layout.root())?;
        let shards = Shards::new(Arc::clone(&disk), layout.clone());
        let (leases, sweeping, finished) = Default::default();
        Ok(Self { disk, layout, shards, staging, leases, sweeping, finished })
    }

    /// Opens a blob's file.
    pub(crate) fn blob_file(&self, digest: Digest) -> Result<BlobFile, BlobError> {
        let object = || Ok(self.open_if_there(&self.layout.blob(digest))?.map(BlobFile::Object));
        let bare = || Ok(self.open_if_there(&self.layout.bare_blob(digest))?.map(BlobFile::Bare));
        // Twice, because a bare blob is removed once an object has taken its place.
        let file = match object()? {
            None => match bare()? {
                None => object()?,
                found => found,
            },
            found => found,
        };
        file.ok_or(BlobError::Missing(digest))
    }

    fn open_if_there(&self, path: &Path) -> Result<Option<Box<dyn DiskFile>>, BlobError> {
        match self.disk.open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The bytes of a chunk of that blob, as they were written.
    pub(crate) fn chunk(&self, blob: Digest, chunk: Chunk) -> Result<Vec<u8>, BlobError> {
        let corrupt = || BlobError::Corrupt(blob);
        let file = self.open_if_there(&self.layout.chunk(chunk.digest))?.ok_or_else(corrupt)?;
        let (kind, bytes) = unpack(&*file, blob)?;
        let is_right = kind == Kind::Bytes
            && bytes.len() as u64 == u64::from(chunk.size)
            && digest_of(&bytes) == chunk.digest;
        if is_right { Ok(bytes) } else { Err(corrupt()) }
    }

    /// Whether a chunk is there, and nothing but those bytes. One that is damaged is not there: whoever has its bytes
    /// puts them in its place.
    pub(crate) fn holds_chunk(&self, digest: Digest, bytes: &[u8]) -> io::Result<bool> {
        let file = match self.disk.open(&self.layout.chunk(digest)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let is_whole = matches!(unpack(&*file, digest), Ok((Kind::Bytes, kept)) if kept == bytes);
        if !is_whole {
            tracing::error!(chunk = %digest, "a damaged chunk is replaced");
        }
        Ok(is_whole)
    }

    /// Whether a blob is there as just this object. In any case it counts as new from now on.
    pub(crate) fn renew_blob(&self, digest: Digest, object: &[u8]) -> io::Result<bool> {
        let path = self.layout.blob(digest);
        // As a change, so that a sweep either finds it new or has removed it already.
        let renewed = self.shards.change(|_| {
            self.finished().insert(digest, Instant::now());
            self.disk.renew(&path)
        });
        match renewed.and_then(|()| self.disk.open(&path)) {
            Ok(file) => Ok(disk::read(&*file).is_ok_and(|kept| kept == object)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether this process finished the blob within that time.
    pub(crate) fn is_finished_within(&self, blob: Digest, time: Duration) -> bool {
        self.finished().get(&blob).is_some_and(|finished| finished.elapsed() < time)
    }

    /// Forgets which blobs were finished longer ago than that.
    pub(crate) fn forget_finished_before(&self, time: Duration) {
        self.finished().retain(|_, finished| finished.elapsed() < time);
    }

    fn finished(&self) -> MutexGuard<'_, HashMap<Digest, Instant>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a chunk whose bytes are durable in its place. Its name is not durable yet.
    pub(crate) fn put_chunk(&self, chunk: Staged, digest: Digest) -> io::Result<()> {
        self.put(chunk, Shard::of_chunk(digest), &self.layout.chunk(digest))
    }

    /// Puts a blob in its place durably: its object, whose bytes are durable, or `None` where it was
    /// [renewed](Self::renew_blob).
    pub(crate) fn put_blob(&self, object: Option<Staged>, digest: Digest) -> io::Result<()> {
        let shard = Shard::of_blob(digest);
        if let Some(object) = object {
            self.shards.make(&BTreeSet::from([shard]))?;
            self.put(object, shard, &self.layout.blob(digest))?;
        }
        self.shards.flush(&BTreeSet::from([shard]))?;
        if let Err(error) = remove_if_there(&*self.disk, &self.layout.bare_blob(digest)) {
            tracing::warn!(%error, blob = %digest, "a blob is there twice, and its old file could not be removed");
        }
        Ok(())
    }

    fn put(&self, file: Staged, shard: Shard, name: &Path) -> io::Result<()> {
        file.moved_by(|file| {
            self.shards.change(|changing| {
                self.disk.rename(file, name)?;
                changing.note(shard);
                Ok(())
            })
        })
    }

    /// Removes a blob durably; its chunks stay. One that is not there is no error.
    pub(crate) fn remove_blob(&self, digest: Digest) -> io::Result<()> {
        self.shards.change(|changing| self.unlink_blob(digest, changing))?;
        self.shards.flush(&BTreeSet::from([Shard::of_blob(digest)]))
    }

    /// Removes a blob, not durably yet.
    pub(crate) fn unlink_blob(&self, digest: Digest, changing: &mut Changing<'_>) -> io::Result<()> {
        changing.note(Shard::of_blob(digest));
        remove_if_there(&*self.disk, &self.layout.blob(digest))?;
        remove_if_there(&*self.disk, &self.layout.bare_blob(digest))
    }

    /// The blobs in a folder of them, in order.
    pub(crate) fn blobs(&self, shard: Shard) -> io::Result<BTreeSet<Digest>> {
        let mut blobs = BTreeSet::new();
        for name in self.names(&self.layout.shard(shard))? {
            if let Some(blob) = layout::named_blob(&name) {
                blobs.insert(blob);
            } else if let Some(second) = layout::named_bare_folder(&name) {
                let names = self.names(&self.layout.bare_folder(shard.first, second))?;
                blobs.extend(names.iter().filter_map(|name| layout::named(name)));
            }
        }
        Ok(blobs)
    }

    /// The chunks in a folder of them, in no order.
    pub(crate) fn chunks(&self, shard: Shard) -> io::Result<Vec<Digest>> {
        Ok(self.names(&self.layout.shard(shard))?.iter().filter_map(|name| layout::named(name)).collect())
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        match self.disk.names(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            names => names,
        }
    }
}

/// What an object of that blob holds.
pub(crate) fn unpack(object: &dyn DiskFile, blob: Digest) -> Result<(Kind, Vec<u8>), BlobError> {
    if object.size().map_err(failed)? > LARGEST_FILE {
        return Err(BlobError::Corrupt(blob));
    }
    let object = disk::read(object).map_err(|error| match error.kind() {
        // It was cut since it was asked for its size.
        io::ErrorKind::UnexpectedEof => BlobError::Corrupt(blob),
        _ => failed(error),
    })?;
    object::unpack(&object).map_err(|fault| unreadable(fault, blob))
}

/// The SHA-256 of some bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}
