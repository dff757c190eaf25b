//! Blobs: the bytes of saves, under their SHA-256.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;

use super::BoxFuture;
use crate::save::{Content, Digest};

/// Where the bytes of saves are kept. A blob is immutable; storing equal bytes twice stores them once.
pub trait BlobStore: Send + Sync {
    /// Begins to write a blob. A writer that is dropped before [`finish`](BlobWriter::finish) leaves nothing behind
    /// (after a crash: nothing after the next start).
    ///
    /// # Errors
    /// See [`BlobError`].
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>>;

    /// Opens a blob from `offset` on. It stays readable when it is removed meanwhile.
    ///
    /// # Errors
    /// [`BlobError::Missing`] if there is no such blob, and [`BlobError::Corrupt`] if it is seen already that it is
    /// damaged.
    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>>;

    /// Whether the blob is there.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>>;

    /// Removes a blob, whatever its age; what other blobs share with it stays. One that is not there is no error.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>>;
}

/// A blob store as those see it who look after it: `verify`, and the sweeper that collects what no row names.
pub trait BlobUpkeep: BlobStore {
    /// At most `limit` blobs with digests greater than `after`, in the order of their digests. No more follow once a page
    /// is empty. Blobs that come or go meanwhile may be in it or not.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn list(&self, after: Option<Digest>, limit: usize) -> BoxFuture<'_, Result<Vec<StoredBlob>, BlobError>>;

    /// How much is stored.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn usage(&self) -> BoxFuture<'_, Result<BlobUsage, BlobError>>;

    /// Removes every blob that is not `named` and was finished at least `spared` before the sweep began, and whatever of
    /// removed blobs no other blob shares. Each blob goes as a whole. Writers and readers may be at work meanwhile: a blob
    /// counts as new when it is finished, also if equal bytes were there already, and what is being read stays.
    ///
    /// No blob goes whose row is about to be written if `spared` is longer than it takes from
    /// [`finish`](BlobWriter::finish) to that row, and from the moment at which rows were asked for `named` to the sweep,
    /// together.
    ///
    /// # Errors
    /// See [`BlobError`]; some of the work may be done.
    fn sweep(&self, named: HashSet<Digest>, spared: Duration) -> BoxFuture<'_, Result<Swept, BlobError>>;
}

/// A blob that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its name.
    pub digest: Digest,
    /// How long ago it was finished last.
    pub age: Duration,
}

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobUsage {
    /// The number of blobs.
    pub blobs: u64,
    /// The bytes they take up where they are stored.
    pub bytes: u64,
}

/// What a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// The number of blobs removed.
    pub blobs: u64,
    /// The bytes that they and what they alone shared had taken up.
    pub bytes: u64,
    /// Blobs that were left and are so damaged that it is not known what they share with others. Where there is one,
    /// nothing that may be shared was removed.
    pub damaged: Vec<Digest>,
}

/// A blob being written. Memory use does not grow with the blob.
pub trait BlobWriter: Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// [`BlobError::Full`] and [`BlobError::Backend`]; the writer is of no use afterwards.
    fn write(&mut self, chunk: Bytes) -> BoxFuture<'_, Result<(), BlobError>>;

    /// Makes the bytes durable (file and folder) and says what they are.
    ///
    /// # Errors
    /// As [`write`](BlobWriter::write).
    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>>;
}

/// A blob being read.
pub trait BlobReader: Send {
    /// The whole blob's size in bytes.
    fn size(&self) -> u64;

    /// The next bytes; `None` at the end. They were checked against the digest, or one that it vouches for: bytes that
    /// are not the blob's are never given.
    ///
    /// # Errors
    /// [`BlobError::Corrupt`] and [`BlobError::Backend`].
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BlobError>>;
}

/// Why a blob could not be written or read.
#[derive(Debug, Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("blob {0} is missing")]
    Missing(Digest),
    /// What is stored of the blob is damaged. Writing equal bytes mends it.
    #[error("what is stored of blob {0} is damaged")]
    Corrupt(Digest),
    /// No space is left.
    #[error("no space left for blobs")]
    Full(#[source] Box<dyn StdError + Send + Sync>),
    /// Anything else.
    #[error("the blob store failed")]
    Backend(#[source] Box<dyn StdError + Send + Sync>),
}
