//! The bytes of one entry, unpacked piece by piece.

use std::io::{Read, Seek};

use flate2::{Crc, Decompress, FlushDecompress, Status};
use md5::{Digest as _, Md5};
use memcard_domain::save::ContentHash;

use super::archive::Archive;
use super::directory::{Entry, Packing};
use super::fields::Fields;
use super::{Fault, Stop};

const HEADER: [u8; 4] = *b"PK\x03\x04";
const HEADER_LENGTH: usize = 30;

/// How many packed bytes are read, and how many unpacked ones kept, at once.
const CHUNK: usize = 64 * 1024;

/// The MD5 of an entry's unpacked bytes.
pub(super) fn md5<R: Read + Seek>(archive: &mut Archive<R>, entry: &Entry) -> Result<ContentHash, Stop> {
    let mut packed = Packed { at: data_at(archive, entry)?, left: entry.packed_size };
    let mut unpacked = Unpacked { md5: Md5::new(), crc: Crc::new(), left: entry.size };
    match entry.packing {
        Packing::Stored => copy(archive, &mut packed, &mut unpacked)?,
        Packing::Deflate => inflate(archive, &mut packed, &mut unpacked)?,
        Packing::Refused(fault) => return Err(fault.into()),
    }
    unpacked.complete(entry.crc32).map_err(Stop::from)
}

/// Where an entry's packed bytes begin: after its own header, which must name the same file as the directory does.
fn data_at<R: Read + Seek>(archive: &mut Archive<R>, entry: &Entry) -> Result<u64, Stop> {
    let mut header = [0; HEADER_LENGTH];
    archive.read_at(entry.header_at, &mut header)?;
    let mut fields = Fields::new(&header);
    fields.signature(HEADER)?;
    fields.skip(22)?; // what the directory says too, and says reliably
    let name_length = usize::from(fields.u16()?);
    let extra_length = u64::from(fields.u16()?);

    let name_at = entry.header_at + HEADER_LENGTH as u64;
    let mut name = vec![0; name_length];
    archive.read_at(name_at, &mut name)?;
    if *name != *entry.raw_name {
        return Err(Fault::NameMismatch.into());
    }
    Ok(name_at + name_length as u64 + extra_length)
}

/// Packed bytes yet to be read.
struct Packed {
    at: u64,
    left: u64,
}

impl Packed {
    /// Reads the next ones into the buffer; fewer than fit only at their end.
    fn read<'a, R: Read + Seek>(
        &mut self,
        archive: &mut Archive<R>,
        buffer: &'a mut [u8],
    ) -> Result<&'a [u8], Stop> {
        let length = self.left.min(buffer.len() as u64);
        let chunk = &mut buffer[..length as usize];
        archive.read_at(self.at, chunk)?;
        self.at += length;
        self.left -= length;
        Ok(chunk)
    }
}

/// Unpacked bytes, of which so many are announced and yet to come.
struct Unpacked {
    md5: Md5,
    crc: Crc,
    left: u64,
}

impl Unpacked {
    fn take(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        self.left = self.left.checked_sub(chunk.len() as u64).ok_or(Fault::Damaged)?;
        self.md5.update(chunk);
        self.crc.update(chunk);
        Ok(())
    }

    fn complete(self, crc32: u32) -> Result<ContentHash, Fault> {
        if self.left == 0 && self.crc.sum() == crc32 {
            Ok(ContentHash(self.md5.finalize().into()))
        } else {
            Err(Fault::Damaged)
        }
    }
}

fn copy<R: Read + Seek>(
    archive: &mut Archive<R>,
    packed: &mut Packed,
    unpacked: &mut Unpacked,
) -> Result<(), Stop> {
    let mut buffer = vec![0; CHUNK];
    while packed.left > 0 {
        unpacked.take(packed.read(archive, &mut buffer)?)?;
    }
    Ok(())
}

fn inflate<R: Read + Seek>(
    archive: &mut Archive<R>,
    packed: &mut Packed,
    unpacked: &mut Unpacked,
) -> Result<(), Stop> {
    let (mut input, mut output) = (vec![0; CHUNK], vec![0; CHUNK]);
    let mut inflater = Decompress::new(false);
    let mut pending: &[u8] = &[];
    loop {
        if pending.is_empty() {
            pending = packed.read(archive, &mut input)?;
        }
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let status =
            inflater.decompress(pending, &mut output, FlushDecompress::None).map_err(|_| Fault::Damaged)?;
        let read = (inflater.total_in() - read) as usize;
        let written = (inflater.total_out() - written) as usize;
        pending = &pending[read..];
        unpacked.take(&output[..written])?;
        match status {
            Status::StreamEnd => return Ok(()),
            // Neither took nor gave anything: the packed bytes ended before the stream did.
            _ if read == 0 && written == 0 => return Err(Fault::Damaged.into()),
            _ => {}
        }
    }
}
