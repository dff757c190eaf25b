//! Blobs: the bytes of saves, under their SHA-256.

use std::error::Error as StdError;

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

    /// Opens a blob from `offset` on.
    ///
    /// # Errors
    /// [`BlobError::Missing`] if there is no such blob.
    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>>;

    /// Whether the blob is there.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>>;

    /// Removes a blob; one that is not there is no error.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>>;
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

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// See [`BlobError`].
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BlobError>>;
}

/// Why a blob could not be written or read.
#[derive(Debug, Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("blob {0} is missing")]
    Missing(Digest),
    /// No space is left.
    #[error("no space left for blobs")]
    Full(#[source] Box<dyn StdError + Send + Sync>),
    /// Anything else.
    #[error("the blob store failed")]
    Backend(#[source] Box<dyn StdError + Send + Sync>),
}
