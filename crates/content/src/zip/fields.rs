//! Reading the little-endian fields of a zip's records.

use super::Fault;

/// What is left of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next so many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Fault::Cut)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Passes over so many bytes.
    pub(super) fn skip(&mut self, length: usize) -> Result<(), Fault> {
        self.bytes(length).map(|_| ())
    }

    /// Passes over a record's signature.
    pub(super) fn signature(&mut self, expected: [u8; 4]) -> Result<(), Fault> {
        if self.array()? == expected { Ok(()) } else { Err(Fault::Signature) }
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Fault::Cut)?;
        self.0 = rest;
        Ok(*array)
    }
}
