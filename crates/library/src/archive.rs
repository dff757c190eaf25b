//! Several files as one archive, written while it is read.
//!
//! Entries are stored as they are: games seldom get smaller, and whoever serves them often has a small processor. Their
//! checksums follow their bytes, as in any archive that is written in one go; the directory at its end has everything.

use std::io::{self, BufWriter, Write as _};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use memcard_domain::ports::{Archive, ArchivedFile, BoxFuture, LibraryBytes, LibraryError};
use tokio::sync::mpsc::{self, Receiver, Sender};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::file::{CHUNK, OpenFile};
use crate::root::unreadable;

/// How many chunks wait for whoever reads.
const CHUNKS_AHEAD: usize = 4;

type Piece = Result<Bytes, LibraryError>;

/// Sees that every file is there, and begins to write the archive. Blocks.
pub(crate) fn begin(files: Vec<ArchivedFile>) -> Result<Archive, LibraryError> {
    let mark = mark(&files)?;
    let (pieces, read) = mpsc::channel(CHUNKS_AHEAD);
    // Ends with the archive, or when nobody reads it any more.
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write(&files, pieces.clone()) {
            // If nobody reads any more, nobody needs to know.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    Ok(Archive { mark, bytes: Box::new(ArchiveBytes(read)) })
}

/// Tells archives apart by their files' names, sizes and times.
fn mark(files: &[ArchivedFile]) -> Result<String, LibraryError> {
    let mut hash = Md5::new();
    for file in files {
        let OpenFile { size, modified_at, .. } = OpenFile::open(&file.place)?;
        hash.update(format!("{}\0{size}\0{}\n", file.name, modified_at.timestamp_micros()));
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn write(files: &[ArchivedFile], pieces: Sender<Piece>) -> Result<(), LibraryError> {
    let out = BufWriter::with_capacity(CHUNK as usize, Outlet { pieces, is_shut: false });
    let mut archive = ZipWriter::new_stream(out);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for file in files {
        let mut opened = OpenFile::open(&file.place)?;
        let is_large = opened.size >= u64::from(u32::MAX / 2);
        archive.start_file(file.name.as_str(), stored.large_file(is_large)).map_err(unreadable)?;
        io::copy(&mut opened.file, &mut archive).map_err(unreadable)?;
    }
    archive.finish().map_err(unreadable)?.into_inner().flush().map_err(unreadable)
}

/// Where the archive is written to.
struct Outlet {
    pieces: Sender<Piece>,
    /// Whether nobody reads any more. That is an error once, which ends the writing; what the writer adds in ending is
    /// dropped.
    is_shut: bool,
}

impl io::Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_shut && self.pieces.blocking_send(Ok(Bytes::copy_from_slice(bytes))).is_err() {
            self.is_shut = true;
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct ArchiveBytes(Receiver<Piece>);

impl LibraryBytes for ArchiveBytes {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, LibraryError>> {
        Box::pin(async { self.0.recv().await.transpose() })
    }
}
