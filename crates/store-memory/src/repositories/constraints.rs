//! What a database's constraints do: refuse a row that has no right to be there. A refused method changes nothing.

use memcard_domain::ids::{DeviceId, GameId, PlatformId, SaveId, SessionId, SlotId, UserId, VersionId};
use memcard_domain::ports::StoreError;

use super::Stored;
use crate::tables::{Table, Tables};

/// Refuses where something is there already.
pub(super) fn unique(constraint: &str, is_taken: bool) -> Stored<()> {
    if is_taken { Err(conflict(constraint)) } else { Ok(()) }
}

/// A unique or foreign key stands in the way.
pub(super) fn conflict(constraint: &str) -> StoreError {
    StoreError::Conflict { constraint: constraint.to_owned() }
}

/// Foreign keys: each refuses an id that no row has; `None` refers to nothing.
impl Tables {
    pub(super) fn refers_to_user(&self, id: UserId) -> Stored<()> {
        refers(&self.users, Some(id), "user")
    }

    pub(super) fn refers_to_device(&self, id: impl Into<Option<DeviceId>>) -> Stored<()> {
        refers(&self.devices, id, "device")
    }

    pub(super) fn refers_to_platform(&self, id: PlatformId) -> Stored<()> {
        refers(&self.platforms, Some(id), "platform")
    }

    pub(super) fn refers_to_game(&self, id: impl Into<Option<GameId>>) -> Stored<()> {
        refers(&self.games, id, "game")
    }

    pub(super) fn refers_to_slot(&self, id: SlotId) -> Stored<()> {
        refers(&self.slots, Some(id), "slot")
    }

    pub(super) fn refers_to_row(&self, id: SaveId) -> Stored<()> {
        refers(&self.rows, Some(id), "save row")
    }

    pub(super) fn refers_to_version(&self, id: impl Into<Option<VersionId>>) -> Stored<()> {
        refers(&self.versions, id, "version")
    }

    pub(super) fn refers_to_session(&self, id: impl Into<Option<SessionId>>) -> Stored<()> {
        refers(&self.sessions, id, "session")
    }
}

fn refers<K: Ord, V>(table: &Table<K, V>, id: impl Into<Option<K>>, constraint: &str) -> Stored<()> {
    match id.into() {
        Some(id) if !table.contains_key(&id) => Err(conflict(constraint)),
        _ => Ok(()),
    }
}
