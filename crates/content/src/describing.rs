//! Describing bytes as they pass.

use std::io::{self, Read, Seek, SeekFrom};

use md5::{Digest as _, Md5};
use memcard_domain::save::{Content, ContentHash, Digest, Fill};
use sha2::Sha256;

use crate::zip::{self, Limits, Zip};

/// How many bytes [`describe`] reads at once.
const CHUNK: usize = 64 * 1024;

/// A description in the making. Feed it every chunk in order, then [`finish`](Describing::finish) it.
#[derive(Debug, Clone)]
pub struct Describing {
    sha256: Sha256,
    md5: Md5,
    size: u64,
    fill: FillSoFar,
}

impl Describing {
    /// The description of no bytes yet.
    pub fn new() -> Self {
        Self { sha256: Sha256::new(), md5: Md5::new(), size: 0, fill: FillSoFar::Empty }
    }

    /// Takes the next bytes into account. Chunks may be of any size.
    pub fn update(&mut self, chunk: &[u8]) {
        self.sha256.update(chunk);
        self.md5.update(chunk);
        self.size += chunk.len() as u64;
        self.fill = self.fill.followed_by(chunk);
    }

    /// How many bytes were taken into account.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The digest of what was taken into account.
    pub fn digest(&self) -> Digest {
        Digest(self.sha256.clone().finalize().into())
    }

    /// Completes the description. `bytes` are the very bytes that were fed; their end is read, and the whole of them if
    /// they are a zip. May take seconds for a large archive.
    ///
    /// # Errors
    /// Whatever reading `bytes` says, and [`io::ErrorKind::InvalidInput`] if there are more or fewer of them than were
    /// fed. An unreadable zip is no error: it has no content hash.
    pub fn finish(self, mut bytes: impl Read + Seek) -> io::Result<Content> {
        if bytes.seek(SeekFrom::End(0))? != self.size {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not the bytes that were described"));
        }
        let content_hash = match zip::examine(bytes, &Limits::DEFAULT)? {
            Zip::No => Some(ContentHash(self.md5.finalize().into())),
            Zip::Readable(hash) => Some(hash),
            Zip::Unreadable(_) => None,
        };
        Ok(Content {
            digest: Digest(self.sha256.finalize().into()),
            content_hash,
            size: self.size,
            fill: self.fill.into(),
        })
    }
}

impl Default for Describing {
    fn default() -> Self {
        Self::new()
    }
}

/// Describes bytes from their beginning, wherever the reader stands.
///
/// # Errors
/// Whatever reading says. An unreadable zip is no error: it has no content hash.
pub fn describe(mut bytes: impl Read + Seek) -> io::Result<Content> {
    bytes.rewind()?;
    let mut describing = Describing::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match bytes.read(&mut chunk) {
            Ok(0) => return describing.finish(bytes),
            Ok(read) => describing.update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// What the bytes so far are filled with.
#[derive(Debug, Clone, Copy)]
enum FillSoFar {
    Empty,
    AllEqual(u8),
    Data,
}

impl FillSoFar {
    fn followed_by(self, chunk: &[u8]) -> Self {
        let Some(&first) = chunk.first() else { return self };
        let expected = match self {
            Self::Empty => first,
            Self::AllEqual(byte) => byte,
            Self::Data => return Self::Data,
        };
        match expected {
            0x00 | 0xFF if chunk.iter().all(|&byte| byte == expected) => Self::AllEqual(expected),
            _ => Self::Data,
        }
    }
}

impl From<FillSoFar> for Fill {
    fn from(fill: FillSoFar) -> Self {
        match fill {
            FillSoFar::Empty => Self::Empty,
            FillSoFar::AllEqual(_) => Self::Blank,
            FillSoFar::Data => Self::Data,
        }
    }
}
