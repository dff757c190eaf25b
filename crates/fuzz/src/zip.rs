//! Content hashes: any bytes have a description, whatever they claim to be, and it takes no more than a few times their
//! length to read; and two archives of the same files have the same hash, whatever the order, the compression and what
//! follows them.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};

use arbitrary::{Arbitrary, Unstructured};
use md5::{Digest as _, Md5};
use memcard_content::{Describing, describe};
use memcard_domain::save::{Content, ContentHash};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Bytes, or files to be archived.
#[derive(Debug, Arbitrary)]
enum Input<'a> {
    /// Anything, in chunks of that size.
    Bytes(&'a [u8], u8),
    /// Files.
    Archive(Archive<'a>),
}

/// Files and how to pack them.
#[derive(Debug, Arbitrary)]
struct Archive<'a> {
    files: BTreeMap<&'a str, &'a [u8]>,
    packed: u64,
    trailing: [u8; 7],
    trails: u8,
    damage: Option<(u16, u8)>,
}

/// Makes an input of the bytes and checks it.
pub fn check(bytes: &[u8]) {
    if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        check_input(input);
    }
}

fn check_input(input: Input<'_>) {
    match input {
        Input::Bytes(bytes, chunk) => check_bytes(bytes, chunk),
        Input::Archive(archive) => check_archive(archive),
    }
}

fn check_bytes(bytes: &[u8], chunk: u8) {
    let whole = described(bytes);
    let mut describing = Describing::new();
    bytes.chunks(usize::from(chunk) + 1).for_each(|chunk| describing.update(chunk));
    assert_eq!(describing.finish(Cursor::new(bytes)).ok(), Some(whole), "chunks do not matter");
    assert_eq!(whole.size, bytes.len() as u64);
    let has_signature = bytes.windows(4).any(|window| window == b"PK\x05\x06");
    if !has_signature {
        assert_eq!(whole.content_hash, Some(md5(bytes)), "what is no zip is hashed as it is");
    }
}

fn check_archive(mut archive: Archive<'_>) {
    archive.files.retain(|name, _| !name.ends_with('/') && name.len() < 1000);
    let trailing = &archive.trailing[..usize::from(archive.trails % 8)];
    let forwards = pack(archive.files.iter(), archive.packed, trailing);
    let backwards = pack(archive.files.iter().rev(), !archive.packed, &[]);
    let expected = Some(reference(&archive.files));
    assert_eq!(described(&forwards).content_hash, expected, "{:?}", archive.files);
    assert_eq!(described(&backwards).content_hash, expected, "neither order nor compression matter");

    if let Some((position, byte)) = archive.damage {
        let mut damaged = forwards;
        let position = usize::from(position) % damaged.len();
        damaged[position] = byte;
        check_bytes(&damaged, byte);
    }
}

/// The hash as the contract words it; the map is in the order of names.
fn reference(files: &BTreeMap<&str, &[u8]>) -> ContentHash {
    let lines: Vec<_> = files.iter().map(|(name, bytes)| format!("{name}:{}", md5(bytes))).collect();
    md5(lines.join("\n").as_bytes())
}

/// Each bit of `packed` says whether a file is compressed.
fn pack<'a>(
    files: impl Iterator<Item = (&'a &'a str, &'a &'a [u8])>,
    packed: u64,
    trailing: &[u8],
) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, (name, bytes)) in files.enumerate() {
        let is_compressed = packed >> (index % 64) & 1 == 1;
        let method = if is_compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).expect("a file begins");
        zip.write_all(bytes).expect("a file is written");
    }
    let mut archive = zip.finish().expect("an archive ends").into_inner();
    archive.extend_from_slice(trailing);
    archive
}

/// The bytes' description. Reading them is bounded: once to hash them; the tail that an end record may be in; and of an
/// archive the directory, the entries' own headers and what is packed, none of which is longer than the whole.
fn described(bytes: &[u8]) -> Content {
    const TAIL: u64 = 128 * 1024;
    let mut counted = Counted { bytes: Cursor::new(bytes), read: 0 };
    let content = describe(&mut counted).expect("bytes in memory can be read");
    let length = bytes.len() as u64;
    assert!(counted.read <= 4 * length + TAIL, "{} bytes were read of {length}", counted.read);
    content
}

/// Counts what is read.
struct Counted<'a> {
    bytes: Cursor<&'a [u8]>,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

fn md5(bytes: &[u8]) -> ContentHash {
    ContentHash(Md5::digest(bytes).into())
}
