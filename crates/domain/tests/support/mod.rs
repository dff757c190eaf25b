//! A small world for tests of saves and sync: one user, one game, some devices, the in-memory store.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]
#![allow(dead_code, reason = "each test file uses its part of it")]

use std::cell::Cell;

use chrono::{DateTime, Duration};
use memcard_domain::account::{NewUser, PasswordHash, Role, Username};
use memcard_domain::catalogue::{GameHashes, GameSource, NewGame, NewPlatform};
use memcard_domain::device::{Device, DeviceDetails, HashHabit};
use memcard_domain::ids::{DeviceId, GameId, SaveId, SessionId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    self, Change, Cleanup, Content, ContentHash, Digest, DownloadMode, Edit, EditOutcome, FileName, Fill,
    HistoryEntry, HistoryFilter, Keep, Resolution, ResolveError, Save, SaveFilter, SlotKey, SlotName,
    SlotPlace, SyncedSave, Upload, UploadMode, UploadOutcome,
};
use memcard_domain::sync::decision::{Action, Reason};
use memcard_domain::sync::{self, Base, ClientFile, Plan, ReportedOperations, SyncSession};
use memcard_domain::time::Timestamp;
use memcard_store_memory::MemoryStore;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The slot that tests sync, and the file in it.
pub(crate) const SLOT: &str = "autosave";
pub(crate) const FILE: &str = "Game (USA).srm";

pub(crate) struct World {
    store: MemoryStore,
    pub(crate) user: UserId,
    pub(crate) game: GameId,
    now: Cell<Timestamp>,
    devices: Cell<u128>,
}

impl World {
    pub(crate) fn new() -> Self {
        let store = MemoryStore::new();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (user, game) = store
            .transact_now(|tx| -> Result<_, StoreError> {
                let user = tx.users().insert(&NewUser {
                    username: Username::new("player").unwrap(),
                    email: None,
                    role: Role::User,
                    password: PasswordHash("$unused".to_owned()),
                    created_at: now,
                })?;
                Ok((user.id, insert_game(tx, now, "Game (USA).gba")?))
            })
            .unwrap();
        Self { store, user, game, now: Cell::new(now), devices: Cell::new(1) }
    }

    pub(crate) fn tx<T, E: From<StoreError> + std::fmt::Debug>(
        &self,
        work: impl FnOnce(&mut dyn Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        self.store.transact_now(work)
    }

    /// Now; each call is a second later than the one before.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.set(self.now.get() + Duration::seconds(1));
        self.now.get()
    }

    pub(crate) fn set_clock(&self, to: Timestamp) {
        self.now.set(to);
    }

    pub(crate) fn another_game(&self, file: &str) -> GameId {
        let now = self.now();
        self.tx(|tx| insert_game(tx, now, file)).unwrap()
    }

    pub(crate) fn device(&self, client: &str) -> DeviceId {
        let details = DeviceDetails { client: Some(client.to_owned()), ..DeviceDetails::default() };
        self.add_device(details)
    }

    pub(crate) fn named_device(&self, name: &str) -> DeviceId {
        let details = DeviceDetails {
            name: Some(name.to_owned()),
            client: Some("grout".to_owned()),
            ..DeviceDetails::default()
        };
        self.add_device(details)
    }

    fn add_device(&self, details: DeviceDetails) -> DeviceId {
        let id = DeviceId(Uuid::from_u128(self.devices.replace(self.devices.get() + 1)));
        let now = self.now();
        let device = Device::new(id, self.user, details, now);
        self.tx(|tx| tx.devices().insert(&device)).unwrap();
        id
    }

    pub(crate) fn draft(&self, device: Option<DeviceId>, bytes: &str) -> Upload {
        Upload {
            user: self.user,
            game: self.game,
            slot: Some(SlotName::new(SLOT).unwrap()),
            file_name: FileName::new(FILE).unwrap(),
            emulator: None,
            content: content(bytes),
            screenshot: None,
            device,
            session: None,
            mode: UploadMode::Guarded,
            cleanup: Cleanup::Off,
        }
    }

    pub(crate) fn send(&self, upload: &Upload) -> UploadOutcome {
        let now = self.now();
        self.tx(|tx| save::upload(tx, now, upload)).unwrap()
    }

    pub(crate) fn upload(&self, device: DeviceId, bytes: &str) -> UploadOutcome {
        self.send(&self.draft(Some(device), bytes))
    }

    pub(crate) fn stored(&self, device: DeviceId, bytes: &str) -> Save {
        match self.upload(device, bytes) {
            UploadOutcome::Stored(save) => save,
            other => panic!("expected {bytes} to be stored, got {other:?}"),
        }
    }

    pub(crate) fn overwrite(&self, device: DeviceId, bytes: &str) -> UploadOutcome {
        self.send(&Upload { mode: UploadMode::Overwrite, ..self.draft(Some(device), bytes) })
    }

    /// The fork that the device's bytes become, because it does not hold the head.
    pub(crate) fn fork(&self, device: DeviceId, bytes: &str) -> Save {
        match self.upload(device, bytes) {
            UploadOutcome::Refused(refusal) => refusal.kept,
            other => panic!("expected {bytes} to be refused, got {other:?}"),
        }
    }

    pub(crate) fn edit(&self, row: SaveId, device: Option<DeviceId>, bytes: &str) -> EditOutcome {
        let change = Change::Content { content: content(bytes), screenshot: None };
        let edit = Edit { user: self.user, row, device, change };
        let now = self.now();
        self.tx(|tx| save::edit(tx, now, &edit)).unwrap()
    }

    /// The row after an edit that has to be accepted.
    pub(crate) fn edited(&self, row: SaveId, device: Option<DeviceId>, bytes: &str) -> Save {
        match self.edit(row, device, bytes) {
            EditOutcome::Stored(save) => *save,
            other => panic!("expected {bytes} to be stored, got {other:?}"),
        }
    }

    pub(crate) fn restore(&self, version: VersionId) -> HistoryEntry {
        let now = self.now();
        self.tx(|tx| save::restore(tx, now, self.user, version)).unwrap()
    }

    pub(crate) fn try_resolve(&self, fork: VersionId, keep: Keep) -> Result<Resolution, ResolveError> {
        let now = self.now();
        self.tx(|tx| save::resolve(tx, now, self.user, fork, keep))
    }

    pub(crate) fn resolve(&self, fork: VersionId, keep: Keep) -> Resolution {
        self.try_resolve(fork, keep).unwrap()
    }

    pub(crate) fn file(&self, bytes: &str) -> ClientFile {
        self.file_at(bytes, self.now.get())
    }

    pub(crate) fn file_at(&self, bytes: &str, file_time: Timestamp) -> ClientFile {
        ClientFile {
            game: self.game,
            file_name: FileName::new(FILE).unwrap(),
            slot: Some(SlotName::new(SLOT).unwrap()),
            emulator: None,
            content_hash: content(bytes).content_hash,
            file_time,
            size: bytes.len() as u64,
        }
    }

    pub(crate) fn negotiate(&self, device: DeviceId, files: &[ClientFile]) -> Plan {
        let now = self.now();
        self.tx(|tx| sync::negotiate(tx, now, self.user, device, files)).unwrap()
    }

    /// Whether the device's hashes are believed to be its files'.
    pub(crate) fn hashes_its_file(&self, device: DeviceId) -> bool {
        let device = self.tx(|tx| tx.devices().find(self.user, device)).unwrap().unwrap();
        device.hash_habit() == HashHabit::HashesFile
    }

    /// What the device is told about its one file.
    pub(crate) fn plan(&self, device: DeviceId, bytes: &str) -> (Action, Reason) {
        let plan = self.negotiate(device, &[self.file(bytes)]);
        (plan.operations[0].action, plan.operations[0].reason)
    }

    /// Fetches the save and confirms it.
    pub(crate) fn download(&self, device: DeviceId, id: SaveId) {
        self.serve(device, id);
        self.confirm(device, id);
    }

    pub(crate) fn serve(&self, device: DeviceId, id: SaveId) -> Save {
        self.tx(|tx| save::serve(tx, self.user, id, Some(device))).unwrap()
    }

    pub(crate) fn confirm(&self, device: DeviceId, id: SaveId) {
        let now = self.now();
        self.tx(|tx| save::downloaded(tx, now, self.user, id, device)).unwrap();
    }

    /// Fetches the save as a client that does not confirm.
    pub(crate) fn download_optimistically(&self, device: DeviceId, id: SaveId, session: Option<SessionId>) {
        let version = self.serve(device, id).version.id;
        let now = self.now();
        let mode = DownloadMode::Optimistic;
        self.tx(|tx| save::delivered(tx, now, self.user, device, version, session, mode)).unwrap();
    }

    pub(crate) fn complete(&self, session: SessionId, failed: u32) -> SyncSession {
        let now = self.now();
        let reported = ReportedOperations { completed: None, failed: Some(failed) };
        self.tx(|tx| sync::complete(tx, now, self.user, session, reported)).unwrap()
    }

    pub(crate) fn delete(&self, ids: &[SaveId]) {
        self.tx(|tx| save::delete(tx, self.user, ids)).unwrap();
    }

    pub(crate) fn list(&self) -> Vec<Save> {
        let filter = SaveFilter { user: self.user, game: Some(self.game), platform: None, slot: None };
        let listed: Vec<SyncedSave> = self.tx(|tx| save::list(tx, &filter, None)).unwrap();
        listed.into_iter().map(|listed| listed.save).collect()
    }

    pub(crate) fn history(&self) -> Vec<Save> {
        self.tx(|tx| {
            let slot = tx.saves().slot(&self.key())?;
            slot.map_or(Ok(Vec::new()), |slot| tx.saves().history(slot.id))
        })
        .unwrap()
    }

    /// Every version of the game, with what it is now.
    pub(crate) fn game_history(&self) -> Vec<HistoryEntry> {
        let filter = HistoryFilter { user: self.user, game: self.game, slot: None };
        self.tx(|tx| save::history(tx, &filter)).unwrap()
    }

    pub(crate) fn version(&self, id: VersionId) -> Save {
        self.tx(|tx| tx.saves().by_version(id)).unwrap().unwrap()
    }

    pub(crate) fn head(&self) -> Option<Save> {
        self.tx(|tx| {
            let head = tx.saves().slot(&self.key())?.and_then(|slot| slot.head);
            head.map_or(Ok(None), |head| tx.saves().by_version(head))
        })
        .unwrap()
    }

    pub(crate) fn base(&self, device: DeviceId) -> Option<Base> {
        self.tx(|tx| {
            let slot = tx.saves().slot(&self.key())?;
            slot.map_or(Ok(None), |slot| tx.bases().find(device, slot.id))
        })
        .unwrap()
    }

    pub(crate) fn key(&self) -> SlotKey {
        let slot = Some(SlotName::new(SLOT).unwrap());
        SlotKey {
            user: self.user,
            game: self.game,
            place: SlotPlace::of(slot, &FileName::new(FILE).unwrap()),
        }
    }
}

fn insert_game(tx: &mut dyn Transaction, now: Timestamp, file: &str) -> Result<GameId, StoreError> {
    let platform = tx.catalogue().find_or_insert_platform(&NewPlatform {
        slug: "gba".to_owned(),
        fs_slug: "gba".to_owned(),
        name: "Game Boy Advance".to_owned(),
        created_at: now,
    })?;
    let game = NewGame {
        platform: platform.id,
        name: file.to_owned(),
        fs_name: file.to_owned(),
        size: 0,
        hashes: GameHashes::default(),
        source: GameSource::Declared,
        created_at: now,
    };
    Ok(tx.catalogue().find_or_insert_game(&game)?.0.id)
}

/// A content that is told apart by its text.
pub(crate) fn content(bytes: &str) -> Content {
    let digest: [u8; 32] = Sha256::digest(bytes.as_bytes()).into();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    Content {
        digest: Digest(digest),
        content_hash: Some(ContentHash(hash)),
        size: bytes.len() as u64,
        fill: if bytes.is_empty() { Fill::Empty } else { Fill::Data },
    }
}
