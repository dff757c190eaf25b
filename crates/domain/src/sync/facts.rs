//! Gathers the [`Facts`] of a decision from what is stored. No rule stands here that is not one of reading: what counts
//! as equal, as deleted, as unchanged.

use super::decision::{
    BaseFact, Bytes, Deletion, Facts, FileChange, FileFact, HeadFact, Match, OlderHead, Place,
};
use super::{Base, FileTimes, Tracking};
use crate::save::{ForkState, Save, Standing};
use crate::time::Timestamp;

/// A slot as one device sees it.
#[derive(Debug, Clone, Copy)]
pub struct SlotView<'a> {
    /// Whether the slot syncs there.
    pub tracking: Tracking,
    /// The head.
    pub head: Option<&'a Save>,
    /// What is known of the device.
    pub base: Option<&'a Base>,
    /// The version it holds by that.
    pub held: Option<&'a Save>,
    /// The slot's versions, needed only where [`needs_lineage`](Self::needs_lineage); empty otherwise.
    pub lineage: &'a [Save],
}

/// What a client shows of its file.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// It did not name the slot.
    NotNamed,
    /// No hash that is the file's, but size and time.
    Unhashed {
        /// The file's size in bytes.
        size: u64,
        /// The file's time, by the device's clock.
        file_time: Timestamp,
    },
    /// The file's hash; these of the slot's versions have it, forks included.
    Hashed(&'a [Save]),
}

impl SlotView<'_> {
    /// The facts of the case.
    pub fn facts(&self, shown: Shown<'_>) -> Facts {
        Facts {
            tracking: self.tracking,
            head: if self.head.is_some() { HeadFact::Present } else { HeadFact::Empty },
            base: self.base_fact(),
            file: match shown {
                Shown::NotNamed => FileFact::NotNamed,
                Shown::Unhashed { size, file_time } => FileFact::Unhashed(self.file_change(size, file_time)),
                Shown::Hashed(named) => FileFact::Hashed(self.matched(named)),
            },
        }
    }

    /// Whether the device is known to hold the head, or equal content.
    pub fn is_at_head(&self) -> bool {
        self.base_fact() == BaseFact::IsHead
    }

    /// Whether that is strongly known.
    pub fn is_strongly_at_head(&self) -> bool {
        self.is_at_head()
            && self.base.and_then(|base| base.holding).is_some_and(|holding| holding.is_strong())
    }

    /// Whether the decision depends on how the head is related to the base: the base was deleted, and the head is older.
    pub fn needs_lineage(&self) -> bool {
        match (self.held, self.head) {
            (Some(held), Some(head)) => held.is_deleted() && head.version.order < held.version.order,
            _ => false,
        }
    }

    fn base_fact(&self) -> BaseFact {
        let Some(held) = self.held else { return BaseFact::Unknown };
        if self.head.is_some_and(|head| is_same(head, held)) {
            return BaseFact::IsHead;
        }
        let deletion = match self.head {
            _ if !held.is_deleted() => Deletion::NotDeleted,
            Some(head) if head.version.order < held.version.order => {
                Deletion::Deleted { head: self.older_head(head, held) }
            }
            _ => Deletion::DeletedAndReplaced,
        };
        BaseFact::IsNotHead { bytes: bytes(held), deletion }
    }

    fn older_head(&self, head: &Save, held: &Save) -> OlderHead {
        let mut parent = held.version.parent;
        while let Some(id) = parent {
            if id == head.version.id {
                return OlderHead::Ancestor;
            }
            let version = self.lineage.iter().map(|save| &save.version).find(|version| version.id == id);
            parent = version.and_then(|version| version.parent);
        }
        OlderHead::Unrelated
    }

    fn file_change(&self, size: u64, file_time: Timestamp) -> FileChange {
        let (Some(base), Some(held)) = (self.base, self.held) else { return FileChange::Unknown };
        match base.stamp {
            None => FileChange::Unknown,
            Some(_) if base.file_times == FileTimes::Ambiguous => FileChange::Unknown,
            Some(stamp) if stamp == file_time && held.version.content.size == size => FileChange::Unchanged,
            Some(_) => FileChange::Changed,
        }
    }

    fn matched(&self, named: &[Save]) -> Match {
        let is_named = |save: &Save| named.iter().any(|other| is_same(other, save));
        if self.head.is_some_and(is_named) {
            return Match::Head;
        }
        if self.held.is_some_and(is_named) {
            return Match::Base;
        }
        if let Some(version) = newest_of_line(named) {
            return Match::Version { place: self.place(version), bytes: bytes(version) };
        }
        match fork(named) {
            Some((fork, state)) => Match::Fork { state, bytes: bytes(fork) },
            None => Match::Nothing,
        }
    }

    fn place(&self, save: &Save) -> Place {
        let order = save.version.order;
        match self.base.and_then(Base::point) {
            None => Place::NoBase,
            Some(point) if order > point.order => Place::Newer,
            Some(_) if self.base.is_some_and(|base| base.may_fall_back_to(order)) => Place::WithinProvisional,
            Some(_) => Place::Older,
        }
    }
}

/// The newest of these versions that was ever accepted.
pub fn newest_of_line(saves: &[Save]) -> Option<&Save> {
    saves.iter().filter(|save| save.version.standing == Standing::Line).max_by_key(|save| save.version.order)
}

/// The fork among these that decides: an open one first, then the newest.
fn fork(saves: &[Save]) -> Option<(&Save, ForkState)> {
    let forks = saves.iter().filter_map(|save| match save.version.standing {
        Standing::Fork(state) => Some((save, state)),
        Standing::Line => None,
    });
    forks.max_by_key(|(save, state)| (*state == ForkState::Open, save.version.held, save.version.order))
}

/// Whether two versions count as the same one.
fn is_same(one: &Save, two: &Save) -> bool {
    one.version.id == two.version.id || one.version.content.is_equal(&two.version.content)
}

fn bytes(save: &Save) -> Bytes {
    if save.version.held { Bytes::Held } else { Bytes::Gone }
}
