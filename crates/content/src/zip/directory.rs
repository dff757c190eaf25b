//! The end record and the central directory: which entries there are.

use std::io::{self, Read, Seek};

use super::archive::Archive;
use super::fields::Fields;
use super::{Fault, Limits, Stop, name};

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const DIRECTORY_HEADER: [u8; 4] = *b"PK\x01\x02";

/// Lengths of the fixed parts of records.
const END_LENGTH: usize = 22;
const END_64_LENGTH: usize = 56;
const END_64_LOCATOR_LENGTH: usize = 20;

/// The extra field that holds what has no room in 32 bits.
const ZIP64_EXTRA: u16 = 0x0001;

/// The name is UTF-8.
const UTF8_NAME: u16 = 1 << 11;
/// Encryption, patched data, strong encryption, masked headers.
const NOT_PLAIN: u16 = 1 | 1 << 5 | 1 << 6 | 1 << 13;

/// The end record as it stands in the file.
#[derive(Clone, Copy)]
pub(super) struct End {
    at: u64,
    directory_size: u64,
    directory_offset: u64,
}

/// One entry as the directory announces it.
pub(super) struct Entry {
    /// The name as text.
    pub(super) name: String,
    /// The name as it stands.
    pub(super) raw_name: Box<[u8]>,
    /// Where the entry's own header stands in the file.
    pub(super) header_at: u64,
    /// How the entry is packed.
    pub(super) packing: Packing,
    /// Bytes packed.
    pub(super) packed_size: u64,
    /// Bytes unpacked.
    pub(super) size: u64,
    /// CRC-32 of the unpacked bytes.
    pub(super) crc32: u32,
}

/// How an entry is packed.
#[derive(Clone, Copy)]
pub(super) enum Packing {
    Stored,
    Deflate,
    /// In a way that is not read.
    Refused(Fault),
}

/// Finds the end record: the last signature near the end whose record, comment included, is within the file.
pub(super) fn find_end<R: Read + Seek>(archive: &mut Archive<R>) -> io::Result<Option<End>> {
    let length = archive.size().min((END_LENGTH + usize::from(u16::MAX)) as u64);
    let start = archive.size() - length;
    let mut tail = vec![0; length as usize];
    match archive.read_at(start, &mut tail) {
        Ok(()) => {}
        Err(Stop::Source(error)) => return Err(error),
        Err(Stop::Unreadable(_)) => return Ok(None),
    }
    let end = (0..tail.len()).rev().filter(|&at| tail[at..].starts_with(&END)).find_map(|at| {
        let (directory_size, directory_offset) = end_record(&tail[at..]).ok()?;
        Some(End { at: start + at as u64, directory_size, directory_offset })
    });
    Ok(end)
}

/// The directory's size and offset, from the bytes that begin with an end record and reach to the end of the file.
fn end_record(bytes: &[u8]) -> Result<(u64, u64), Fault> {
    let mut fields = Fields::new(bytes);
    fields.signature(END)?;
    fields.skip(8)?; // disks and numbers of entries
    let directory_size = fields.u32()?;
    let directory_offset = fields.u32()?;
    let comment_length = fields.u16()?;
    fields.skip(usize::from(comment_length))?;
    Ok((directory_size.into(), directory_offset.into()))
}

/// Reads the directory: every entry, folders included.
pub(super) fn read<R: Read + Seek>(
    archive: &mut Archive<R>,
    end: End,
    limits: &Limits,
) -> Result<Vec<Entry>, Stop> {
    let end = with_zip64(archive, end)?;
    if end.directory_size > limits.directory {
        return Err(Fault::Directory.into());
    }
    let directory_at = end.at.checked_sub(end.directory_size).ok_or(Fault::Cut)?;
    // Bytes before the archive shift everything in it by the same amount.
    let archive_at = directory_at.checked_sub(end.directory_offset).ok_or(Fault::Cut)?;
    let mut directory = vec![0; end.directory_size as usize];
    archive.read_at(directory_at, &mut directory)?;

    let mut fields = Fields::new(&directory);
    let mut entries = Vec::new();
    while !fields.is_empty() {
        if entries.len() == limits.entries {
            return Err(Fault::Entries.into());
        }
        entries.push(entry(&mut fields, archive_at)?);
    }
    Ok(entries)
}

/// The end record with the sizes of the 64-bit one, if there is one before it. `at` is then where that one stands.
fn with_zip64<R: Read + Seek>(archive: &mut Archive<R>, end: End) -> Result<End, Stop> {
    let Some(locator_at) = end.at.checked_sub(END_64_LOCATOR_LENGTH as u64) else { return Ok(end) };
    let mut locator = [0; END_64_LOCATOR_LENGTH];
    archive.read_at(locator_at, &mut locator)?;
    if !locator.starts_with(&END_64_LOCATOR) {
        return Ok(end);
    }
    // The locator's offset does not count bytes before the archive; where the record must stand does.
    let at = locator_at.checked_sub(END_64_LENGTH as u64).ok_or(Fault::Cut)?;
    let mut record = [0; END_64_LENGTH];
    archive.read_at(at, &mut record)?;
    let mut fields = Fields::new(&record);
    fields.signature(END_64)?;
    fields.skip(36)?; // its own size, versions, disks, numbers of entries
    Ok(End { at, directory_size: fields.u64()?, directory_offset: fields.u64()? })
}

fn entry(fields: &mut Fields<'_>, archive_at: u64) -> Result<Entry, Fault> {
    fields.signature(DIRECTORY_HEADER)?;
    fields.skip(4)?; // versions
    let flags = fields.u16()?;
    let method = fields.u16()?;
    fields.skip(4)?; // time
    let crc32 = fields.u32()?;
    let packed_size = fields.u32()?;
    let size = fields.u32()?;
    let name_length = fields.u16()?;
    let extra_length = fields.u16()?;
    let comment_length = fields.u16()?;
    fields.skip(8)?; // disk, attributes
    let offset = fields.u32()?;
    let raw_name = fields.bytes(name_length.into())?;
    let extra = fields.bytes(extra_length.into())?;
    fields.skip(comment_length.into())?;

    // The extra field holds only what does not fit, in this order.
    let mut wide = zip64_extra(extra)?;
    let size = widened(size, &mut wide)?;
    let packed_size = widened(packed_size, &mut wide)?;
    let offset = widened(offset, &mut wide)?;
    Ok(Entry {
        name: match flags & UTF8_NAME {
            0 => name::from_code_page_437(raw_name),
            _ => name::from_utf8(raw_name)?,
        },
        raw_name: raw_name.into(),
        header_at: offset.checked_add(archive_at).ok_or(Fault::Cut)?,
        packing: packing(flags, method),
        packed_size,
        size,
        crc32,
    })
}

fn packing(flags: u16, method: u16) -> Packing {
    match method {
        _ if flags & NOT_PLAIN != 0 => Packing::Refused(Fault::Encrypted),
        0 => Packing::Stored,
        8 => Packing::Deflate,
        _ => Packing::Refused(Fault::Method),
    }
}

/// The 64-bit values of an entry; none if it has no such extra field.
fn zip64_extra(extra: &[u8]) -> Result<Fields<'_>, Fault> {
    let mut fields = Fields::new(extra);
    // Some writers pad the extra fields with less than a field's header.
    while let Ok(id) = fields.u16() {
        let Ok(length) = fields.u16() else { break };
        let value = fields.bytes(length.into())?;
        if id == ZIP64_EXTRA {
            return Ok(Fields::new(value));
        }
    }
    Ok(Fields::new(&[]))
}

fn widened(value: u32, wide: &mut Fields<'_>) -> Result<u64, Fault> {
    if value == u32::MAX { wide.u64() } else { Ok(value.into()) }
}
