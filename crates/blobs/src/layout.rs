//! Where things stand below the root.

use std::path::{Path, PathBuf};

use memcard_domain::save::Digest;

/// What the names of blobs end in, but for those of [bare](Layout::bare_blob) ones.
const BLOB: &str = ".blob";

/// The paths of one root.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

/// One of the folders that hold blobs, or chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shard {
    pub(crate) area: Area,
    /// The first byte of the digests in it.
    pub(crate) first: u8,
}

/// What kind of thing a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Area {
    Blobs,
    Chunks,
}

impl Shard {
    pub(crate) fn of_blob(digest: Digest) -> Self {
        Self { area: Area::Blobs, first: digest.0[0] }
    }

    pub(crate) fn of_chunk(digest: Digest) -> Self {
        Self { area: Area::Chunks, first: digest.0[0] }
    }

    /// Every folder of that kind, in the order of its digests.
    pub(crate) fn all(area: Area) -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(move |first| Self { area, first })
    }
}

impl Layout {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of what is not in its place yet.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// The folder of shards.
    pub(crate) fn area(&self, area: Area) -> PathBuf {
        self.root.join(match area {
            Area::Blobs => "blobs",
            Area::Chunks => "chunks",
        })
    }

    pub(crate) fn shard(&self, shard: Shard) -> PathBuf {
        self.area(shard.area).join(format!("{:02x}", shard.first))
    }

    pub(crate) fn blob(&self, digest: Digest) -> PathBuf {
        self.shard(Shard::of_blob(digest)).join(format!("{digest}{BLOB}"))
    }

    pub(crate) fn chunk(&self, digest: Digest) -> PathBuf {
        self.shard(Shard::of_chunk(digest)).join(digest.to_string())
    }

    /// Where version 0 of the format has a blob: its bytes, and nothing else, in a folder of the shard.
    pub(crate) fn bare_blob(&self, digest: Digest) -> PathBuf {
        self.bare_folder(digest.0[0], digest.0[1]).join(digest.to_string())
    }

    /// A folder of bare blobs: that of those whose digests begin with these bytes.
    pub(crate) fn bare_folder(&self, first: u8, second: u8) -> PathBuf {
        self.shard(Shard { area: Area::Blobs, first }).join(format!("{second:02x}"))
    }
}

/// The blob whose file has that name.
pub(crate) fn named_blob(name: &str) -> Option<Digest> {
    named(name.strip_suffix(BLOB)?)
}

/// The chunk, or the bare blob, whose file has that name.
pub(crate) fn named(name: &str) -> Option<Digest> {
    name.parse().ok().filter(|digest: &Digest| digest.to_string() == name)
}

/// The second byte of the digests in a folder of bare blobs that has that name.
pub(crate) fn named_bare_folder(name: &str) -> Option<u8> {
    u8::from_str_radix(name, 16).ok().filter(|second| format!("{second:02x}") == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    #[test]
    fn paths_are_made_of_digests() {
        let layout = Layout::new("data".into());
        let hello = HELLO.parse().unwrap();
        assert_eq!(layout.blob(hello), Path::new(&format!("data/blobs/2c/{HELLO}.blob")));
        assert_eq!(layout.chunk(hello), Path::new(&format!("data/chunks/2c/{HELLO}")));
        assert_eq!(layout.bare_blob(hello), Path::new(&format!("data/blobs/2c/f2/{HELLO}")));
    }

    #[test]
    fn names_that_are_not_ours_are_nobody_s() {
        let hello: Digest = HELLO.parse().unwrap();
        assert_eq!(named_blob(&format!("{HELLO}.blob")), Some(hello));
        assert_eq!(named(HELLO), Some(hello));
        assert_eq!(named_bare_folder("0f"), Some(0x0F));
        assert_eq!(named_blob(HELLO), None);
        for name in ["", "hello", &HELLO.to_uppercase(), &format!("{HELLO}~"), &HELLO[1..]] {
            assert_eq!(named(name), None, "{name}");
            assert_eq!(named_blob(&format!("{name}.blob")), None, "{name}");
        }
        for name in ["f", "0F", "+f", "00f", HELLO] {
            assert_eq!(named_bare_folder(name), None, "{name}");
        }
    }
}
