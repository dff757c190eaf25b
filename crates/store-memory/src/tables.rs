//! What is kept, as plain maps: one per table of a database.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use memcard_domain::account::{ClientToken, Login, User};
use memcard_domain::catalogue::{Game, GameFile, GameProps, Platform};
use memcard_domain::device::Device;
use memcard_domain::ids::{
    DeviceId, GameFileId, GameId, LoginId, PlatformId, PlaySessionId, SaveId, ScreenshotId, SessionId,
    SlotId, TokenId, UserId, VersionId,
};
use memcard_domain::play::PlaySession;
use memcard_domain::save::{FileName, Save, Slot, Version, Visibility};
use memcard_domain::screenshot::Screenshot;
use memcard_domain::sync::{Base, NamedFile, SyncSession};
use memcard_domain::time::Timestamp;

/// All of it. A clone is cheap: tables share their rows until one of the two is written to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tables {
    pub(crate) ids: Ids,
    pub(crate) users: Table<UserId, User>,
    pub(crate) logins: Table<LoginId, Login>,
    pub(crate) tokens: Table<TokenId, ClientToken>,
    pub(crate) devices: Table<DeviceId, Device>,
    pub(crate) reservations: Table<(UserId, String), DeviceId>,
    pub(crate) library_folder: Option<String>,
    pub(crate) platforms: Table<PlatformId, Platform>,
    pub(crate) games: Table<GameId, Game>,
    pub(crate) game_files: Table<GameFileId, GameFile>,
    pub(crate) props: Table<(UserId, GameId), GameProps>,
    pub(crate) slots: Table<SlotId, Slot>,
    pub(crate) versions: Table<VersionId, Version>,
    pub(crate) rows: Table<SaveId, SaveRow>,
    pub(crate) screenshots: Table<ScreenshotId, Screenshot>,
    pub(crate) bases: Table<(DeviceId, SlotId), Base>,
    pub(crate) served: Table<(DeviceId, SaveId), VersionId>,
    pub(crate) sessions: Table<SessionId, SyncSession>,
    pub(crate) named_files: Table<(SessionId, SlotId), NamedFile>,
    pub(crate) plays: Table<PlaySessionId, PlaySession>,
}

/// A save row: [`Save`] without its version and its slot's key.
#[derive(Debug, Clone)]
pub(crate) struct SaveRow {
    pub(crate) id: SaveId,
    pub(crate) version: VersionId,
    pub(crate) file_name: FileName,
    pub(crate) emulator: Option<String>,
    pub(crate) visibility: Visibility,
    pub(crate) is_public: bool,
    pub(crate) created_at: Timestamp,
}

impl Tables {
    /// Every row together with its version.
    pub(crate) fn saves(&self) -> impl Iterator<Item = Save> {
        self.rows.values().filter_map(|row| self.save(row))
    }

    /// The row together with its version. `None` cannot happen: rows have versions and versions have slots.
    pub(crate) fn save(&self, row: &SaveRow) -> Option<Save> {
        let version = self.versions.get(&row.version)?;
        let slot = self.slots.get(&version.slot)?;
        Some(Save {
            id: row.id,
            key: slot.key.clone(),
            file_name: row.file_name.clone(),
            emulator: row.emulator.clone(),
            visibility: row.visibility,
            is_public: row.is_public,
            created_at: row.created_at,
            version: version.clone(),
        })
    }
}

/// The last id given in each table. An id is never given twice, deleted rows' included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ids {
    pub(crate) user: Sequence,
    pub(crate) login: Sequence,
    pub(crate) token: Sequence,
    pub(crate) platform: Sequence,
    pub(crate) game: Sequence,
    pub(crate) game_file: Sequence,
    pub(crate) slot: Sequence,
    pub(crate) version: Sequence,
    pub(crate) row: Sequence,
    pub(crate) screenshot: Sequence,
    pub(crate) session: Sequence,
    pub(crate) play: Sequence,
}

/// Counts from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sequence(i32);

impl Sequence {
    pub(crate) fn next(&mut self) -> i32 {
        self.0 += 1;
        self.0
    }
}

/// Rows by key: a [`BTreeMap`] that is copied when it is first written to after a clone.
#[derive(Debug)]
pub(crate) struct Table<K, V>(Arc<BTreeMap<K, V>>);

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Deref for Table<K, V> {
    type Target = BTreeMap<K, V>;

    fn deref(&self) -> &BTreeMap<K, V> {
        &self.0
    }
}

impl<K: Clone, V: Clone> DerefMut for Table<K, V> {
    fn deref_mut(&mut self) -> &mut BTreeMap<K, V> {
        Arc::make_mut(&mut self.0)
    }
}
