//! The bytes of an archive, read by position.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Fault, Stop};

/// Bytes that can be read anywhere, and how many there are.
pub(super) struct Archive<R> {
    bytes: R,
    size: u64,
}

impl<R: Read + Seek> Archive<R> {
    pub(super) fn new(mut bytes: R) -> io::Result<Self> {
        let size = bytes.seek(SeekFrom::End(0))?;
        Ok(Self { bytes, size })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Fills the buffer with what stands at the position. A range that is not within the bytes is the archive's fault
    /// and read is nothing; that the source ends too early all the same is the source's.
    pub(super) fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> Result<(), Stop> {
        match position.checked_add(buffer.len() as u64) {
            Some(end) if end <= self.size => {}
            _ => return Err(Fault::Cut.into()),
        }
        self.bytes.seek(SeekFrom::Start(position))?;
        self.bytes.read_exact(buffer)?;
        Ok(())
    }
}
