//! Cutting bytes into chunks where their content says so, so that bytes which are equal are cut alike, wherever they
//! stand: a change costs the chunks it touches.
//!
//! Changing a number here, or a release of the library that cuts elsewhere, makes nothing unreadable; what is stored
//! afterwards just shares less with what was stored before.

use std::io;

use fastcdc::v2020::FastCDC;

/// How large chunks are, in bytes.
struct Sizes {
    least: usize,
    average: usize,
    most: usize,
}

/// Memory cards are within this range: small chunks, because a save changes a few blocks of 8 KiB.
const NEAR: Sizes = Sizes { least: 4 << 10, average: 16 << 10, most: 64 << 10 };

/// What is longer is an image of a whole disk: larger chunks keep their number, and the manifest, small.
const FAR: Sizes = Sizes { least: 32 << 10, average: 128 << 10, most: 512 << 10 };

/// Where [`FAR`] begins.
const FAR_FROM: u64 = 16 << 20;

/// Cuts bytes that come in pieces. Holds the largest chunk and one piece at most.
#[derive(Default)]
pub(crate) struct Cutter {
    uncut: Vec<u8>,
    /// Where [`uncut`](Self::uncut) begins.
    position: u64,
}

impl Cutter {
    /// Takes the next bytes, and gives the chunks that are complete.
    pub(crate) fn push(&mut self, bytes: &[u8], take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.uncut.extend_from_slice(bytes);
        self.cut(|uncut, sizes| uncut.len() >= sizes.most, take)
    }

    /// Gives the rest.
    pub(crate) fn finish(mut self, take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        self.cut(|uncut, _| !uncut.is_empty(), take)
    }

    fn cut(
        &mut self,
        may_cut: impl Fn(&[u8], &Sizes) -> bool,
        mut take: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut begin = 0;
        loop {
            let uncut = &self.uncut[begin..];
            let sizes = if self.position < FAR_FROM { &NEAR } else { &FAR };
            if !may_cut(uncut, sizes) {
                break;
            }
            let (_, length) = FastCDC::new(uncut, sizes.least, sizes.average, sizes.most).cut(0, uncut.len());
            take(&uncut[..length])?;
            begin += length;
            self.position += length as u64;
        }
        self.uncut.drain(..begin);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn noise(size: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..size).map(|_| next()).collect()
    }

    fn chunks(bytes: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let mut cutter = Cutter::default();
        let mut chunks = Vec::new();
        let mut take = |chunk: &[u8]| {
            chunks.push(chunk.to_vec());
            Ok(())
        };
        for piece in bytes.chunks(piece) {
            cutter.push(piece, &mut take).unwrap();
        }
        cutter.finish(&mut take).unwrap();
        chunks
    }

    #[test]
    fn chunks_are_the_bytes_however_they_come() {
        let bytes = noise(1 << 20);
        let expected = chunks(&bytes, bytes.len());
        assert_eq!(expected.concat(), bytes);
        assert!((32..=128).contains(&expected.len()), "{} chunks", expected.len());
        for piece in [1000, 65_536, 131_072] {
            assert_eq!(chunks(&bytes, piece), expected, "by {piece}");
        }
        assert!(chunks(&[], 1).is_empty());
    }

    #[test]
    fn chunks_are_within_their_sizes_and_larger_far_from_the_beginning() {
        let bytes = noise((24 << 20) + 1);
        let mut position = 0;
        let (mut near, mut far) = (0, 0);
        for chunk in chunks(&bytes, 1 << 20) {
            let (sizes, counted) = if position < FAR_FROM { (&NEAR, &mut near) } else { (&FAR, &mut far) };
            position += chunk.len() as u64;
            *counted += 1;
            let is_last = position == bytes.len() as u64;
            assert!(chunk.len() <= sizes.most && (is_last || chunk.len() >= sizes.least), "{}", chunk.len());
        }
        assert!((700..1500).contains(&near), "{near}");
        assert!((30..100).contains(&far), "{far}");
    }

    #[test]
    fn a_change_or_an_insertion_costs_the_chunks_around_it() {
        let bytes = noise(4 << 20);
        let before: HashSet<_> = chunks(&bytes, 1 << 20).into_iter().collect();
        let mut changed = bytes.clone();
        changed[1_000_000..1_008_192].fill(7);
        let inserted = [&bytes[..2_000_000], b"something new", &bytes[2_000_000..]].concat();
        for (name, bytes) in [("a change", changed), ("an insertion", inserted)] {
            let new = chunks(&bytes, 1 << 20).iter().filter(|chunk| !before.contains(*chunk)).count();
            assert!((1..=4).contains(&new), "{name} makes {new} chunks of {}", before.len());
        }
    }

    #[test]
    fn equal_bytes_are_cut_at_the_largest_size() {
        assert_eq!(chunks(&vec![0xFF; 200_000], 1000).iter().map(Vec::len).max(), Some(NEAR.most));
    }
}
