//! Slots: the unit that syncs.

use thiserror::Error;

use super::{Companion, FileName};
use crate::ids::{GameId, SlotId, UserId, VersionId};
use crate::sync::Tracking;

/// A slot, or the history of one archival save or one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its id.
    pub id: SlotId,
    /// What it is.
    pub key: SlotKey,
    /// The version it stands at; `None` when it is empty.
    pub head: Option<VersionId>,
    /// Whether it syncs on a device of which nothing is known.
    pub tracking: Tracking,
}

/// What identifies a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotKey {
    /// Whose it is.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// Which one.
    pub place: SlotPlace,
}

/// Where among a game's saves and states a version belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SlotPlace {
    /// A slot by name, with what a file is beside the main save.
    Named {
        /// The slot's name.
        name: SlotName,
        /// `None` for the main save.
        companion: Option<Companion>,
    },
    /// A save without slot name: a history of its own per file name, outside negotiation.
    Archival {
        /// The file name that is the history's.
        file_name: String,
    },
    /// A state: a history of its own per emulator and file name, outside everything that syncs. The emulator counts
    /// because one cannot load another's.
    State {
        /// The file name that is the history's.
        file_name: String,
        /// The emulator that wrote it; never empty.
        emulator: Option<String>,
    },
}

impl SlotPlace {
    /// Where a file belongs: the slot of that name, or its own history where none is named.
    pub fn of(slot: Option<SlotName>, file_name: &FileName) -> Self {
        match slot {
            Some(name) => Self::Named { name, companion: Companion::of_extension(file_name.extension()) },
            None => Self::Archival { file_name: file_name.as_str().to_owned() },
        }
    }

    /// Where a state belongs. An empty emulator is none.
    pub fn of_state(file_name: &FileName, emulator: Option<&str>) -> Self {
        Self::State {
            file_name: file_name.as_str().to_owned(),
            emulator: emulator.filter(|name| !name.is_empty()).map(str::to_owned),
        }
    }

    /// The slot's name; `None` for an archival save and for a state.
    pub const fn name(&self) -> Option<&SlotName> {
        match self {
            Self::Named { name, .. } => Some(name),
            Self::Archival { .. } | Self::State { .. } => None,
        }
    }

    /// Whether it is a state's and no save's.
    pub const fn is_state(&self) -> bool {
        matches!(self, Self::State { .. })
    }

    /// Whether it takes part in negotiation.
    pub const fn is_named(&self) -> bool {
        matches!(self, Self::Named { .. })
    }
}

/// Most characters of a slot's name.
const LONGEST_NAME: usize = 255;

/// A slot's name: up to 255 characters, any Unicode; the empty name is a name like any other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotName(String);

/// A slot name longer than 255 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("slot must have at most 255 characters")]
pub struct InvalidSlotName;

impl SlotName {
    /// Takes a name.
    ///
    /// # Errors
    /// More than 255 characters.
    pub fn new(name: &str) -> Result<Self, InvalidSlotName> {
        if name.chars().count() > LONGEST_NAME || name.contains('\0') {
            Err(InvalidSlotName)
        } else {
            Ok(Self(name.to_owned()))
        }
    }

    /// The name with ` (tag)` behind it, cut where both would be too long.
    #[must_use]
    pub(super) fn beside(&self, tag: &str) -> Self {
        let tag = format!(" ({tag})");
        let room = LONGEST_NAME.saturating_sub(tag.chars().count());
        let name: String = self.0.chars().take(room).collect();
        Self((name + &tag).trim().to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(name: &str, tag: &str) -> String {
        SlotName::new(name).unwrap().beside(tag).as_str().to_owned()
    }

    #[test]
    fn a_slot_beside_another_has_a_name_that_tells_of_both() {
        assert_eq!(beside("autosave", "Phone"), "autosave (Phone)");
        assert_eq!(beside("", "Phone"), "(Phone)");
        let long = beside(&"é".repeat(255), "Phone");
        assert_eq!(long.chars().count(), 255);
        assert!(long.ends_with("é (Phone)"), "{long}");
        assert!(SlotName::new(&long).is_ok());
    }
}
