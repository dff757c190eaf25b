//! What these tests share.

use bytes::Bytes;
use memcard_domain::ports::{BlobError, BlobStore};
use memcard_domain::save::{Content, Digest};

/// Writes a blob.
pub(crate) async fn write(blobs: &dyn BlobStore, bytes: &[u8]) -> Result<Content, BlobError> {
    let mut writer = blobs.writer().await?;
    for piece in bytes.chunks(50_000) {
        writer.write(Bytes::copy_from_slice(piece)).await?;
    }
    writer.finish().await
}

/// Reads a blob from an offset to its end.
pub(crate) async fn read(blobs: &dyn BlobStore, digest: Digest, offset: u64) -> Result<Vec<u8>, BlobError> {
    let mut reader = blobs.reader(digest, offset).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = reader.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Bytes that nothing makes smaller; those of one seed begin alike, whatever their size.
pub(crate) fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut random = Random(seed);
    (0..size).map(|_| (random.next() >> 56) as u8).collect()
}

/// Numbers that look random and are the same each time.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next one (SplitMix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next one below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
