//! A blob on its way in.

use std::io::{self, Cursor};
use std::sync::Arc;

use bytes::Bytes;
use memcard_content::Describing;
use memcard_domain::ports::{BlobError, BlobWriter, BoxFuture};
use memcard_domain::save::Content;
use tokio::runtime::Handle;

use crate::assembled::Assembled;
use crate::failure::{blocking, failed};
use crate::folder::Folder;
use crate::object::{Kind, Packer};
use crate::splitting::Splitting;

/// How many bytes are gathered before they go to a blocking thread; the way there costs as much as writing a few KiB.
/// They are copied, because a small piece may keep a large buffer alive.
const GATHERED: usize = 128 << 10;

/// The largest blob that is one object, in bytes; what is larger is split. Most saves are smaller, and change all over.
const WHOLE: usize = 64 << 10;

/// Writes one blob.
pub(crate) struct FolderWriter {
    /// Gone after a failed write, or one whose future was dropped.
    incoming: Option<Incoming>,
    gathered: Vec<u8>,
}

/// What came so far, and what is known of it.
struct Incoming {
    folder: Arc<Folder>,
    describing: Describing,
    bytes: Coming,
}

enum Coming {
    /// Few enough to be one object.
    Whole(Vec<u8>),
    /// Boxed, because it is far larger.
    Split(Box<Splitting>),
}

impl FolderWriter {
    pub(crate) fn new(folder: Arc<Folder>) -> Self {
        let bytes = Coming::Whole(Vec::new());
        Self {
            incoming: Some(Incoming { folder, describing: Describing::new(), bytes }),
            gathered: Vec::new(),
        }
    }

    async fn append(&mut self, piece: Bytes) -> Result<(), BlobError> {
        if self.gathered.len() + piece.len() <= GATHERED {
            self.gathered.extend_from_slice(&piece);
            return Ok(());
        }
        let mut incoming = self.take_incoming()?;
        let mut gathered = std::mem::take(&mut self.gathered);
        let written = blocking(move || {
            incoming.append(&gathered).and_then(|()| incoming.append(&piece)).map_err(failed)?;
            gathered.clear();
            Ok((incoming, gathered))
        });
        let (incoming, gathered) = written.await?;
        self.incoming = Some(incoming);
        self.gathered = gathered;
        Ok(())
    }

    fn take_incoming(&mut self) -> Result<Incoming, BlobError> {
        self.incoming
            .take()
            .ok_or_else(|| BlobError::Backend("the blob was given up after a failed write".into()))
    }
}

impl BlobWriter for FolderWriter {
    fn write(&mut self, chunk: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
        Box::pin(self.append(chunk))
    }

    fn finish(mut self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
        Box::pin(async move {
            let incoming = self.take_incoming()?;
            let last = std::mem::take(&mut self.gathered);
            blocking(move || incoming.finish(&last).map_err(failed)).await
        })
    }
}

impl Drop for FolderWriter {
    /// Removes files where that may take its time, if there still is a runtime to say where.
    fn drop(&mut self) {
        if let (Some(incoming), Ok(runtime)) = (self.incoming.take(), Handle::try_current()) {
            runtime.spawn_blocking(|| drop(incoming));
        }
    }
}

impl Incoming {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.describing.update(bytes);
        match &mut self.bytes {
            Coming::Whole(whole) if whole.len() + bytes.len() <= WHOLE => {
                whole.extend_from_slice(bytes);
                Ok(())
            }
            Coming::Whole(whole) => {
                let mut splitting = Box::new(Splitting::begin(Arc::clone(&self.folder))?);
                splitting.append(whole)?;
                splitting.append(bytes)?;
                self.bytes = Coming::Split(splitting);
                Ok(())
            }
            Coming::Split(splitting) => splitting.append(bytes),
        }
    }

    fn finish(mut self, last: &[u8]) -> io::Result<Content> {
        self.append(last)?;
        match self.bytes {
            Coming::Whole(whole) => finish_whole(&self.folder, self.describing, &whole),
            Coming::Split(splitting) => finish_split(&self.folder, self.describing, *splitting),
        }
    }
}

fn finish_whole(folder: &Folder, describing: Describing, bytes: &[u8]) -> io::Result<Content> {
    let content = describing.finish(Cursor::new(bytes))?;
    let object = Packer::new()?.pack(Kind::Bytes, bytes)?;
    let mut staged = match folder.renew_blob(content.digest, &object)? {
        true => None,
        false => Some(folder.staging.stage(&object)?),
    };
    folder.staging.sync(&mut staged)?;
    folder.put_blob(staged, content.digest)?;
    Ok(content)
}

fn finish_split(folder: &Folder, describing: Describing, splitting: Splitting) -> io::Result<Content> {
    let split = splitting.finish(describing.digest())?;
    let content = describing.finish(Assembled::new(folder, split.manifest()))?;
    split.keep()?;
    Ok(content)
}
