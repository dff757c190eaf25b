//! A blob on its way in.

use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use memcard_content::Describing;
use memcard_domain::ports::{BlobError, BlobWriter, BoxFuture};
use memcard_domain::save::Content;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;

use crate::failure::{blocking, failed};
use crate::folder::Folder;

/// How many bytes are gathered before they go to a blocking thread; the way there costs as much as writing a few KiB.
const GATHERED: usize = 256 * 1024;

/// Writes one blob to a file of its own.
pub(crate) struct FileWriter {
    folder: Arc<Folder>,
    /// Gone after a failed write, or one whose future was dropped.
    file: Option<Incoming>,
    gathered: Vec<Bytes>,
    gathered_size: usize,
}

/// The file so far, and what is known of its bytes.
struct Incoming {
    file: NamedTempFile,
    describing: Describing,
}

impl FileWriter {
    /// Begins a file. Blocks.
    pub(crate) fn begin(folder: Arc<Folder>) -> Result<Self, BlobError> {
        let file = folder.incoming_file().map_err(failed)?;
        let incoming = Incoming { file, describing: Describing::new() };
        Ok(Self { folder, file: Some(incoming), gathered: Vec::new(), gathered_size: 0 })
    }

    async fn gather(&mut self, chunk: Bytes) -> Result<(), BlobError> {
        self.gathered_size += chunk.len();
        self.gathered.push(chunk);
        if self.gathered_size < GATHERED {
            return Ok(());
        }
        self.gathered_size = 0;
        let chunks = std::mem::take(&mut self.gathered);
        let mut incoming = self.take_file()?;
        let written = blocking(move || {
            incoming.append(&chunks).map_err(failed)?;
            Ok(incoming)
        });
        self.file = Some(written.await?);
        Ok(())
    }

    fn take_file(&mut self) -> Result<Incoming, BlobError> {
        self.file
            .take()
            .ok_or_else(|| BlobError::Backend("the blob was given up after a failed write".into()))
    }
}

impl BlobWriter for FileWriter {
    fn write(&mut self, chunk: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
        Box::pin(self.gather(chunk))
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
        Box::pin(async move {
            let incoming = self.take_file()?;
            let chunks = std::mem::take(&mut self.gathered);
            let folder = Arc::clone(&self.folder);
            blocking(move || incoming.finish(&chunks, &folder).map_err(failed)).await
        })
    }
}

impl Drop for FileWriter {
    /// Removes the file where that may take its time, if there still is a runtime to say where.
    fn drop(&mut self) {
        if let (Some(incoming), Ok(runtime)) = (self.file.take(), Handle::try_current()) {
            runtime.spawn_blocking(|| drop(incoming));
        }
    }
}

impl Incoming {
    fn append(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        for chunk in chunks {
            self.file.as_file_mut().write_all(chunk)?;
            self.describing.update(chunk);
        }
        Ok(())
    }

    fn finish(mut self, last: &[Bytes], folder: &Folder) -> io::Result<Content> {
        self.append(last)?;
        let content = self.describing.finish(self.file.as_file_mut())?;
        self.file.as_file().sync_all()?;
        folder.keep(self.file, content.digest, content.size)?;
        Ok(content)
    }
}
