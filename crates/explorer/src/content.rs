//! Contents of save files, and what derives from what. A content is a number here; the bytes themselves never matter to
//! the rules, only which are equal.

use memcard_domain::save::{Content, ContentHash, Digest, Fill};

/// One content that a game wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId(pub(crate) u8);

/// Every content is of one size: the size then never tells two apart, and no content guard is tripped.
pub(crate) const SIZE: u64 = 8192;

impl ContentId {
    /// What the rules see of it.
    pub(crate) fn described(self) -> Content {
        Content {
            digest: Digest([self.0; 32]),
            content_hash: Some(self.hash()),
            size: SIZE,
            fill: Fill::Data,
        }
    }

    /// The hash that a client names.
    pub(crate) fn hash(self) -> ContentHash {
        ContentHash([self.0; 16])
    }

    /// The content that the rules see as this.
    pub(crate) fn of(content: &Content) -> Self {
        Self(content.digest.0[0])
    }

    /// The content of that hash.
    pub(crate) fn of_hash(hash: ContentHash) -> Self {
        Self(hash.0[0])
    }
}

/// A set of contents, of numbers below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ContentSet(u64);

impl ContentSet {
    pub(crate) fn contains(self, content: ContentId) -> bool {
        self.0 >> content.0 & 1 == 1
    }

    pub(crate) fn insert(&mut self, content: ContentId) {
        self.0 |= 1 << content.0;
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = ContentId> {
        (0..64).map(ContentId).filter(move |content| self.contains(*content))
    }
}

impl FromIterator<ContentId> for ContentSet {
    fn from_iter<I: IntoIterator<Item = ContentId>>(contents: I) -> Self {
        let mut set = Self::default();
        contents.into_iter().for_each(|content| set.insert(content));
        set
    }
}

/// Every content that was ever written, with those that it derives from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lineage(Vec<ContentSet>);

impl Lineage {
    /// As many contents, with these ancestors.
    pub(crate) fn of(ancestors: Vec<ContentSet>) -> Self {
        Self(ancestors)
    }

    /// A new content: played on from `from`, or begun anew.
    pub(crate) fn write(&mut self, from: Option<ContentId>) -> ContentId {
        let mut ancestors = from.map(|from| self.ancestors(from)).unwrap_or_default();
        ancestors.extend(from);
        self.0.push(ancestors);
        ContentId(u8::try_from(self.0.len() - 1).unwrap_or(u8::MAX))
    }

    /// What the content derives from, itself not included.
    pub(crate) fn ancestors(&self, content: ContentId) -> ContentSet {
        self.0.get(usize::from(content.0)).copied().unwrap_or_default()
    }

    /// Whether `content` is `from` or derives from it.
    pub(crate) fn descends(&self, content: ContentId, from: ContentId) -> bool {
        content == from || self.ancestors(content).contains(from)
    }
}

impl Extend<ContentId> for ContentSet {
    fn extend<I: IntoIterator<Item = ContentId>>(&mut self, contents: I) {
        contents.into_iter().for_each(|content| self.insert(content));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_derives_from_all_that_its_file_ever_was() {
        let mut lineage = Lineage::default();
        let first = lineage.write(None);
        let second = lineage.write(Some(first));
        let third = lineage.write(Some(second));
        let other = lineage.write(None);
        assert!(lineage.descends(third, first) && lineage.descends(third, third));
        assert!(!lineage.descends(second, third) && !lineage.descends(third, other));
    }

    #[test]
    fn a_content_is_known_again_by_what_the_rules_keep_of_it() {
        let content = ContentId(7);
        assert_eq!(ContentId::of(&content.described()), content);
        assert_eq!(ContentId::of_hash(content.hash()), content);
    }
}
