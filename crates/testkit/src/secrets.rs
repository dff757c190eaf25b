//! Randomness that can be drawn again.

use std::sync::{Mutex, PoisonError};

use memcard_domain::ports::Secrets;
use sha2::{Digest as _, Sha256};

/// [`Secrets`] from a seed: the same seed draws the same bytes, in whatever pieces they are drawn. The stream is
/// SHA-256 over seed and counter, so that tests of how symbols are drawn see evenly spread bytes.
#[derive(Debug)]
pub struct SeededSecrets {
    seed: u64,
    stream: Mutex<Stream>,
}

#[derive(Debug, Default)]
struct Stream {
    blocks: u64,
    left: Vec<u8>,
}

impl SeededSecrets {
    /// The stream of that seed, from its beginning.
    pub fn new(seed: u64) -> Self {
        Self { seed, stream: Mutex::default() }
    }
}

impl Secrets for SeededSecrets {
    fn fill(&self, bytes: &mut [u8]) {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            *byte = stream.next(self.seed);
        }
    }
}

impl Stream {
    fn next(&mut self, seed: u64) -> u8 {
        loop {
            if let Some(byte) = self.left.pop() {
                return byte;
            }
            let block =
                Sha256::new().chain_update(seed.to_le_bytes()).chain_update(self.blocks.to_le_bytes());
            self.left = block.finalize().to_vec();
            self.blocks += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(secrets: &SeededSecrets, pieces: &[usize]) -> Vec<u8> {
        let mut drawn = Vec::new();
        for &piece in pieces {
            let mut bytes = vec![0; piece];
            secrets.fill(&mut bytes);
            drawn.extend(bytes);
        }
        drawn
    }

    #[test]
    fn a_seed_draws_the_same_bytes_in_whatever_pieces() {
        let whole = draw(&SeededSecrets::new(7), &[100]);
        assert_eq!(draw(&SeededSecrets::new(7), &[1, 31, 33, 35]), whole);
        assert_ne!(draw(&SeededSecrets::new(8), &[100]), whole);
    }

    #[test]
    fn nothing_is_drawn_twice() {
        let secrets = SeededSecrets::new(1);
        let uuids: std::collections::BTreeSet<_> = (0..1000).map(|_| secrets.uuid()).collect();
        assert_eq!(uuids.len(), 1000);
    }
}
