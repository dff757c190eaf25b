//! Negotiation: a client names its files, the server answers with a plan. Saves are only read; what changes is evidence
//! and the session (promise P6). The number of queries does not grow with the files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use thiserror::Error;

use super::decision::{Action, Decision, Evidence, Reason, decide};
use super::facts::{Shown, SlotView, newest_of_line};
use super::{Base, Named, NamedFile, NewSession, Point, SyncSession, sessions};
use crate::device::{Device, DeviceNotFound, HashHabit};
use crate::ids::{DeviceId, GameId, SaveId, SlotId, UserId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::save::{ContentHash, FileName, Save, Slot, SlotKey, SlotName, SlotPlace};
use crate::time::Timestamp;

/// One file that a client names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFile {
    /// Of which game; one that is unknown is planned as an upload and refused there.
    pub game: GameId,
    /// The file's name on the device.
    pub file_name: FileName,
    /// The slot; `None` is an archival save, which is always to be uploaded.
    pub slot: Option<SlotName>,
    /// The emulator that wrote it.
    pub emulator: Option<String>,
    /// The hash the client names.
    pub content_hash: Option<ContentHash>,
    /// The file's time, by the device's clock.
    pub file_time: Timestamp,
    /// The file's size in bytes.
    pub size: u64,
}

/// What a client should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The session, begun.
    pub session: SyncSession,
    /// One operation per named file, in order, then downloads of heads that were not named.
    pub operations: Vec<Operation>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What to do. Never [`Action::Nothing`].
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Of which game.
    pub game: GameId,
    /// In which slot.
    pub slot: Option<SlotName>,
    /// The head's row; `None` where the slot is empty.
    pub save: Option<SaveId>,
    /// The head's name; the client's own where the slot is empty.
    pub file_name: FileName,
    /// The head's emulator; the client's own where the slot is empty.
    pub emulator: Option<String>,
    /// What the server has; `None` where the slot is empty or untracked.
    pub server: Option<ServerSide>,
}

/// What the server has in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSide {
    /// When the head was written.
    pub updated_at: Timestamp,
    /// The head's content hash.
    pub content_hash: Option<ContentHash>,
}

impl Plan {
    /// How many operations of that kind there are.
    pub fn total(&self, action: Action) -> usize {
        self.operations.iter().filter(|operation| operation.action == action).count()
    }
}

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum NegotiateError {
    /// The user has no such device.
    #[error(transparent)]
    DeviceNotFound(#[from] DeviceNotFound),
    /// The user switched sync off for the device.
    #[error("Sync is disabled for this device")]
    SyncDisabled,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Plans a sync and begins its session; the device's running sessions are cancelled.
///
/// # Errors
/// See [`NegotiateError`].
pub fn negotiate(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    device: DeviceId,
    files: &[ClientFile],
) -> Result<Plan, NegotiateError> {
    let device = tx.devices().lock(user, device)?.ok_or(DeviceNotFound(device))?;
    if !device.sync_enabled {
        return Err(NegotiateError::SyncDisabled);
    }
    sessions::cancel_active(tx, now, device.id)?;
    let known = Known::load(tx, device, files)?;
    let mut planner = Planner { known: &known, now, learnt: HashMap::new(), uploading: HashSet::new() };
    let mut operations: Vec<Operation> = files.iter().map(|file| planner.plan(file)).collect();
    operations.extend(planner.plan_unnamed(files));

    let learnt: Vec<Base> = planner.learnt.into_values().collect();
    tx.bases().put(&learnt)?;
    let planned = operations.iter().filter(|operation| operation.action != Action::NoOp).count();
    let session = tx.sessions().insert(&NewSession {
        user,
        device: known.device.id,
        operations_planned: u32::try_from(planned).unwrap_or(u32::MAX),
        initiated_at: now,
    })?;
    tx.sessions().put_named(session.id, &known.named_files(files))?;
    tx.devices().touch(known.device.id, now)?;
    Ok(Plan { session, operations })
}

/// Everything the decisions of one negotiation are made from, read before the first of them.
struct Known {
    device: Device,
    slots: Slots,
    bases: HashMap<SlotId, Base>,
    held: HashMap<VersionId, Save>,
    by_hash: HashMap<(SlotId, ContentHash), Vec<Save>>,
    lineages: HashMap<SlotId, Vec<Save>>,
}

/// Every named slot with its head.
type Slots = BTreeMap<SlotKey, (Slot, Option<Save>)>;

/// How many ids one query takes.
const BATCH: usize = 1000;

impl Known {
    fn load(tx: &mut dyn Transaction, device: Device, files: &[ClientFile]) -> Result<Self, StoreError> {
        let user = device.user;
        let slots = open_slots(tx, user, files)?;
        let bases: HashMap<SlotId, Base> =
            tx.bases().of_device(device.id)?.into_iter().map(|base| (base.slot, base)).collect();

        let versions: Vec<VersionId> =
            bases.values().filter_map(Base::point).map(|point| point.version).collect();
        let mut held = HashMap::new();
        for batch in versions.chunks(BATCH) {
            held.extend(tx.saves().by_versions(batch)?.into_iter().map(|save| (save.version.id, save)));
        }
        let mut known =
            Self { device, slots, bases, held, by_hash: HashMap::new(), lineages: HashMap::new() };
        known.load_named_versions(tx, files)?;
        known.load_lineages(tx)?;
        Ok(known)
    }

    /// The versions that files name by hash. Heads and bases are known already, but an older version may share the hash.
    fn load_named_versions(
        &mut self,
        tx: &mut dyn Transaction,
        files: &[ClientFile],
    ) -> Result<(), StoreError> {
        let hashes: HashSet<ContentHash> = files.iter().filter_map(|file| file.content_hash).collect();
        let hashes: Vec<ContentHash> = hashes.into_iter().collect();
        for batch in hashes.chunks(BATCH) {
            for save in tx.saves().by_content_hashes(self.device.user, batch)? {
                if let Some(hash) = save.version.content.content_hash {
                    self.by_hash.entry((save.version.slot, hash)).or_default().push(save);
                }
            }
        }
        Ok(())
    }

    /// The history of the few slots whose base was deleted: whether the head is its ancestor decides there.
    fn load_lineages(&mut self, tx: &mut dyn Transaction) -> Result<(), StoreError> {
        let needed: Vec<SlotId> = self
            .slots
            .values()
            .filter(|(slot, head)| self.view(slot, head.as_ref()).needs_lineage())
            .map(|(slot, _)| slot.id)
            .collect();
        for batch in needed.chunks(BATCH) {
            for save in tx.saves().histories(batch)? {
                self.lineages.entry(save.version.slot).or_default().push(save);
            }
        }
        Ok(())
    }

    fn view<'a>(&'a self, slot: &Slot, head: Option<&'a Save>) -> SlotView<'a> {
        let base = self.bases.get(&slot.id);
        let tracking = base.map_or(slot.tracking, |base| base.tracking);
        let held = base.and_then(Base::point).and_then(|point| self.held.get(&point.version));
        let lineage = self.lineages.get(&slot.id).map_or(&[][..], Vec::as_slice);
        SlotView { tracking, head, base, held, lineage }
    }

    fn named_by(&self, slot: SlotId, file: &ClientFile) -> &[Save] {
        let hash = file.content_hash.and_then(|hash| self.by_hash.get(&(slot, hash)));
        hash.map_or(&[], Vec::as_slice)
    }

    fn named_files(&self, files: &[ClientFile]) -> Vec<NamedFile> {
        let named = files.iter().filter_map(|file| {
            let (slot, _) = self.slots.get(&slot_key(self.device.user, file))?;
            Some(NamedFile {
                slot: slot.id,
                content_hash: file.content_hash,
                file_time: file.file_time,
                size: file.size,
            })
        });
        named.collect()
    }
}

/// The user's named slots, with those that the files name: what a client names about a slot has to be kept, also where
/// the slot is new.
fn open_slots(tx: &mut dyn Transaction, user: UserId, files: &[ClientFile]) -> Result<Slots, StoreError> {
    let slots = named_slots(tx, user)?;
    let keys = files.iter().map(|file| slot_key(user, file));
    let new: BTreeSet<SlotKey> =
        keys.filter(|key| key.place.is_named() && !slots.contains_key(key)).collect();
    if new.is_empty() {
        return Ok(slots);
    }
    let games: Vec<GameId> = new.iter().map(|key| key.game).collect::<BTreeSet<_>>().into_iter().collect();
    let known: HashSet<GameId> = tx.catalogue().known_games(&games)?.into_iter().collect();
    let new: Vec<SlotKey> = new.into_iter().filter(|key| known.contains(&key.game)).collect();
    tx.saves().open_slots(&new)?;
    named_slots(tx, user)
}

fn named_slots(tx: &mut dyn Transaction, user: UserId) -> Result<Slots, StoreError> {
    let slots = tx.saves().named_slots(user)?;
    Ok(slots.into_iter().map(|(slot, head)| (slot.key.clone(), (slot, head))).collect())
}

fn slot_key(user: UserId, file: &ClientFile) -> SlotKey {
    SlotKey { user, game: file.game, place: SlotPlace::of(file.slot.clone(), &file.file_name) }
}

struct Planner<'a> {
    known: &'a Known,
    now: Timestamp,
    /// What the decisions so far showed; they themselves are made from what was known before.
    learnt: HashMap<SlotId, Base>,
    uploading: HashSet<SlotKey>,
}

impl Planner<'_> {
    fn plan(&mut self, file: &ClientFile) -> Operation {
        let key = slot_key(self.known.device.user, file);
        if !key.place.is_named() {
            return operation(file, None, Action::Upload, Reason::Archival);
        }
        let known = self.known;
        let (slot, head) = match known.slots.get(&key) {
            Some((slot, head)) => (Some(slot), head.as_ref()),
            None => (None, None),
        };
        let decision = match slot {
            Some(slot) => self.judge(slot, head, file),
            None => Decision { action: Action::Upload, reason: Reason::EmptySlot, evidence: Evidence::None },
        };
        if decision.action == Action::Upload && !self.uploading.insert(key) {
            return operation(file, head, Action::Conflict, Reason::SecondUpload);
        }
        operation(file, head, decision.action, decision.reason)
    }

    fn judge(&mut self, slot: &Slot, head: Option<&Save>, file: &ClientFile) -> Decision {
        let known = self.known;
        let named = known.named_by(slot.id, file);
        let unhashed = Shown::Unhashed { size: file.size, file_time: file.file_time };
        match (known.device.hash_habit(), file.content_hash) {
            (HashHabit::HashesFile, Some(_)) => {
                let decision = decide(&known.view(slot, head).facts(Shown::Hashed(named)));
                self.learn(slot.id, head, newest_of_line(named), file, decision.evidence);
                decision
            }
            (HashHabit::NamesAdopted, Some(_)) => {
                let lowered = self.lower(slot.id, newest_of_line(named));
                let view = known.view(slot, head);
                let view = match &lowered {
                    Some((base, held)) => SlotView { base: Some(base), held: Some(held), ..view },
                    None => view,
                };
                decide(&view.facts(unhashed))
            }
            (_, None) => decide(&known.view(slot, head).facts(unhashed)),
        }
    }

    /// An adopted hash says nothing of the file, but an older one than a provisional base shows that the base was
    /// supposed wrongly: the client never adopted it.
    fn lower(&mut self, slot: SlotId, named: Option<&Save>) -> Option<(Base, Save)> {
        let named = named.filter(|named| named.version.held)?;
        let mut base = self.known.bases.get(&slot)?.clone();
        if !base.may_fall_back_to(named.version.order) {
            return None;
        }
        base.fall_back(Point::of(&named.version), Named::Adopted, self.now);
        base.stamp = None;
        self.learnt.insert(slot, base.clone());
        Some((base, named.clone()))
    }

    fn learn(
        &mut self,
        slot: SlotId,
        head: Option<&Save>,
        named: Option<&Save>,
        file: &ClientFile,
        evidence: Evidence,
    ) {
        let known = self.known;
        let before = self.learnt.get(&slot).or_else(|| known.bases.get(&slot));
        let mut base = before.cloned().unwrap_or_else(|| Base::new(known.device.id, slot));
        match (evidence, head, named) {
            (Evidence::HoldsHead, Some(head), _) => {
                base.prove(Point::of(&head.version), self.now);
                base.stamp = Some(file.file_time);
                base.rollbacks = 0;
            }
            (Evidence::HoldsMatch, _, Some(named)) => {
                let point = Point::of(&named.version);
                base.fall_back(point, Named::FromFile, self.now);
                base.prove(point, self.now);
                base.stamp = None;
            }
            (Evidence::RolledBack, ..) => base.rollbacks += 1,
            _ => return,
        }
        self.learnt.insert(slot, base);
    }

    /// Heads that the client did not name, in the order of game and slot.
    fn plan_unnamed(&self, files: &[ClientFile]) -> Vec<Operation> {
        let known = self.known;
        let named: HashSet<SlotKey> = files.iter().map(|file| slot_key(known.device.user, file)).collect();
        let unnamed = known.slots.iter().filter(|(key, _)| !named.contains(key));
        let planned = unnamed.filter_map(|(_, (slot, head))| {
            let head = head.as_ref()?;
            let decision = decide(&known.view(slot, Some(head)).facts(Shown::NotNamed));
            (decision.action == Action::Download).then(|| of_head(head, decision.action, decision.reason))
        });
        planned.collect()
    }
}

/// The operation on a named file: in the head's name where there is one.
fn operation(file: &ClientFile, head: Option<&Save>, action: Action, reason: Reason) -> Operation {
    match head {
        Some(head) => of_head(head, action, reason),
        None => Operation {
            action,
            reason,
            game: file.game,
            slot: file.slot.clone(),
            save: None,
            file_name: file.file_name.clone(),
            emulator: file.emulator.clone(),
            server: None,
        },
    }
}

fn of_head(head: &Save, action: Action, reason: Reason) -> Operation {
    let server =
        ServerSide { updated_at: head.version.updated_at, content_hash: head.version.content.content_hash };
    Operation {
        action,
        reason,
        game: head.key.game,
        slot: head.key.place.name().cloned(),
        save: Some(head.id),
        file_name: head.file_name.clone(),
        emulator: head.emulator.clone(),
        server: (reason != Reason::Untracked).then_some(server),
    }
}
