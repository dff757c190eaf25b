//! A blob store that tells what is left in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::web::Bytes;
use memcard_domain::ports::{BlobError, BlobReader, BlobStore, BlobWriter, BoxFuture};
use memcard_domain::save::{Content, Digest};
use memcard_store_memory::MemoryBlobs;
use tokio::sync::Notify;

/// Blobs in memory, with what happened to them.
#[derive(Clone, Default)]
pub(crate) struct WatchedBlobs {
    kept: MemoryBlobs,
    open: Arc<AtomicUsize>,
    closed: Arc<Notify>,
    begun: Arc<AtomicUsize>,
    finished: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
    largest_write: Arc<AtomicUsize>,
}

impl WatchedBlobs {
    /// How many writers are neither finished nor dropped.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Waits until a writer was begun and none is left.
    pub(crate) async fn all_closed(&self) {
        while self.begun() == 0 || self.open() > 0 {
            self.closed.notified().await;
        }
    }

    /// How many blobs were begun.
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    /// How many blobs were finished.
    pub(crate) fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }

    /// How often bytes were handed over.
    pub(crate) fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// The most bytes that were handed over at once.
    pub(crate) fn largest_write(&self) -> usize {
        self.largest_write.load(Ordering::SeqCst)
    }
}

impl BlobStore for WatchedBlobs {
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
        Box::pin(async {
            let inner = Some(self.kept.writer().await?);
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.open.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(WatchedWriter { inner, blobs: self.clone() }) as Box<dyn BlobWriter>)
        })
    }

    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
        self.kept.reader(digest, offset)
    }

    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
        self.kept.holds(digest)
    }

    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
        self.kept.remove(digest)
    }
}

struct WatchedWriter {
    inner: Option<Box<dyn BlobWriter>>,
    blobs: WatchedBlobs,
}

impl BlobWriter for WatchedWriter {
    fn write(&mut self, chunk: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
        self.blobs.writes.fetch_add(1, Ordering::SeqCst);
        self.blobs.largest_write.fetch_max(chunk.len(), Ordering::SeqCst);
        self.inner.as_mut().unwrap().write(chunk)
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
        self.blobs.finished.fetch_add(1, Ordering::SeqCst);
        self.inner.take().unwrap().finish()
    }
}

impl Drop for WatchedWriter {
    fn drop(&mut self) {
        self.blobs.open.fetch_sub(1, Ordering::SeqCst);
        self.blobs.closed.notify_one();
    }
}
