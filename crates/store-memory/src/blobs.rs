//! Blobs as bytes on the heap: the one adapter whose memory use does grow with what it keeps.

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use memcard_content::Describing;
use memcard_domain::ports::{
    BlobError, BlobReader, BlobStore, BlobUpkeep, BlobUsage, BlobWriter, BoxFuture, StoredBlob, Swept,
};
use memcard_domain::save::{Content, Digest};

use crate::ready;

/// How many bytes a reader gives at once.
const CHUNK: usize = 64 * 1024;

/// Blobs in memory. Clones share what is kept.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    kept: Arc<Mutex<BTreeMap<Digest, Blob>>>,
}

/// A blob that is there.
#[derive(Debug)]
struct Blob {
    bytes: Bytes,
    finished: Instant,
}

impl MemoryBlobs {
    /// No blobs.
    pub fn new() -> Self {
        Self::default()
    }

    fn blobs(&self) -> MutexGuard<'_, BTreeMap<Digest, Blob>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for MemoryBlobs {
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
        ready(move || {
            let writer =
                MemoryWriter { blobs: self.clone(), bytes: Vec::new(), describing: Describing::new() };
            Ok(Box::new(writer) as Box<dyn BlobWriter>)
        })
    }

    fn reader(&self, digest: Digest, offset: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
        ready(move || {
            let bytes = match self.blobs().get(&digest) {
                Some(blob) => blob.bytes.clone(),
                None => return Err(BlobError::Missing(digest)),
            };
            let size = bytes.len();
            let offset = usize::try_from(offset).unwrap_or(size).min(size);
            let reader = MemoryReader { size: size as u64, left: bytes.slice(offset..) };
            Ok(Box::new(reader) as Box<dyn BlobReader>)
        })
    }

    fn holds(&self, digest: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
        ready(move || Ok(self.blobs().contains_key(&digest)))
    }

    fn remove(&self, digest: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
        ready(move || {
            self.blobs().remove(&digest);
            Ok(())
        })
    }
}

impl BlobUpkeep for MemoryBlobs {
    fn list(&self, after: Option<Digest>, limit: usize) -> BoxFuture<'_, Result<Vec<StoredBlob>, BlobError>> {
        ready(move || {
            let after = after.map_or(Bound::Unbounded, Bound::Excluded);
            let blobs = self.blobs();
            let page = blobs.range((after, Bound::Unbounded)).take(limit);
            Ok(page.map(|(&digest, blob)| StoredBlob { digest, age: blob.finished.elapsed() }).collect())
        })
    }

    fn usage(&self) -> BoxFuture<'_, Result<BlobUsage, BlobError>> {
        ready(move || {
            let blobs = self.blobs();
            let bytes = blobs.values().map(|blob| blob.bytes.len() as u64).sum();
            Ok(BlobUsage { blobs: blobs.len() as u64, bytes })
        })
    }

    fn sweep(&self, named: HashSet<Digest>, spared: Duration) -> BoxFuture<'_, Result<Swept, BlobError>> {
        ready(move || {
            let mut swept = Swept::default();
            self.blobs().retain(|digest, blob| {
                let is_needed = named.contains(digest) || blob.finished.elapsed() < spared;
                if !is_needed {
                    swept.blobs += 1;
                    swept.bytes += blob.bytes.len() as u64;
                }
                is_needed
            });
            Ok(swept)
        })
    }
}

struct MemoryWriter {
    blobs: MemoryBlobs,
    bytes: Vec<u8>,
    describing: Describing,
}

impl BlobWriter for MemoryWriter {
    fn write(&mut self, chunk: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
        ready(move || {
            self.describing.update(&chunk);
            self.bytes.extend_from_slice(&chunk);
            Ok(())
        })
    }

    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
        ready(move || {
            let Self { blobs, bytes, describing } = *self;
            let content =
                describing.finish(Cursor::new(&bytes)).map_err(|error| BlobError::Backend(error.into()))?;
            blobs.blobs().insert(content.digest, Blob { bytes: bytes.into(), finished: Instant::now() });
            Ok(content)
        })
    }
}

struct MemoryReader {
    size: u64,
    left: Bytes,
}

impl BlobReader for MemoryReader {
    fn size(&self) -> u64 {
        self.size
    }

    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BlobError>> {
        ready(move || {
            let length = self.left.len().min(CHUNK);
            Ok((length > 0).then(|| self.left.split_to(length)))
        })
    }
}
