//! Files that say what they hold, so that the format can change without a migration: a header, then bytes, packed where
//! that pays. Numbers are little-endian.
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 4 | `MCB` and 0x1A |
//! | 4 | 1 | version: 1 |
//! | 5 | 1 | [kind](Kind): 1 bytes, 2 manifest |
//! | 6 | 1 | codec: 0 none, 1 zstd (RFC 8878, one frame) |
//! | 7 | 1 | 0 |
//! | 8 | 8 | size of the payload, unpacked |
//! | 16 | 8 | size of the payload as it stands |
//! | 24 | | the payload |
//!
//! The header is not checked by itself: whoever reads an object knows a SHA-256 of what has to come out.

use std::io;

use thiserror::Error;
use zstd::bulk::{Compressor, Decompressor};

const MAGIC: [u8; 4] = *b"MCB\x1A";
const VERSION: u8 = 1;

/// Size of the header in bytes.
pub(crate) const HEADER: usize = 24;

/// Chosen by measurement (see the decision record on how blobs are stored).
const LEVEL: i32 = 3;

/// A payload is packed if that makes it smaller by one part in so many: less is not worth unpacking.
const WORTHWHILE: usize = 16;

/// The largest payload, unpacked, that is taken for one: what a damaged header says must not exhaust memory. The
/// manifest of a blob of 200 GiB is smaller.
const LARGEST: u64 = 64 << 20;

/// The largest file that is taken for an object.
pub(crate) const LARGEST_FILE: u64 = HEADER as u64 + LARGEST;

/// What an object's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bytes of a blob: a chunk, or all of them.
    Bytes,
    /// Which chunks a blob is made of: see [`Manifest`](crate::manifest::Manifest).
    Manifest,
}

/// A file is no object that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Unreadable {
    /// It is not as it was written.
    #[error("a stored file is damaged")]
    Damaged,
    /// It was written by a later version of this program.
    #[error("a stored file is of format {0}, which this version cannot read")]
    Newer(u8),
}

/// Makes objects.
pub(crate) struct Packer {
    compressor: Compressor<'static>,
}

impl Packer {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { compressor: Compressor::new(LEVEL)? })
    }

    /// The file for a payload.
    pub(crate) fn pack(&mut self, kind: Kind, payload: &[u8]) -> io::Result<Vec<u8>> {
        let packed = self.compressor.compress(payload)?;
        let (codec, stored) = if packed.len() + payload.len() / WORTHWHILE < payload.len() {
            (Codec::Zstd, packed.as_slice())
        } else {
            (Codec::None, payload)
        };
        let mut object = Vec::with_capacity(HEADER + stored.len());
        object.extend_from_slice(&MAGIC);
        object.extend_from_slice(&[VERSION, kind.into(), codec.into(), 0]);
        object.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        object.extend_from_slice(&(stored.len() as u64).to_le_bytes());
        object.extend_from_slice(stored);
        Ok(object)
    }
}

/// What a whole file holds.
pub(crate) fn unpack(object: &[u8]) -> Result<(Kind, Vec<u8>), Unreadable> {
    let (header, stored) = object.split_first_chunk().ok_or(Unreadable::Damaged)?;
    let header = Header::read(header)?;
    if header.stored != stored.len() as u64 || header.unpacked > LARGEST {
        return Err(Unreadable::Damaged);
    }
    let payload = match header.codec {
        Codec::None => stored.to_vec(),
        Codec::Zstd => unzstd(stored, header.unpacked as usize)?,
    };
    if payload.len() as u64 != header.unpacked {
        return Err(Unreadable::Damaged);
    }
    Ok((header.kind, payload))
}

/// What kind of payload follows a header.
pub(crate) fn kind(header: &[u8; HEADER]) -> Result<Kind, Unreadable> {
    Ok(Header::read(header)?.kind)
}

fn unzstd(stored: &[u8], size: usize) -> Result<Vec<u8>, Unreadable> {
    Decompressor::new()
        .and_then(|mut decompressor| decompressor.decompress(stored, size))
        .map_err(|_| Unreadable::Damaged)
}

struct Header {
    kind: Kind,
    codec: Codec,
    unpacked: u64,
    stored: u64,
}

impl Header {
    fn read(header: &[u8; HEADER]) -> Result<Self, Unreadable> {
        let [m0, m1, m2, m3, version, kind, codec, _, sizes @ ..] = header;
        if [*m0, *m1, *m2, *m3] != MAGIC {
            return Err(Unreadable::Damaged);
        }
        if *version != VERSION {
            return Err(Unreadable::Newer(*version));
        }
        let [unpacked, stored] = [&sizes[..8], &sizes[8..]].map(little_endian);
        Ok(Self { kind: (*kind).try_into()?, codec: (*codec).try_into()?, unpacked, stored })
    }
}

/// The number that the bytes are.
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl From<Kind> for u8 {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bytes => 1,
            Kind::Manifest => 2,
        }
    }
}

impl TryFrom<u8> for Kind {
    type Error = Unreadable;

    fn try_from(number: u8) -> Result<Self, Unreadable> {
        match number {
            1 => Ok(Self::Bytes),
            2 => Ok(Self::Manifest),
            _ => Err(Unreadable::Damaged),
        }
    }
}

/// How a payload stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    None,
    Zstd,
}

impl From<Codec> for u8 {
    fn from(codec: Codec) -> Self {
        match codec {
            Codec::None => 0,
            Codec::Zstd => 1,
        }
    }
}

impl TryFrom<u8> for Codec {
    type Error = Unreadable;

    fn try_from(number: u8) -> Result<Self, Unreadable> {
        match number {
            0 => Ok(Self::None),
            1 => Ok(Self::Zstd),
            _ => Err(Unreadable::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack(kind: Kind, payload: &[u8]) -> Vec<u8> {
        Packer::new().unwrap().pack(kind, payload).unwrap()
    }

    /// Bytes that nothing makes smaller.
    fn noise(size: u32) -> Vec<u8> {
        (0..size).map(|place| (place.wrapping_mul(0x9E37_79B9).rotate_left(place % 31) >> 13) as u8).collect()
    }

    #[test]
    fn what_was_packed_comes_out() {
        let text = b"to be or not to be, ".repeat(1000);
        for payload in [&b""[..], b"\0", &text, &noise(10_000)] {
            for kind in [Kind::Bytes, Kind::Manifest] {
                let object = pack(kind, payload);
                assert_eq!(unpack(&object), Ok((kind, payload.to_vec())), "{} bytes", payload.len());
                assert_eq!(super::kind(object.first_chunk().unwrap()), Ok(kind));
            }
        }
    }

    #[test]
    fn bytes_are_packed_only_where_that_pays() {
        let text = b"to be or not to be, ".repeat(1000);
        assert!(pack(Kind::Bytes, &text).len() < text.len() / 10);
        assert_eq!(pack(Kind::Bytes, &noise(10_000)).len(), HEADER + 10_000);
        // A sixteenth of it packs to nothing, which is not enough.
        let nearly = [noise(30_000), vec![0; 1_900]].concat();
        assert_eq!(pack(Kind::Bytes, &nearly).len(), HEADER + nearly.len());
        let enough = [noise(30_000), vec![0; 2_500]].concat();
        assert!(pack(Kind::Bytes, &enough).len() < HEADER + enough.len());
    }

    /// The format of files that exist: a change of it needs another version.
    #[test]
    fn the_format_is_as_documented() {
        let expected = [b"MCB\x1A\x01\x01\0\0\x05\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0", &b"hello"[..]].concat();
        assert_eq!(pack(Kind::Bytes, b"hello"), expected);
        let zeros = pack(Kind::Manifest, &[0; 1000]);
        assert_eq!(zeros[4..8], [1, 2, 1, 0]);
        assert_eq!(little_endian(&zeros[8..16]), 1000);
        assert_eq!(little_endian(&zeros[16..24]), (zeros.len() - HEADER) as u64);
        assert_eq!(zeros[HEADER..HEADER + 4], 0xFD2F_B528_u32.to_le_bytes(), "a zstd frame");
    }

    #[test]
    fn what_is_cut_or_changed_is_unreadable() {
        let object = pack(Kind::Bytes, &b"to be or not to be, ".repeat(1000));
        for size in 0..object.len() {
            assert_eq!(unpack(&object[..size]), Err(Unreadable::Damaged), "cut to {size}");
        }
        assert_eq!(unpack(&[object.as_slice(), b"x"].concat()), Err(Unreadable::Damaged));
        for place in (0..HEADER).filter(|place| ![4, 5, 7].contains(place)) {
            let mut changed = object.clone();
            changed[place] ^= 0x80;
            assert_eq!(unpack(&changed), Err(Unreadable::Damaged), "changed at {place}");
        }
        let mut newer = object;
        newer[4] = 2;
        assert_eq!(unpack(&newer), Err(Unreadable::Newer(2)));
    }

    #[test]
    fn a_header_that_announces_too_much_takes_no_memory() {
        let mut object = pack(Kind::Bytes, &[0; 1000]);
        for announced in [LARGEST + 1, u64::MAX, 999, 1001] {
            object[8..16].copy_from_slice(&announced.to_le_bytes());
            assert_eq!(unpack(&object), Err(Unreadable::Damaged), "{announced}");
        }
    }
}
