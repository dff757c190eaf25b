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
/// They are copied, because a small chunk may keep a large buffer alive.
const GATHERED: usize = 128 * 1024;

/// Writes one blob to a file of its own.
pub(crate) struct FileWriter {
    folder: Arc<Folder>,
    /// Gone after a failed write, or one whose future was dropped.
    file: Option<Incoming>,
    gathered: Vec<u8>,
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
        Ok(Self { folder, file: Some(incoming), gathered: Vec::new() })
    }

    async fn append(&mut self, chunk: Bytes) -> Result<(), BlobError> {
        if self.gathered.len() + chunk.len() <= GATHERED {
            self.gathered.extend_from_slice(&chunk);
            return Ok(());
        }
        let mut incoming = self.take_file()?;
        let mut gathered = std::mem::take(&mut self.gathered);
        let written = blocking(move || {
            incoming.append(&gathered).and_then(|()| incoming.append(&chunk)).map_err(failed)?;
            gathered.clear();
            Ok((incoming, gathered))
        });
        let (incoming, gathered) = written.await?;
        self.file = Some(incoming);
        self.gathered = gathered;
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
        Box::pin(self.append(chunk))
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
        Box::pin(async move {
            let incoming = self.take_file()?;
            let last = std::mem::take(&mut self.gathered);
            let folder = Arc::clone(&self.folder);
            blocking(move || incoming.finish(&last, &folder).map_err(failed)).await
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
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_file_mut().write_all(bytes)?;
        self.describing.update(bytes);
        Ok(())
    }

    fn finish(mut self, last: &[u8], folder: &Folder) -> io::Result<Content> {
        self.append(last)?;
        let content = self.describing.finish(self.file.as_file_mut())?;
        self.file.as_file().sync_all()?;
        folder.keep(self.file, content.digest, content.size)?;
        Ok(content)
    }
}
