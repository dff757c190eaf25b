//! Which chunks a large blob is made of.
//!
//! The payload of its object: the blob's digest (32 bytes), its size (8, little-endian), then for each chunk in order its
//! digest (32) and size (4), and at the end the SHA-256 of all that (32).

use memcard_domain::save::Digest;
use sha2::{Digest as _, Sha256};

use crate::object::{Unreadable, little_endian};

const DIGEST: usize = 32;
const HEAD: usize = DIGEST + 8;
const ENTRY: usize = DIGEST + 4;

/// The chunks of one blob, in order and without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The SHA-256 of all of them together.
    pub(crate) blob: Digest,
    pub(crate) chunks: Chunks,
}

/// Chunks in order and without gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chunks {
    chunks: Vec<Chunk>,
}

/// One chunk in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) digest: Digest,
    /// Where it begins in the blob.
    pub(crate) start: u64,
    /// Its size in bytes.
    pub(crate) size: u32,
}

impl Chunk {
    fn end(&self) -> u64 {
        self.start + u64::from(self.size)
    }
}

impl Chunks {
    /// Appends a chunk.
    pub(crate) fn push(&mut self, digest: Digest, size: u32) {
        self.chunks.push(Chunk { digest, start: self.size(), size });
    }

    /// Their size together in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.chunks.last().map_or(0, Chunk::end)
    }

    pub(crate) fn get(&self, index: usize) -> Option<Chunk> {
        self.chunks.get(index).copied()
    }

    /// The index of the chunk that holds the byte at the position; past the last one if none does.
    pub(crate) fn index_at(&self, position: u64) -> usize {
        self.chunks.partition_point(|chunk| chunk.end() <= position)
    }

    pub(crate) fn digests(&self) -> impl Iterator<Item = Digest> {
        self.chunks.iter().map(|chunk| chunk.digest)
    }
}

impl Manifest {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(HEAD + self.chunks.chunks.len() * ENTRY + DIGEST);
        payload.extend_from_slice(&self.blob.0);
        payload.extend_from_slice(&self.chunks.size().to_le_bytes());
        for chunk in &self.chunks.chunks {
            payload.extend_from_slice(&chunk.digest.0);
            payload.extend_from_slice(&chunk.size.to_le_bytes());
        }
        let seal = Sha256::digest(&payload);
        payload.extend_from_slice(&seal);
        payload
    }

    /// Reads the manifest of that blob.
    pub(crate) fn decode(blob: Digest, payload: &[u8]) -> Result<Self, Unreadable> {
        let manifest = Self::parse(payload).ok_or(Unreadable::Damaged)?;
        if manifest.blob == blob { Ok(manifest) } else { Err(Unreadable::Damaged) }
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let (sealed, seal) = payload.split_last_chunk::<DIGEST>()?;
        if Sha256::digest(sealed)[..] != seal[..] {
            return None;
        }
        let (blob, rest) = sealed.split_first_chunk::<DIGEST>()?;
        let (size, entries) = rest.split_first_chunk::<8>()?;
        let (entries, nothing) = entries.as_chunks::<ENTRY>();
        let mut chunks = Chunks::default();
        for entry in entries {
            let (digest, size) = entry.split_first_chunk::<DIGEST>()?;
            chunks.push(Digest(*digest), u32::try_from(little_endian(size)).ok()?);
        }
        let is_whole = nothing.is_empty() && chunks.size() == little_endian(size);
        is_whole.then_some(Self { blob: Digest(*blob), chunks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let mut chunks = Chunks::default();
        for (number, size) in [(1, 100), (2, 50), (1, 100), (3, 7)] {
            chunks.push(Digest([number; 32]), size);
        }
        Manifest { blob: Digest([9; 32]), chunks }
    }

    #[test]
    fn a_manifest_reads_back() {
        let manifest = manifest();
        let payload = manifest.encode();
        assert_eq!(payload.len(), HEAD + 4 * ENTRY + DIGEST);
        assert_eq!(Manifest::decode(Digest([9; 32]), &payload), Ok(manifest));
    }

    #[test]
    fn one_that_was_changed_cut_or_is_of_another_blob_is_damaged() {
        let payload = manifest().encode();
        for place in 0..payload.len() {
            let mut changed = payload.clone();
            changed[place] ^= 1;
            assert_eq!(Manifest::decode(Digest([9; 32]), &changed), Err(Unreadable::Damaged), "at {place}");
            assert_eq!(Manifest::decode(Digest([9; 32]), &payload[..place]), Err(Unreadable::Damaged));
        }
        assert_eq!(Manifest::decode(Digest([8; 32]), &payload), Err(Unreadable::Damaged));
    }

    #[test]
    fn a_position_is_in_the_chunk_that_covers_it() {
        let chunks = manifest().chunks;
        assert_eq!(chunks.size(), 257);
        for (position, index) in [(0, 0), (99, 0), (100, 1), (149, 1), (150, 2), (250, 3), (256, 3), (257, 4)]
        {
            assert_eq!(chunks.index_at(position), index, "{position}");
        }
        assert_eq!(chunks.get(2).map(|chunk| chunk.start), Some(150));
        assert_eq!(chunks.get(4), None);
    }
}
