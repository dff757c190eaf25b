//! Hashes as clients write them, in normal form.

use super::GameHashes;

impl GameHashes {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In lower case.
    ///
    /// # Errors
    /// The kind of the first that is not hexadecimal or not of its length.
    pub fn normalised(self) -> Result<Self, &'static str> {
        Ok(Self {
            crc32: normal(self.crc32, "crc32", 8)?,
            md5: normal(self.md5, "md5", 32)?,
            sha1: normal(self.sha1, "sha1", 40)?,
        })
    }
}

fn normal(hash: Option<String>, kind: &'static str, digits: usize) -> Result<Option<String>, &'static str> {
    match hash {
        Some(hash) if hash.len() != digits || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            Err(kind)
        }
        hash => Ok(hash.map(|hash| hash.to_ascii_lowercase())),
    }
}
