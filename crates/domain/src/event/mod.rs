//! What happened, told to whoever listens: other devices of the same user, the web, an administrator.
//!
//! Invariants: an event is told after what it is about was committed, never before, and never if that was rolled back;
//! nobody hears of what is another user's. An event is a hint and no record: a listener that missed some is told so and
//! reads anew what it shows.

mod happened;
mod listening;

use crate::device::SyncMode;
use crate::ids::{DeviceId, GameId, PairingId, SaveId, SessionId, UserId};
use crate::save::{FileName, SlotName};

pub use happened::{Happened, transact};
pub use listening::{ListenError, Listening, Told, listen};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// To what is a user's: told to that user alone.
    OfUser(UserId, UserEvent),
    /// To the library: told to administrators.
    OfLibrary(LibraryEvent),
}

/// Something that happened to what is a user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserEvent {
    /// A sync.
    Sync(SyncEvent),
    /// A device.
    Device(DeviceId, DeviceChange),
    /// A pairing.
    Pairing(PairingId, PairingChange),
    /// A save.
    Save(SaveEvent),
    /// A save was deleted; its bytes stay in the history.
    SaveDeleted(SaveId),
}

/// Something that happened in a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncEvent {
    /// The device that syncs.
    pub device: DeviceId,
    /// Its session; `None` where a client uploads without one.
    pub session: Option<SessionId>,
    /// What happened.
    pub stage: SyncStage,
}

/// How far a sync is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncStage {
    /// It began.
    Started {
        /// How the device syncs.
        mode: SyncMode,
    },
    /// One more operation is done.
    Progress {
        /// How many are done.
        completed: u32,
        /// How many were planned.
        planned: u32,
        /// Which file it was.
        current_file: FileName,
    },
    /// It ended.
    Completed {
        /// How many operations were done.
        completed: u32,
        /// How many failed.
        failed: u32,
    },
    /// Both sides changed: nothing of either was replaced.
    Conflict {
        /// Of which game.
        game: GameId,
        /// Which file.
        file_name: FileName,
        /// Why, as a player reads it.
        reason: &'static str,
    },
    /// It broke off.
    Error {
        /// Why.
        error: String,
    },
}

/// What became of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceChange {
    /// It is new.
    Registered,
    /// What is known of it changed.
    Updated,
    /// It is gone, with its tokens.
    Deleted,
}

/// What became of a pairing that a user holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingChange {
    /// The user looks at what a device asks for.
    Opened,
    /// The user granted it.
    Approved,
    /// The user refused it.
    Denied,
    /// The device has its token.
    Completed(DeviceId),
}

/// Something that happened to a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveEvent {
    /// Its row.
    pub save: SaveId,
    /// Of which game.
    pub game: GameId,
    /// In which slot; `None` for an archival one.
    pub slot: Option<SlotName>,
    /// Its name.
    pub file_name: FileName,
    /// The device that did it; `None` where no device was named.
    pub device: Option<DeviceId>,
    /// What happened.
    pub change: SaveChange,
}

/// What became of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveChange {
    /// New bytes are the head.
    Uploaded,
    /// A device has it.
    Downloaded,
    /// It syncs on a device again.
    Tracked,
    /// It no longer syncs on a device.
    Untracked,
}

/// What the server does with the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LibraryEvent {
    /// A scan began.
    ScanStarted,
    /// A scan goes on.
    ScanProgress {
        /// How many games were looked at.
        scanned: u64,
    },
    /// A scan ended.
    ScanCompleted {
        /// How many games were looked at.
        scanned: u64,
        /// How many of them are new.
        added: u64,
    },
}

/// Whose events somebody hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listener {
    /// The user who listens.
    pub user: UserId,
    /// Whether they hear of the library too.
    pub is_admin: bool,
}

impl Listener {
    /// Whether the event is for them.
    pub fn hears(&self, event: &Event) -> bool {
        match event {
            Event::OfUser(user, _) => *user == self.user,
            Event::OfLibrary(_) => self.is_admin,
        }
    }
}
