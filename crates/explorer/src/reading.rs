//! What the store holds, read through its ports: what is checked after each step, and what tells states apart.

use memcard_domain::device::Device;
use memcard_domain::ids::{SaveId, SessionId, VersionId};
use memcard_domain::save::{ForkState, Save, Slot, Standing};
use memcard_domain::sync::{Base, NamedFile, Tracking};

use crate::content::ContentId;
use crate::server::{Answer, Failure};
use crate::world::World;

/// The store's content, as far as a rule may read it.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// Every version of every slot in the order of writing.
    pub(crate) saves: Vec<Save>,
    /// The slots, the synced one first.
    pub(crate) slots: Vec<Slot>,
    /// By the device's number.
    pub(crate) devices: Vec<Known>,
    /// What was named in the session of each request that is held back.
    pub(crate) named: Vec<Option<NamedFile>>,
}

/// What is kept of one device.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) hash_contradictions: u32,
    pub(crate) bases: Vec<Base>,
    /// The session that runs, with what was named for the synced slot.
    pub(crate) session: Option<(SessionId, Option<NamedFile>)>,
    /// The version last served under each row's id.
    pub(crate) served: Vec<(SaveId, VersionId)>,
}

impl Reading {
    pub(crate) fn of(world: &World) -> Answer<Self> {
        let server = &world.server;
        let user = server.user();
        server.read(|tx| {
            let mut slots: Vec<Slot> =
                tx.saves().named_slots(user)?.into_iter().map(|(slot, _)| slot).collect();
            slots.sort_by_key(|slot| server.slot_number(&slot.key));
            let mut saves = Vec::new();
            for slot in &slots {
                saves.extend(tx.saves().history(slot.id)?);
            }
            saves.sort_by_key(|save| (save.version.updated_at, save.version.id));
            let mut devices = Vec::new();
            for id in server.devices() {
                let Some(device) = tx.devices().find(user, *id)? else { continue };
                let session = match (tx.sessions().active(*id)?.first(), slots.first()) {
                    (Some(session), Some(slot)) => {
                        Some((session.id, tx.sessions().named(session.id, slot.id)?))
                    }
                    (Some(session), None) => Some((session.id, None)),
                    (None, _) => None,
                };
                let mut served = Vec::new();
                for save in &saves {
                    served.extend(tx.bases().served(*id, save.id)?.map(|version| (save.id, version)));
                }
                let bases = tx.bases().of_device(*id)?;
                devices.push(Known { hash_contradictions: contradictions(&device), bases, session, served });
            }
            let mut named = Vec::new();
            for copy in &world.copies {
                named.push(match (copy.request.session(), slots.first()) {
                    (Some(session), Some(slot)) => tx.sessions().named(session, slot.id)?,
                    _ => None,
                });
            }
            Ok(Self { saves, slots, devices, named })
        })
    }

    /// The head of the slot that devices sync.
    pub(crate) fn head(&self) -> Option<&Save> {
        let head = self.slots.first()?.head?;
        self.version(head)
    }

    pub(crate) fn version(&self, id: VersionId) -> Option<&Save> {
        self.saves.iter().find(|save| save.version.id == id)
    }

    /// The place of a version in the order of writing, from 1; 0 for none.
    pub(crate) fn ordinal(&self, id: Option<VersionId>) -> u8 {
        self.place(|save| Some(save.version.id) == id)
    }

    /// The place of the version that a row points at.
    pub(crate) fn ordinal_of_row(&self, id: SaveId) -> u8 {
        self.place(|save| save.id == id)
    }

    /// The version at that place.
    pub(crate) fn at(&self, ordinal: u8) -> Answer<&Save> {
        let index = usize::from(ordinal).checked_sub(1);
        index
            .and_then(|index| self.saves.get(index))
            .ok_or_else(|| Failure::Broken(format!("no version {ordinal}")))
    }

    fn place(&self, is_meant: impl Fn(&Save) -> bool) -> u8 {
        let index = self.saves.iter().position(is_meant);
        index.and_then(|index| u8::try_from(index + 1).ok()).unwrap_or(0)
    }

    /// How the bytes of a content are held.
    pub(crate) fn holding(&self, content: ContentId) -> Holding {
        let versions = self.saves.iter().filter(|save| content_of(save) == content);
        let holdings = versions.map(|save| match save.version.standing {
            _ if !save.version.held => Holding::LetGo,
            Standing::Line | Standing::Fork(ForkState::Open) => Holding::Counts,
            Standing::Fork(_) => Holding::ResolvedFork,
        });
        holdings.max().unwrap_or(Holding::Never)
    }

    /// Whether the slot that devices sync does so on this one.
    pub(crate) fn is_tracked(&self, device: usize) -> bool {
        self.base(device).is_none_or(|base| base.tracking == Tracking::Tracked)
    }

    /// The base of the device for the slot that devices sync.
    pub(crate) fn base(&self, device: usize) -> Option<&Base> {
        let slot = self.slots.first()?.id;
        self.devices.get(device)?.bases.iter().find(|base| base.slot == slot)
    }
}

/// How the server holds bytes, from worse to better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holding {
    /// It never had them.
    Never,
    /// Retention let them go.
    LetGo,
    /// Only as a fork that was resolved away.
    ResolvedFork,
    /// As a version that was accepted, or a fork that waits.
    Counts,
}

/// The content of a version.
pub(crate) fn content_of(save: &Save) -> ContentId {
    ContentId::of(&save.version.content)
}

/// The one thing kept of a device itself that rules change. A new member has to be looked at here.
fn contradictions(device: &Device) -> u32 {
    let Device {
        id: _,
        user: _,
        details: _,
        client_device_identifier: _,
        browser: _,
        sync_enabled: _,
        hash_contradictions,
        last_seen: _,
        created_at: _,
        updated_at: _,
    } = device;
    *hash_contradictions
}
