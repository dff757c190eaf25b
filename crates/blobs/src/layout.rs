//! Where things stand below the root.

use std::path::{Path, PathBuf};

use memcard_domain::save::Digest;

/// The paths of one root.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of blobs being written.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// The folder of whole blobs.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// The folder of a blob, two levels below [`blobs`](Self::blobs).
    pub(crate) fn shard(&self, shard: Shard) -> PathBuf {
        let Shard([outer, inner]) = shard;
        self.blobs().join(format!("{outer:02x}")).join(format!("{inner:02x}"))
    }

    pub(crate) fn blob(&self, digest: Digest) -> PathBuf {
        self.shard(Shard::of(digest)).join(digest.to_string())
    }
}

/// Which of the 65,536 folders a blob is in: the first two bytes of its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shard([u8; 2]);

impl Shard {
    pub(crate) fn of(digest: Digest) -> Self {
        Self([digest.0[0], digest.0[1]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_s_path_is_made_of_its_digest() {
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let layout = Layout::new("data".into());
        let expected = Path::new("data/blobs/2c/f2").join(hello);
        assert_eq!(layout.blob(hello.parse().unwrap()), expected);
    }
}
