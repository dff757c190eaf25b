//! The bytes of a split blob as something that reads and seeks.

use std::io::{self, Read, Seek, SeekFrom};

use crate::folder::Folder;
use crate::manifest::Manifest;

/// A split blob's bytes, checked as they are read. Holds one chunk at a time.
pub(crate) struct Assembled<'a> {
    folder: &'a Folder,
    manifest: &'a Manifest,
    position: u64,
    /// The chunk that was read last, and its index.
    chunk: Option<(usize, Vec<u8>)>,
}

impl<'a> Assembled<'a> {
    pub(crate) fn new(folder: &'a Folder, manifest: &'a Manifest) -> Self {
        Self { folder, manifest, position: 0, chunk: None }
    }
}

impl Read for Assembled<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunks = &self.manifest.chunks;
        let index = chunks.index_at(self.position);
        let Some(chunk) = chunks.get(index) else { return Ok(0) };
        let bytes = match self.chunk.take() {
            Some((last, bytes)) if last == index => bytes,
            _ => self.folder.chunk(self.manifest.blob, chunk).map_err(io::Error::other)?,
        };
        let mut left = &bytes[(self.position - chunk.start) as usize..];
        let read = left.read(buffer)?;
        self.position += read as u64;
        self.chunk = Some((index, bytes));
        Ok(read)
    }
}

impl Seek for Assembled<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.manifest.chunks.size().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
