//! What a save's bytes are: the digest they are stored under, and the content hash they are compared by.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::secret::hex;

/// SHA-256 of a file's bytes: the name of its blob.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        parse_hex(text).map(Self)
    }
}

/// The wire's content hash (contract § 4): MD5 of the file, or of a zip's entries. As text: 32 lower-case hexadecimal
/// digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl FromStr for ContentHash {
    type Err = InvalidHash;

    /// Reads 32 hexadecimal digits in any case.
    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        parse_hex(text).map(Self)
    }
}

/// Text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a hash in hexadecimal digits")]
pub struct InvalidHash;

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], InvalidHash> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(InvalidHash);
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| InvalidHash)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidHash)?;
    }
    Ok(bytes)
}

/// Whether bytes are blank: the content guards look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fill {
    /// No bytes at all.
    Empty,
    /// Every byte is 0x00 or every byte is 0xFF.
    Blank,
    /// Anything else.
    Data,
}

/// What is known of stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Content {
    /// The blob's name.
    pub digest: Digest,
    /// What clients compare by; `None` for an unreadable zip.
    pub content_hash: Option<ContentHash>,
    /// Size in bytes.
    pub size: u64,
    /// Whether it is blank.
    pub fill: Fill,
}

impl Content {
    /// Whether two contents count as the same version: by content hash, by digest where either has none.
    pub fn is_equal(&self, other: &Self) -> bool {
        match (self.content_hash, other.content_hash) {
            (Some(one), Some(two)) => one == two,
            _ => self.digest == other.digest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_read_in_any_case_and_print_in_lower_case() {
        let hash: ContentHash = "5D41402ABC4B2A76B9719D911017C592".parse().unwrap();
        assert_eq!(hash.to_string(), "5d41402abc4b2a76b9719d911017c592");
        for bad in ["", "5d41", "zz41402abc4b2a76b9719d911017c592", "+d41402abc4b2a76b9719d911017c592"] {
            assert_eq!(bad.parse::<ContentHash>(), Err(InvalidHash), "{bad}");
        }
    }
}
