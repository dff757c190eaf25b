//! What games write, and what of it derives from what: the server never sees this.

use std::collections::HashMap;

use md5::{Digest as _, Md5};

/// One content that a game wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId(usize);

/// Every content there was, with the one that each derives from.
#[derive(Default)]
pub(crate) struct Contents {
    parents: Vec<Option<ContentId>>,
    by_hash: HashMap<String, ContentId>,
}

impl std::fmt::Display for ContentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl ContentId {
    /// Its bytes. Lengths repeat, so that a size does not tell contents apart.
    pub(crate) fn bytes(self) -> Vec<u8> {
        format!("memory {} ", self.0).into_bytes().into_iter().cycle().take(96 + 32 * (self.0 % 3)).collect()
    }

    /// The hash that a client names.
    pub(crate) fn hash(self) -> String {
        Md5::digest(self.bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Contents {
    /// A content that nobody had before; a game that was played on from `from`, or from nothing.
    pub(crate) fn derive(&mut self, from: Option<ContentId>) -> ContentId {
        let content = ContentId(self.parents.len());
        self.parents.push(from);
        self.by_hash.insert(content.hash(), content);
        content
    }

    /// The content of that hash.
    pub(crate) fn of_hash(&self, hash: &str) -> Option<ContentId> {
        self.by_hash.get(hash).copied()
    }

    /// Whether `later` was played on from `earlier`, or is it.
    pub(crate) fn descends(&self, later: ContentId, earlier: ContentId) -> bool {
        let mut content = Some(later);
        // A content has a greater number than what it derives from.
        while let Some(at) = content.filter(|at| *at > earlier) {
            content = self.parents[at.0];
        }
        content == Some(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_derives_from_all_that_it_was_played_on_from() {
        let mut contents = Contents::default();
        let first = contents.derive(None);
        let other = contents.derive(None);
        let second = contents.derive(Some(first));
        let third = contents.derive(Some(second));
        assert!(contents.descends(third, first) && contents.descends(third, third));
        assert!(!contents.descends(third, other) && !contents.descends(first, third));
        assert_eq!(contents.of_hash(&second.hash()), Some(second));
        assert_ne!(first.bytes(), other.bytes());
    }
}
