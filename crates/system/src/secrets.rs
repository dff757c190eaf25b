//! The operating system's randomness.

use memcard_domain::ports::Secrets;

/// Randomness from the operating system (`getrandom(2)` on Linux), fit for secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsSecrets;

impl Secrets for OsSecrets {
    /// Fills the bytes.
    ///
    /// # Panics
    /// Where the system has no source of randomness at all: nothing may go on without one.
    #[expect(
        clippy::expect_used,
        reason = "without randomness every secret would be guessable; there is no way on"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has a source of randomness");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_byte_is_drawn_and_no_two_draws_are_equal() {
        let drawn: HashSet<[u8; 32]> = (0..100)
            .map(|_| {
                let mut bytes = [0; 32];
                OsSecrets.fill(&mut bytes);
                bytes
            })
            .collect();
        assert_eq!(drawn.len(), 100);
        for position in 0..32 {
            assert!(drawn.iter().any(|bytes| bytes[position] != 0), "byte {position} is never drawn");
        }
    }

    #[test]
    fn an_id_is_a_uuid_of_version_4() {
        let id = OsSecrets.uuid();
        assert_eq!(id.get_version_num(), 4);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_ne!(id, OsSecrets.uuid());
    }
}
