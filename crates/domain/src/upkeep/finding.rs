//! What can be wrong with what is kept.

use std::fmt;
use std::time::Duration;

use super::NamedBy;
use crate::ids::{DeviceId, SlotId, VersionId};
use crate::save::Digest;

/// Something that is not as it was promised to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Bytes that rows name are not there.
    Missing {
        /// Which bytes.
        digest: Digest,
        /// What names them.
        named_by: Vec<NamedBy>,
    },
    /// Bytes that rows name are there, and are others.
    Damaged {
        /// Which bytes.
        digest: Digest,
        /// What names them.
        named_by: Vec<NamedBy>,
    },
    /// Bytes that rows name cannot be read.
    Unreadable {
        /// Which bytes.
        digest: Digest,
        /// What names them.
        named_by: Vec<NamedBy>,
        /// What the blob store says.
        cause: String,
    },
    /// Bytes that nothing names, for longer than they are kept without a name.
    Unused {
        /// Which bytes.
        digest: Digest,
        /// How long ago they were written.
        age: Duration,
    },
    /// A slot's head is not its newest visible version.
    WrongHead {
        /// The slot.
        slot: SlotId,
        /// What it stands at.
        head: Option<VersionId>,
        /// What it should stand at.
        newest: Option<VersionId>,
    },
    /// A version was not written later than the one before it in its slot.
    OutOfOrder {
        /// The slot.
        slot: SlotId,
        /// The later of the two.
        version: VersionId,
    },
    /// A version derives from one of its slot that is not older.
    ParentNotOlder {
        /// The slot.
        slot: SlotId,
        /// The version.
        version: VersionId,
    },
    /// The bytes of a version were let go that retention never takes.
    NeededLetGo {
        /// The slot.
        slot: SlotId,
        /// The version.
        version: VersionId,
        /// What needs it.
        need: Need,
    },
    /// What a device is said to hold is nothing it can hold.
    WrongBase {
        /// The slot.
        slot: SlotId,
        /// The device.
        device: DeviceId,
        /// The version it is said to hold, or to have held before.
        version: VersionId,
        /// What is wrong with it.
        fault: BaseFault,
    },
}

/// What keeps a version's bytes from retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It is the head.
    Head,
    /// Its owner pinned it.
    Pin,
    /// It is an open fork.
    OpenFork,
    /// A device is known to hold it.
    Base,
}

/// Why a version cannot be a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseFault {
    /// It is none of the slot's.
    OtherSlot,
    /// It is a fork.
    Fork,
    /// It stands at another place in the slot's order than the base says.
    OtherPlace,
}

impl Finding {
    /// A name for programs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Damaged { .. } => "damaged",
            Self::Unreadable { .. } => "unreadable",
            Self::Unused { .. } => "unused",
            Self::WrongHead { .. } => "wrong_head",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::ParentNotOlder { .. } => "parent_not_older",
            Self::NeededLetGo { .. } => "needed_let_go",
            Self::WrongBase { .. } => "wrong_base",
        }
    }
}

/// One line for people.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { digest, named_by } => write!(f, "{} missing: {digest}", Names(named_by)),
            Self::Damaged { digest, named_by } => write!(f, "{} damaged: {digest}", Names(named_by)),
            Self::Unreadable { digest, named_by, cause } => {
                write!(f, "{} unreadable: {digest}: {cause}", Names(named_by))
            }
            Self::Unused { digest, age } => {
                write!(f, "nothing has named these bytes for {} hours: {digest}", age.as_secs() / 3600)
            }
            Self::WrongHead { slot, head, newest } => {
                let (head, newest) = (Stand(*head), Stand(*newest));
                write!(f, "slot {slot} stands at {head}, and should stand at {newest}")
            }
            Self::OutOfOrder { slot, version } => {
                write!(f, "version {version} of slot {slot} is not later than the one before it")
            }
            Self::ParentNotOlder { slot, version } => {
                write!(f, "version {version} of slot {slot} derives from one that is not older")
            }
            Self::NeededLetGo { slot, version, need } => {
                write!(f, "the bytes of version {version} of slot {slot} were let go, and it is {need}")
            }
            Self::WrongBase { slot, device, version, fault } => {
                write!(f, "device {device} is said to hold version {version} of slot {slot}, which {fault}")
            }
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "the head",
            Self::Pin => "pinned",
            Self::OpenFork => "an open fork",
            Self::Base => "what a device holds",
        })
    }
}

impl fmt::Display for BaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherSlot => "is not of that slot",
            Self::Fork => "is a fork",
            Self::OtherPlace => "stands elsewhere in its order",
        })
    }
}

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Save(id) => write!(f, "save {id}"),
            Self::State(id) => write!(f, "state {id}"),
            Self::Screenshot(id) => write!(f, "screenshot {id}"),
        }
    }
}

/// The subject of a sentence.
struct Names<'a>(&'a [NamedBy]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(if self.0.len() == 1 { " is" } else { " are" })
    }
}

/// Where a slot stands.
struct Stand(Option<VersionId>);

impl fmt::Display for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(version) => write!(f, "version {version}"),
            None => f.write_str("none"),
        }
    }
}
