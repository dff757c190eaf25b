//! A zip's content hash, read with bounded memory and time from bytes that may be hostile.
//!
//! Structure after PKWARE's APPNOTE.TXT 6.3: the end record says where the central directory is, the directory where the
//! entries are. Where readers of the world disagree (a directory that is not where its offset says, because bytes were put
//! before the archive) the offsets count from where the archive must have begun.

mod archive;
mod directory;
mod entry;
mod fields;
mod name;

use std::io::{self, Read, Seek};

use md5::{Digest as _, Md5};
use memcard_domain::save::ContentHash;

use archive::Archive;
use directory::Entry;

/// What some bytes are as a zip.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Zip {
    /// They are none.
    No,
    /// They are one, with this content hash.
    Readable(ContentHash),
    /// They are one that has no content hash.
    Unreadable(Fault),
}

/// Why a zip cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something points beyond the bytes, or ends before it is complete.
    Cut,
    /// A record does not begin with its signature.
    Signature,
    /// A name is not the UTF-8 it claims to be.
    Name,
    /// The directory and the entry's own header name different files.
    NameMismatch,
    /// An entry is encrypted, or a patch to another file.
    Encrypted,
    /// An entry is packed by a method other than stored and deflate.
    Method,
    /// An entry does not unpack to the announced size and checksum.
    Damaged,
    /// The entries together are longer than the file.
    Overlap,
    /// There are too many entries.
    Entries,
    /// The directory is too large.
    Directory,
    /// Too much would be unpacked.
    Unpacked,
}

/// What is too much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Entries, folders included.
    pub(crate) entries: usize,
    /// Bytes of the directory.
    pub(crate) directory: u64,
    /// Unpacked bytes for each byte of the file …
    pub(crate) ratio: u64,
    /// … but so many are always allowed (a blank memory card packs to a thousandth) …
    pub(crate) unpacked_always: u64,
    /// … and never more than these.
    pub(crate) unpacked: u64,
}

impl Limits {
    /// The limits that the crate's documentation names.
    pub(crate) const DEFAULT: Self = Self {
        entries: 10_000,
        directory: 4 << 20,
        ratio: 100,
        unpacked_always: 64 << 20,
        unpacked: 1 << 30,
    };

    fn unpacked_of(&self, file_size: u64) -> u64 {
        file_size.saturating_mul(self.ratio).max(self.unpacked_always).min(self.unpacked)
    }
}

/// Finds out whether the bytes are a zip, and hashes its entries if they are.
///
/// # Errors
/// Whatever reading says. What is wrong with the archive is no error.
pub(crate) fn examine(bytes: impl Read + Seek, limits: &Limits) -> io::Result<Zip> {
    let mut archive = Archive::new(bytes)?;
    let Some(end) = directory::find_end(&mut archive)? else { return Ok(Zip::No) };
    match entries_hash(&mut archive, end, limits) {
        Ok(hash) => Ok(Zip::Readable(hash)),
        Err(Stop::Unreadable(fault)) => Ok(Zip::Unreadable(fault)),
        Err(Stop::Source(error)) => Err(error),
    }
}

/// Why reading an archive ended early.
#[derive(Debug)]
enum Stop {
    /// It is the archive's fault.
    Unreadable(Fault),
    /// Its bytes could not be had.
    Source(io::Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Unreadable(fault)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Source(error)
    }
}

fn entries_hash<R: Read + Seek>(
    archive: &mut Archive<R>,
    end: directory::End,
    limits: &Limits,
) -> Result<ContentHash, Stop> {
    let mut files = directory::read(archive, end, limits)?;
    files.retain(|entry| !entry.name.ends_with('/'));
    refuse_excess(&files, archive.size(), limits)?;

    // In the order of the file, so that the disk is read forwards.
    files.sort_unstable_by_key(|entry| entry.header_at);
    let mut lines = Vec::with_capacity(files.len());
    for file in files {
        let hash = entry::md5(archive, &file)?;
        lines.push((file.name, hash));
    }
    Ok(hash_of_lines(lines))
}

/// Judges what the directory announces, before anything is unpacked. Entries are not unpacked beyond it.
fn refuse_excess(files: &[Entry], file_size: u64, limits: &Limits) -> Result<(), Fault> {
    let total = |size: fn(&Entry) -> u64| files.iter().map(size).try_fold(0_u64, u64::checked_add);
    match total(|file| file.packed_size) {
        Some(packed) if packed <= file_size => {}
        _ => return Err(Fault::Overlap),
    }
    match total(|file| file.size) {
        Some(unpacked) if unpacked <= limits.unpacked_of(file_size) => Ok(()),
        _ => Err(Fault::Unpacked),
    }
}

fn hash_of_lines(mut lines: Vec<(String, ContentHash)>) -> ContentHash {
    // UTF-8 sorts by bytes as it does by code points.
    lines.sort_unstable();
    let mut md5 = Md5::new();
    for (index, (name, hash)) in lines.iter().enumerate() {
        if index > 0 {
            md5.update(b"\n");
        }
        md5.update(name.as_bytes());
        md5.update(b":");
        md5.update(hash.to_string().as_bytes());
    }
    ContentHash(md5.finalize().into())
}

#[cfg(test)]
mod tests;
