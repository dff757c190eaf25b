//! The server: the project's own use cases on the in-memory store. Each method is one request, answered as a handler
//! would answer it; no rule stands here.

use std::sync::Arc;

use chrono::DateTime;
use memcard_domain::account::{
    Caller, Credential, NewClientToken, NewUser, PasswordHash, Role, ScopeSet, Username,
};
use memcard_domain::catalogue::{GameHashes, GameSource, NewGame, NewPlatform};
use memcard_domain::device::{
    self, Device, DeviceDetails, Existing, MacAddress, RegisterError, Registration, Syncs,
};
use memcard_domain::ids::{DeviceId, GameId, SaveId, SessionId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    self, Cleanup, DeleteError, DownloadMode, FileName, ListError, Save, SlotKey, SlotName, SlotPlace,
    TrackError, Upload, UploadError, UploadMode, UploadOutcome,
};
use memcard_domain::secret::Secret;
use memcard_domain::sync::decision::{Action, Reason};
use memcard_domain::sync::{self, ClientFile, CompleteError, Holding, NegotiateError, ReportedOperations};
use memcard_domain::time::Timestamp;
use memcard_store_memory::MemoryStore;
use thiserror::Error;
use uuid::Uuid;

use crate::content::{ContentId, SIZE};
use crate::setting::{Ablation, Client};

/// A request that was not answered with a success.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// What it names is not there, or not to be had: a client gives up.
    #[error("{0}")]
    Refused(String),
    /// The server itself failed, which nothing that happens outside may bring about.
    #[error("the server failed: {0}")]
    Broken(String),
}

pub(crate) type Answer<T> = Result<T, Failure>;

/// The server as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    store: MemoryStore,
    house: Arc<House>,
    ablation: Option<Ablation>,
    now: Timestamp,
}

/// Who and what there is: the same in every state.
#[derive(Debug)]
struct House {
    owner: Caller,
    game: GameId,
    file_name: FileName,
    slots: Vec<SlotName>,
    devices: Vec<DeviceId>,
}

/// What a client says of its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) hash: Option<ContentId>,
    /// The file's time, by the device's clock.
    pub(crate) time: u32,
}

/// What a negotiation answered of the slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) session: SessionId,
    /// What to do, why, and with which row; `None` where the slot need not be heard of.
    pub(crate) operation: Option<(Action, Reason, Option<SaveId>)>,
}

/// An upload as it is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    /// From which device, by its number; from none in the web interface.
    pub(crate) device: Option<usize>,
    pub(crate) content: ContentId,
    pub(crate) session: Option<SessionId>,
    pub(crate) mode: UploadMode,
}

/// When the server's clock stands still: no rule may need it to move.
pub(crate) fn now() -> Timestamp {
    instant(1_800_000_000)
}

/// A file's time as it goes over the wire.
pub(crate) fn file_time(time: u32) -> Timestamp {
    instant(i64::from(time))
}

/// The time that went over the wire.
pub(crate) fn time_of(file_time: Timestamp) -> u32 {
    u32::try_from(file_time.timestamp()).unwrap_or(u32::MAX)
}

fn instant(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// The slot that devices sync.
const SLOT: &str = "autosave";

const FILE_NAME: &str = "Moon Garden (USA).srm";

impl Server {
    /// A server with one user, one game, these devices, and no save.
    pub(crate) fn new(clients: &[Client], ablation: Option<Ablation>) -> Answer<Self> {
        let store = MemoryStore::new();
        let names: Vec<&str> = clients.iter().map(|client| name(*client, ablation)).collect();
        let house = store.transact_now(|tx| House::furnish(tx, &names))?;
        Ok(Self { store, house: Arc::new(house), ablation, now: now() })
    }

    /// Another server that stands where this one does.
    pub(crate) fn snapshot(&self) -> Self {
        Self { store: self.store.snapshot(), ..self.clone() }
    }

    /// Reads or writes what is kept, past every use case.
    pub(crate) fn store<T>(
        &self,
        work: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Answer<T> {
        Ok(self.store.transact_now(work)?)
    }

    /// Reads what is kept.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Answer<T> {
        Ok(self.store.read_now(work)?)
    }

    /// Lets go of the bytes of a version, as retention does.
    pub(crate) fn release(&self, version: VersionId) {
        self.store.release_bytes(version);
    }

    pub(crate) fn user(&self) -> UserId {
        self.house.owner.user.id
    }

    pub(crate) fn devices(&self) -> &[DeviceId] {
        &self.house.devices
    }

    pub(crate) fn file_name(&self) -> &FileName {
        &self.house.file_name
    }

    /// The slot of that number: 0 is the one that devices sync.
    pub(crate) fn slot_key(&self, number: usize) -> Option<SlotKey> {
        self.house.slots.get(number).map(|name| self.house.key(name))
    }

    /// The number of the slot, if it is one that can come about.
    pub(crate) fn slot_number(&self, key: &SlotKey) -> Option<usize> {
        self.house.slots.iter().position(|name| key.place.name() == Some(name))
    }

    /// `POST /api/sync/negotiate`.
    pub(crate) fn negotiate(&self, device: usize, entry: Option<Entry>) -> Answer<Plan> {
        let file = entry.map(|entry| ClientFile {
            game: self.house.game,
            file_name: self.house.file_name.clone(),
            slot: self.house.slots.first().cloned(),
            emulator: None,
            content_hash: entry.hash.map(ContentId::hash),
            file_time: file_time(entry.time),
            size: SIZE,
        });
        let files: Vec<ClientFile> = file.into_iter().collect();
        let plan = self.store.transact_now(|tx| {
            sync::negotiate(tx, self.now, self.user(), self.house.devices[device], &files)
        })?;
        let ours =
            plan.operations.iter().find(|operation| operation.slot.as_ref() == self.house.slots.first());
        let operation = ours.map(|operation| (operation.action, operation.reason, operation.save));
        Ok(Plan { session: plan.session.id, operation })
    }

    /// `POST /api/saves`.
    pub(crate) fn upload(&self, sent: Sent) -> Answer<UploadOutcome> {
        let upload = Upload {
            user: self.user(),
            game: self.house.game,
            slot: self.house.slots.first().cloned(),
            file_name: self.house.file_name.clone(),
            emulator: None,
            content: sent.content.described(),
            screenshot: None,
            device: sent.device.map(|device| self.house.devices[device]),
            session: sent.session,
            mode: if self.is_without(Ablation::Guard) { UploadMode::Overwrite } else { sent.mode },
            cleanup: Cleanup::Off,
        };
        Ok(self.store.transact_now(|tx| save::upload(tx, self.now, &upload))?)
    }

    /// `GET /api/saves/{id}/content`, as it begins.
    pub(crate) fn serve(&self, device: usize, row: SaveId) -> Answer<Save> {
        let device = self.house.devices[device];
        Ok(self.store.transact_now(|tx| save::serve(tx, self.user(), row, Some(device)))?)
    }

    /// `GET /api/saves/{id}/content`, when the whole body was sent.
    pub(crate) fn delivered(
        &self,
        device: usize,
        version: VersionId,
        session: Option<SessionId>,
        mode: DownloadMode,
    ) -> Answer<()> {
        let device = self.house.devices[device];
        self.store.transact_now(|tx| {
            save::delivered(tx, self.now, self.user(), device, version, session, mode)?;
            if self.is_without(Ablation::Provisional) { believe(tx, device) } else { Ok(()) }
        })?;
        Ok(())
    }

    /// `POST /api/saves/{id}/downloaded`.
    pub(crate) fn downloaded(&self, device: usize, row: SaveId) -> Answer<()> {
        let device = self.house.devices[device];
        self.store.transact_now(|tx| save::downloaded(tx, self.now, self.user(), row, device))?;
        Ok(())
    }

    /// `POST /api/sync/sessions/{id}/complete`, with nothing failed.
    pub(crate) fn complete(&self, session: SessionId) -> Answer<()> {
        let reported = ReportedOperations { completed: None, failed: Some(0) };
        self.store.transact_now(|tx| sync::complete(tx, self.now, self.user(), session, reported))?;
        Ok(())
    }

    /// `POST /api/saves/delete`.
    pub(crate) fn delete(&self, row: SaveId) -> Answer<()> {
        self.store.transact_now(|tx| save::delete(tx, self.user(), &[row]))?;
        Ok(())
    }

    /// `POST /api/saves/{id}/track`.
    pub(crate) fn track(&self, device: usize, row: SaveId) -> Answer<()> {
        let device = self.house.devices[device];
        self.store.transact_now(|tx| save::track(tx, self.now, self.user(), row, device))?;
        Ok(())
    }

    /// `POST /api/saves/{id}/untrack`.
    pub(crate) fn untrack(&self, device: usize, row: SaveId) -> Answer<()> {
        let device = self.house.devices[device];
        self.store.transact_now(|tx| save::untrack(tx, self.now, self.user(), row, device))?;
        Ok(())
    }

    /// The content that the device is strongly known to hold in the synced slot.
    pub(crate) fn known_to_hold(&self, device: usize) -> Answer<Option<ContentId>> {
        let Some(key) = self.slot_key(0) else { return Ok(None) };
        let device = self.house.devices[device];
        self.read(|tx| {
            let Some(slot) = tx.saves().slot(&key)? else { return Ok(None) };
            let base = tx.bases().find(device, slot.id)?;
            let Some(Holding::Strong(point)) = base.and_then(|base| base.holding) else { return Ok(None) };
            Ok(tx.saves().by_version(point.version)?.map(|save| ContentId::of(&save.version.content)))
        })
    }

    /// No rule may care.
    #[cfg(test)]
    pub(crate) fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
    }

    fn is_without(&self, rule: Ablation) -> bool {
        self.ablation == Some(rule)
    }

    /// `POST /api/devices` of a device that is known, by somebody who does not show its token.
    pub(crate) fn register(&self, device: usize, syncs: Syncs) -> Answer<()> {
        let registration =
            Registration { details: details(device, None), existing: Existing::Allow { syncs } };
        let candidate = self.house.devices[device];
        self.store
            .transact_now(|tx| device::register(tx, now(), &self.house.owner, registration, candidate))?;
        Ok(())
    }
}

/// The name that a client gives.
fn name(client: Client, ablation: Option<Ablation>) -> &'static str {
    match (client, ablation) {
        (Client::Adopting, Some(Ablation::AdoptedHashes)) => "nobody knows",
        _ => client.name(),
    }
}

/// Everything the device is supposed to hold is known.
fn believe(tx: &mut dyn Transaction, device: DeviceId) -> Result<(), StoreError> {
    let mut bases = tx.bases().of_device(device)?;
    for base in &mut bases {
        base.holding = base.holding.map(|holding| Holding::Strong(holding.point()));
    }
    tx.bases().put(&bases)
}

impl House {
    fn furnish(tx: &mut dyn Transaction, clients: &[&str]) -> Answer<Self> {
        let username = Username::new("player").map_err(|error| Failure::Broken(error.to_string()))?;
        let user = tx.users().insert(&NewUser {
            username,
            email: None,
            role: Role::User,
            // Nobody logs in here: no password has this hash.
            password: PasswordHash("!".to_owned()),
            created_at: now(),
        })?;
        let platform = tx.catalogue().find_or_insert_platform(&NewPlatform {
            slug: "gba".to_owned(),
            fs_slug: "gba".to_owned(),
            name: "gba".to_owned(),
            created_at: now(),
        })?;
        let (game, _) = tx.catalogue().find_or_insert_game(&NewGame {
            platform: platform.id,
            name: "Moon Garden".to_owned(),
            fs_name: "Moon Garden (USA).gba".to_owned(),
            size: 0,
            hashes: GameHashes::default(),
            source: GameSource::Declared,
            created_at: now(),
        })?;
        let mut devices = Vec::new();
        for (number, client) in clients.iter().enumerate() {
            devices.push(add_device(tx, user.id, number, client)?);
        }
        let slots = [SLOT].map(SlotName::new).into_iter().flatten().collect();
        let owner = Caller { user, credential: Credential::Basic };
        let file_name = FileName::from_store(FILE_NAME.to_owned());
        let house = Self { owner, game: game.id, file_name, slots, devices };
        for name in &house.slots {
            tx.saves().open_slot(&house.key(name))?;
        }
        Ok(house)
    }

    fn key(&self, name: &SlotName) -> SlotKey {
        let place = SlotPlace::Named { name: name.clone(), companion: None };
        SlotKey { user: self.owner.user.id, game: self.game, place }
    }
}

/// A device with a token of its own.
fn add_device(tx: &mut dyn Transaction, user: UserId, number: usize, client: &str) -> Answer<DeviceId> {
    let id = DeviceId(Uuid::from_u128(number as u128 + 1));
    tx.devices().insert(&Device {
        id,
        user,
        details: details(number, Some(client)),
        client_device_identifier: None,
        browser: None,
        sync_enabled: true,
        hash_contradictions: 0,
        last_seen: now(),
        created_at: now(),
        updated_at: now(),
    })?;
    tx.tokens().insert(&NewClientToken {
        user,
        name: "device".to_owned(),
        scopes: ScopeSet::ALL,
        digest: Secret::new(number.to_string()).digest(),
        device: Some(id),
        pairing: None,
        expires_at: None,
        created_at: now(),
    })?;
    Ok(id)
}

fn details(number: usize, client: Option<&str>) -> DeviceDetails {
    DeviceDetails {
        client: client.map(str::to_owned),
        mac_address: MacAddress::new(&format!("02:00:00:00:00:{number:02x}")),
        ..DeviceDetails::default()
    }
}

macro_rules! failures {
    ($($error:ident),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                match error {
                    $error::Store(error) => error.into(),
                    refused => Self::Refused(refused.to_string()),
                }
            }
        }
    )*};
}

failures!(NegotiateError, UploadError, ListError, TrackError, CompleteError, DeleteError, RegisterError);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.to_string())
    }
}
