//! The short codes that people read from one screen and type on another.

/// Symbols that are not mistaken for one another.
pub(crate) const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// Length of pair codes and of the user codes of pairing.
pub(crate) const LENGTH: usize = 8;
