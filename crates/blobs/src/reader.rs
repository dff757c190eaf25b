//! A blob on its way out.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use memcard_domain::ports::{BlobError, BlobReader, BoxFuture};
use memcard_domain::save::Digest;

use crate::failure::{blocking, failed};

/// How many bytes are read at once.
const CHUNK: u64 = 64 * 1024;

/// Reads one blob. It stays readable when it is removed meanwhile.
pub(crate) struct FileReader {
    file: Arc<File>,
    size: u64,
    position: u64,
}

impl FileReader {
    /// Opens a blob's file. Blocks.
    pub(crate) fn open(path: &Path, digest: Digest, offset: u64) -> Result<Self, BlobError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BlobError::Missing(digest),
            _ => failed(error),
        })?;
        let size = file.metadata().map_err(failed)?.len();
        Ok(Self { file: Arc::new(file), size, position: offset })
    }

    async fn read(&mut self) -> Result<Option<Bytes>, BlobError> {
        let length = self.size.saturating_sub(self.position).min(CHUNK);
        if length == 0 {
            return Ok(None);
        }
        let (file, position) = (Arc::clone(&self.file), self.position);
        let chunk = blocking(move || {
            let mut chunk = vec![0; length as usize];
            file.read_exact_at(&mut chunk, position).map_err(failed)?;
            Ok(Bytes::from(chunk))
        });
        let chunk = chunk.await?;
        self.position += length;
        Ok(Some(chunk))
    }
}

impl BlobReader for FileReader {
    fn size(&self) -> u64 {
        self.size
    }

    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, BlobError>> {
        Box::pin(self.read())
    }
}
