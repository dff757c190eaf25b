//! What the server shows of a slot to its owner.

use memcard_api::saves::Version;

use crate::contents::{ContentId, Contents};

/// Every version of a slot, newest first.
pub(crate) struct History(pub(crate) Vec<Version>);

impl History {
    pub(crate) fn head(&self) -> Option<&Version> {
        self.0.iter().find(|version| version.state == "head")
    }

    pub(crate) fn version(&self, id: i32) -> Option<&Version> {
        self.0.iter().find(|version| version.version_id == id)
    }

    /// Whether the content's bytes are there.
    pub(crate) fn holds(&self, content: ContentId) -> bool {
        let hash = content.hash();
        self.0.iter().any(|version| version.held && version.save.content_hash.as_ref() == Some(&hash))
    }

    /// Whether a row of a plain list names it.
    pub(crate) fn is_listed(version: &Version) -> bool {
        matches!(version.state.as_str(), "head" | "line" | "set_aside")
    }
}

/// What a version truly is.
pub(crate) fn content_of(version: &Version, contents: &Contents) -> Option<ContentId> {
    contents.of_hash(version.save.content_hash.as_deref()?)
}
