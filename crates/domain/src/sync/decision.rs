//! The decision table: what should become of a file, given the slot's head, the device's base and the slot's history.
//!
//! One pure total function over [`Facts`]; [`TABLE`] is the table of the design, in its order, first match wins.
//! Negotiation plans with it, and the upload guard is the same function with the hash of the bytes. No fact is a
//! comparison of clocks: file times appear only as [`FileChange`], which compares a device's time with its own earlier
//! one for equality.
//!
//! [`facts`](super::facts) gathers the facts from stored versions; nothing else decides.

use super::Tracking;
use crate::save::ForkState;

/// Everything a decision may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Whether the slot syncs on this device.
    pub tracking: Tracking,
    /// What the slot stands at.
    pub head: HeadFact,
    /// What the device is known to hold.
    pub base: BaseFact,
    /// What the client shows.
    pub file: FileFact,
}

/// What the slot stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeadFact {
    /// Nothing: the slot is empty.
    Empty,
    /// A version.
    Present,
}

/// What the device is known to hold, against the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BaseFact {
    /// Nothing is known.
    Unknown,
    /// The head, or equal content.
    IsHead,
    /// Another version.
    IsNotHead {
        /// Whether its bytes are present.
        bytes: Bytes,
        /// Whether its row was deleted.
        deletion: Deletion,
    },
}

/// Whether a version's bytes are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bytes {
    /// They are.
    Held,
    /// Retention took them.
    Gone,
}

/// Whether the base was deleted, and where the head stands then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// It was not deleted.
    NotDeleted,
    /// It was, and the head is older.
    Deleted {
        /// How the head, older than the base, is related to it.
        head: OlderHead,
    },
    /// It was, and the head is newer.
    DeletedAndReplaced,
}

/// How a head that is older than a deleted base is related to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OlderHead {
    /// It is an ancestor of the base by parents.
    Ancestor,
    /// It is not.
    Unrelated,
}

/// What the client shows of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFact {
    /// The client did not name the slot.
    NotNamed,
    /// No hash, or one that is not the file's.
    Unhashed(FileChange),
    /// The file's hash, or that of the uploaded bytes.
    Hashed(Match),
}

/// Whether a file without hash changed since it was last in sync: size against the base's, time against the stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileChange {
    /// Both are equal.
    Unchanged,
    /// One differs.
    Changed,
    /// There is no stamp, or this device's times do not tell contents apart.
    Unknown,
}

/// What a hash names. Where it names several versions: the head, then the base, then the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Match {
    /// The head's content.
    Head,
    /// The base's content, the base not being the head.
    Base,
    /// Another version of the slot.
    Version {
        /// Its place against the base.
        place: Place,
        /// Whether its bytes are present.
        bytes: Bytes,
    },
    /// No version, but a fork.
    Fork {
        /// What became of the fork.
        state: ForkState,
        /// Whether its bytes are present.
        bytes: Bytes,
    },
    /// Nothing the slot ever saw.
    Nothing,
}

/// A version's place against the device's base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// There is no base.
    NoBase,
    /// Older than a provisional base, and not older than the base before it.
    WithinProvisional,
    /// Older than the base.
    Older,
    /// Newer than the base.
    Newer,
}

/// What should happen, why, and what was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    /// What should happen.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What the facts show of the device.
    pub evidence: Evidence,
}

/// What should happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The device should send its file.
    Upload,
    /// The device should fetch the head.
    Download,
    /// A person has to choose.
    Conflict,
    /// The file is in sync, or not to be synced.
    NoOp,
    /// No operation at all: the client did not name the slot and need not hear of it.
    Nothing,
}

/// What a decision learnt about the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Nothing.
    None,
    /// It holds the head.
    HoldsHead,
    /// It holds the matched version.
    HoldsMatch,
    /// It went back to an older version.
    RolledBack,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a decision fell as it did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// The text a player reads.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Row 1.
    Untracked = "Save is untracked on this device",
    /// Row 2.
    EmptySlot = "The server has no save in this slot",
    /// Row 3.
    FirstContact = "First contact: this device and the server both have a save",
    /// Rows 4 and 6.
    InSync = "In sync",
    /// Rows 4 and 15.
    ChangedHere = "Changed on this device",
    /// Rows 5, 7, 8, 9, 11 and 14.
    NewerOnServer = "The server has a newer save",
    /// Rows 5 and 17.
    BothChanged = "Changed on this device and on the server",
    /// Row 7.
    DeletedOnServer = "The save on this device was deleted on the server",
    /// Rows 7 and 12.
    BytesGone = "The server no longer has a copy of the save on this device",
    /// Row 10.
    OlderVersion = "This device has an older version than it had before",
    /// Row 13.
    AlreadyInInbox = "This save is already waiting to be resolved",
    /// Row 16.
    DeletedThenChanged = "Changed on this device after the server went back",
    /// Row 18.
    UnrelatedSaves = "This device and the server have unrelated saves",
    /// Row 19.
    MissingHere = "Not on this device yet",
    /// Row 20.
    RemovedHere = "Removed on this device",
    /// A save without slot name takes no part in the table.
    Archival = "Saves without a slot are always uploaded",
    /// A second upload to one slot in one negotiation.
    SecondUpload = "Another file of this device already goes to this slot",
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// Its number in the design.
    pub number: u8,
    /// The case in words.
    pub case: &'static str,
    applies: fn(&Facts) -> bool,
    decide: fn(&Facts) -> Decision,
}

/// The decision table. The first row that applies decides.
pub static TABLE: [Row; 20] = [
    Row {
        number: 1,
        case: "untracked on this device",
        applies: |facts| facts.tracking == Tracking::Untracked,
        decide: |facts| match facts.file {
            FileFact::NotNamed => decision(Action::Nothing, Reason::Untracked),
            _ => decision(Action::NoOp, Reason::Untracked),
        },
    },
    Row {
        number: 2,
        case: "slot has no head",
        applies: |facts| facts.head == HeadFact::Empty,
        decide: |facts| match facts.file {
            FileFact::NotNamed => decision(Action::Nothing, Reason::EmptySlot),
            _ => decision(Action::Upload, Reason::EmptySlot),
        },
    },
    Row {
        number: 3,
        case: "hash missing, or not the file's: no base",
        applies: |facts| unhashed(facts) && facts.base == BaseFact::Unknown,
        decide: |_| decision(Action::Conflict, Reason::FirstContact),
    },
    Row {
        number: 4,
        case: "hash missing, or not the file's: base is head",
        applies: |facts| unhashed(facts) && facts.base == BaseFact::IsHead,
        decide: |facts| {
            if file_unchanged(facts) {
                decision(Action::NoOp, Reason::InSync)
            } else {
                decision(Action::Upload, Reason::ChangedHere)
            }
        },
    },
    Row {
        number: 5,
        case: "hash missing, or not the file's: base is not head",
        applies: unhashed,
        decide: |facts| {
            if file_unchanged(facts) {
                decision(Action::Download, Reason::NewerOnServer)
            } else {
                decision(Action::Conflict, Reason::BothChanged)
            }
        },
    },
    Row {
        number: 6,
        case: "hash is head's",
        applies: |facts| facts.file == FileFact::Hashed(Match::Head),
        decide: |_| decision(Action::NoOp, Reason::InSync).learning(Evidence::HoldsHead),
    },
    Row {
        number: 7,
        case: "hash is base's",
        applies: |facts| facts.file == FileFact::Hashed(Match::Base),
        decide: |facts| match facts.base {
            BaseFact::IsNotHead { bytes: Bytes::Gone, .. } => decision(Action::Conflict, Reason::BytesGone),
            BaseFact::IsNotHead { deletion: Deletion::Deleted { .. }, .. } => {
                decision(Action::Conflict, Reason::DeletedOnServer)
            }
            _ => decision(Action::Download, Reason::NewerOnServer),
        },
    },
    Row {
        number: 8,
        case: "version older than a provisional base but not older than the base before it, held",
        applies: |facts| held_version(facts, Place::WithinProvisional),
        decide: |_| decision(Action::Download, Reason::NewerOnServer).learning(Evidence::HoldsMatch),
    },
    Row {
        number: 9,
        case: "version newer than base, held",
        applies: |facts| held_version(facts, Place::Newer),
        decide: |_| decision(Action::Download, Reason::NewerOnServer).learning(Evidence::HoldsMatch),
    },
    Row {
        number: 10,
        case: "version older than base",
        applies: |facts| {
            matches!(
                facts.file,
                FileFact::Hashed(Match::Version { place: Place::Older | Place::WithinProvisional, .. })
            )
        },
        decide: |_| decision(Action::Conflict, Reason::OlderVersion).learning(Evidence::RolledBack),
    },
    Row {
        number: 11,
        case: "version, no base, held",
        applies: |facts| held_version(facts, Place::NoBase),
        decide: |_| decision(Action::Download, Reason::NewerOnServer),
    },
    Row {
        number: 12,
        case: "version or fork whose bytes are not held",
        applies: |facts| {
            matches!(
                facts.file,
                FileFact::Hashed(
                    Match::Version { bytes: Bytes::Gone, .. } | Match::Fork { bytes: Bytes::Gone, .. }
                )
            )
        },
        decide: |_| decision(Action::Conflict, Reason::BytesGone),
    },
    Row {
        number: 13,
        case: "hash is that of an open fork, of any device",
        applies: |facts| matches!(facts.file, FileFact::Hashed(Match::Fork { state: ForkState::Open, .. })),
        decide: |_| decision(Action::Conflict, Reason::AlreadyInInbox),
    },
    Row {
        number: 14,
        case: "hash is that of a fork that was resolved away, held",
        applies: |facts| matches!(facts.file, FileFact::Hashed(Match::Fork { bytes: Bytes::Held, .. })),
        decide: |_| decision(Action::Download, Reason::NewerOnServer),
    },
    Row {
        number: 15,
        case: "hash unknown: base is head",
        applies: |facts| unknown_hash(facts) && facts.base == BaseFact::IsHead,
        decide: |_| decision(Action::Upload, Reason::ChangedHere),
    },
    Row {
        number: 16,
        case: "hash unknown: base was deleted and head is an ancestor of base by parents",
        applies: |facts| {
            let returned = Deletion::Deleted { head: OlderHead::Ancestor };
            unknown_hash(facts)
                && matches!(facts.base, BaseFact::IsNotHead { deletion, .. } if deletion == returned)
        },
        decide: |_| decision(Action::Upload, Reason::DeletedThenChanged),
    },
    Row {
        number: 17,
        case: "hash unknown: base is not head",
        applies: |facts| unknown_hash(facts) && matches!(facts.base, BaseFact::IsNotHead { .. }),
        decide: |_| decision(Action::Conflict, Reason::BothChanged),
    },
    Row {
        number: 18,
        case: "hash unknown: no base",
        applies: unknown_hash,
        decide: |_| decision(Action::Conflict, Reason::UnrelatedSaves),
    },
    Row {
        number: 19,
        case: "head not named by the client: no base, or base is not head",
        applies: |facts| facts.file == FileFact::NotNamed && facts.base != BaseFact::IsHead,
        decide: |_| decision(Action::Download, Reason::MissingHere),
    },
    Row {
        number: 20,
        case: "head not named by the client: base is head",
        applies: |facts| facts.file == FileFact::NotNamed,
        decide: |_| decision(Action::Nothing, Reason::RemovedHere),
    },
];

/// The row that decides.
///
/// # Panics
/// Never: the table is total, which a test shows for every combination of facts.
pub fn row(facts: &Facts) -> &'static Row {
    #[expect(clippy::expect_used, reason = "the table is total; a test walks through all facts")]
    TABLE.iter().find(|row| (row.applies)(facts)).expect("a row for every combination of facts")
}

/// What should become of the file.
pub fn decide(facts: &Facts) -> Decision {
    (row(facts).decide)(facts)
}

impl Decision {
    const fn learning(self, evidence: Evidence) -> Self {
        Self { evidence, ..self }
    }
}

const fn decision(action: Action, reason: Reason) -> Decision {
    Decision { action, reason, evidence: Evidence::None }
}

fn unhashed(facts: &Facts) -> bool {
    matches!(facts.file, FileFact::Unhashed(_))
}

fn file_unchanged(facts: &Facts) -> bool {
    facts.file == FileFact::Unhashed(FileChange::Unchanged)
}

fn unknown_hash(facts: &Facts) -> bool {
    facts.file == FileFact::Hashed(Match::Nothing)
}

fn held_version(facts: &Facts, at: Place) -> bool {
    facts.file == FileFact::Hashed(Match::Version { place: at, bytes: Bytes::Held })
}

#[cfg(test)]
mod tests;
