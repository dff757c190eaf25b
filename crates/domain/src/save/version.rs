//! Versions and the save rows that point at them. At any time each version is named by exactly one row, so that they
//! are read together, as a [`Save`].

use super::{Content, FileName, Label, SlotKey, SlotName};
use crate::ids::{DeviceId, GameId, SaveId, SlotId, UserId, VersionId};
use crate::screenshot::Screenshot;
use crate::time::Timestamp;

/// A version's place in its slot's order, from 1. Older means smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order(pub i32);

impl Order {
    /// The place of a slot's first version.
    pub const FIRST: Self = Self(1);

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One immutable content in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Where it belongs.
    pub slot: SlotId,
    /// Its place in the slot's order, unique there.
    pub order: Order,
    /// What its bytes are.
    pub content: Content,
    /// The device that brought it.
    pub origin: Option<DeviceId>,
    /// The version its content derives from: the writer's base, or what was restored.
    pub parent: Option<VersionId>,
    /// How it came about.
    pub kind: VersionKind,
    /// Whether it was ever accepted.
    pub standing: Standing,
    /// Whether it was replaced by a writer not strongly known to have held it.
    pub set_aside: Option<SetAside>,
    /// Whether its bytes are present; retention may have taken them.
    pub held: bool,
    /// Whether the owner pinned it.
    pub pinned: bool,
    /// What the owner calls it.
    pub label: Option<Label>,
    /// When it was written: strictly increasing with `order`, and over all slots of one user and game.
    pub updated_at: Timestamp,
    /// The newest picture of it.
    pub screenshot: Option<Screenshot>,
}

/// How a version came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionKind {
    /// A device's upload on its base, or a first one.
    Upload,
    /// An upload that was told to overwrite.
    Overwrite,
    /// An upload without a device.
    WebUpload,
    /// A put in place of a row's content.
    EditInPlace,
    /// An older version made head again.
    Restore,
    /// A fork made head.
    Merge,
}

impl VersionKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Upload, Self::Overwrite, Self::WebUpload, Self::EditInPlace, Self::Restore, Self::Merge];

    /// The name on the wire and in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Overwrite => "overwrite",
            Self::WebUpload => "web_upload",
            Self::EditInPlace => "edit_in_place",
            Self::Restore => "restore",
            Self::Merge => "merge",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a version is of the slot's line or was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Accepted: it is, or once was, a head.
    Line,
    /// Refused: kept, never a head until resolved.
    Fork(ForkState),
}

/// What became of a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForkState {
    /// In the inbox.
    Open,
    /// Closed: the head was kept.
    KeptHead,
    /// Closed: its content was made head.
    KeptFork,
    /// Closed: its content went to a slot of its own.
    KeptBoth,
    /// Closed: its row was deleted.
    Dismissed,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] = [
        Self::Line,
        Self::Fork(ForkState::Open),
        Self::Fork(ForkState::KeptHead),
        Self::Fork(ForkState::KeptFork),
        Self::Fork(ForkState::KeptBoth),
        Self::Fork(ForkState::Dismissed),
    ];

    /// The name on the wire and in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Fork(ForkState::Open) => "fork_open",
            Self::Fork(ForkState::KeptHead) => "fork_kept_head",
            Self::Fork(ForkState::KeptFork) => "fork_kept_fork",
            Self::Fork(ForkState::KeptBoth) => "fork_kept_both",
            Self::Fork(ForkState::Dismissed) => "fork_dismissed",
        }
    }

    /// The standing of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// Whether it is a fork in whatever state.
    pub const fn is_fork(self) -> bool {
        matches!(self, Self::Fork(_))
    }
}

/// A head that was replaced by a writer who is not strongly known to have held it: kept 30 days outside retention and
/// shown in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetAside {
    /// When it was replaced.
    pub at: Timestamp,
    /// Whether the owner has seen and dismissed the notice.
    pub dismissed: bool,
}

/// A row together with the version it points at: a save's, or a state's where its key says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// The row's id.
    pub id: SaveId,
    /// The slot, by what identifies it.
    pub key: SlotKey,
    /// The name it is shown under.
    pub file_name: FileName,
    /// The emulator that wrote it, at most 50 characters.
    pub emulator: Option<String>,
    /// Whether the plain lists show it.
    pub visibility: Visibility,
    /// Whether other users may fetch it.
    pub is_public: bool,
    /// When the row was made.
    pub created_at: Timestamp,
    /// The version.
    pub version: Version,
}

impl Save {
    /// Whether the plain lists show it: a visible row that is no fork.
    pub const fn is_listed(&self) -> bool {
        matches!(self.visibility, Visibility::Visible) && !self.version.standing.is_fork()
    }

    /// Whether it is a state.
    pub const fn is_state(&self) -> bool {
        self.key.place.is_state()
    }

    /// Whether its row was deleted.
    pub const fn is_deleted(&self) -> bool {
        matches!(self.visibility, Visibility::Deleted)
    }
}

/// Whether a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// In the plain lists.
    Visible,
    /// Out of the lists by autocleanup; still there by id.
    Cleaned,
    /// The row of a version that another took the place of under its old id; history shows it.
    Replaced,
    /// Deleted: gone by id, still in the history.
    Deleted,
}

impl Visibility {
    /// Every visibility.
    pub const ALL: [Self; 4] = [Self::Visible, Self::Cleaned, Self::Replaced, Self::Deleted];

    /// The name in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Cleaned => "cleaned",
            Self::Replaced => "replaced",
            Self::Deleted => "deleted",
        }
    }

    /// The visibility of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.name() == name)
    }
}

/// A version to be appended to a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Where it belongs.
    pub slot: SlotId,
    /// Its place: the slot's last plus one. A second version at the same place is a
    /// [`Conflict`](crate::ports::StoreError::Conflict).
    pub order: Order,
    /// What its bytes are.
    pub content: Content,
    /// The device that brought it.
    pub origin: Option<DeviceId>,
    /// What it derives from.
    pub parent: Option<VersionId>,
    /// How it came about.
    pub kind: VersionKind,
    /// Accepted or refused.
    pub standing: Standing,
    /// When it was written.
    pub updated_at: Timestamp,
    /// The row's name.
    pub file_name: FileName,
    /// The row's emulator.
    pub emulator: Option<String>,
}

/// Which saves to list. Forks, rows that are not visible and states never appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveFilter {
    /// Whose.
    pub user: UserId,
    /// Only of this game.
    pub game: Option<GameId>,
    /// Only of games of this platform.
    pub platform: Option<crate::ids::PlatformId>,
    /// Only of this slot, companions included.
    pub slot: Option<SlotName>,
}

/// Which states to list. Rows that are not visible never appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFilter {
    /// Whose.
    pub user: UserId,
    /// Only of this game.
    pub game: Option<GameId>,
    /// Only of games of this platform.
    pub platform: Option<crate::ids::PlatformId>,
}

/// Whose versions of which game a history is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Whose.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// Only of this slot, companions included.
    pub slot: Option<SlotName>,
}
