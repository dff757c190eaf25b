//! Slots and what is in them.

use md5::{Digest as _, Md5};
use memcard_domain::ids::{DeviceId, GameId, SaveId, SlotId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    Companion, Content, ContentHash, Digest, FileName, Fill, ForkState, NewVersion, Order, Save, Slot,
    SlotKey, SlotName, SlotPlace, Standing, VersionKind,
};
use memcard_domain::time::Timestamp;
use sha2::Sha256;

use super::at;

/// What bytes are that are no zip and not blank.
pub fn content_of(bytes: &[u8]) -> Content {
    Content {
        digest: Digest(Sha256::digest(bytes).into()),
        content_hash: Some(ContentHash(Md5::digest(bytes).into())),
        size: bytes.len() as u64,
        fill: if bytes.is_empty() { Fill::Empty } else { Fill::Data },
    }
}

/// The slot of that name for main saves.
///
/// # Panics
/// For what is no [`SlotName`].
pub fn a_slot_key(user: UserId, game: GameId, name: &str) -> SlotKey {
    SlotKey { user, game, place: named_place(name, None) }
}

/// The slot of that name, beside main saves or for them.
///
/// # Panics
/// For what is no [`SlotName`].
pub fn named_place(name: &str, companion: Option<Companion>) -> SlotPlace {
    SlotPlace::Named { name: SlotName::new(name).unwrap(), companion }
}

/// The history of the states of that name and emulator.
///
/// # Panics
/// For what is no [`FileName`].
pub fn state_place(file_name: &str, emulator: Option<&str>) -> SlotPlace {
    SlotPlace::of_state(&FileName::new(file_name).unwrap(), emulator)
}

/// Opens the slot `autosave`.
///
/// # Errors
/// What the store says.
pub fn a_slot(tx: &mut dyn Transaction, user: UserId, game: GameId) -> Result<Slot, StoreError> {
    tx.saves().open_slot(&a_slot_key(user, game, "autosave"))
}

/// A version of the slot: accepted, without device and parent, with bytes of its own. Where it is not told otherwise it
/// takes the next place when it is appended, and was written that many minutes after the story's beginning.
pub fn a_version(slot: SlotId) -> VersionBuilder {
    VersionBuilder {
        slot,
        order: None,
        content: None,
        origin: None,
        parent: None,
        kind: VersionKind::Upload,
        standing: Standing::Line,
        updated_at: None,
        file_name: FileName::from_store("Golden Sun (USA).srm".to_owned()),
        emulator: None,
    }
}

/// See [`a_version`].
#[derive(Debug, Clone)]
#[must_use]
pub struct VersionBuilder {
    slot: SlotId,
    order: Option<Order>,
    content: Option<Content>,
    origin: Option<DeviceId>,
    parent: Option<VersionId>,
    kind: VersionKind,
    standing: Standing,
    updated_at: Option<Timestamp>,
    file_name: FileName,
    emulator: Option<String>,
}

impl VersionBuilder {
    /// At this place.
    pub fn at_order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// With this content.
    pub fn with_content(mut self, content: Content) -> Self {
        self.content = Some(content);
        self
    }

    /// With these bytes.
    pub fn of_bytes(self, bytes: &[u8]) -> Self {
        self.with_content(content_of(bytes))
    }

    /// Brought by the device.
    pub fn from_device(mut self, device: DeviceId) -> Self {
        self.origin = Some(device);
        self
    }

    /// Derived from that version.
    pub fn derived_from(mut self, parent: VersionId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// That came about another way.
    pub fn by(mut self, kind: VersionKind) -> Self {
        self.kind = kind;
        self
    }

    /// With another standing.
    pub fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    /// That was refused.
    pub fn as_fork(self) -> Self {
        self.standing(Standing::Fork(ForkState::Open))
    }

    /// Written at another time.
    pub fn written(mut self, at: Timestamp) -> Self {
        self.updated_at = Some(at);
        self
    }

    /// Shown under another name.
    ///
    /// # Panics
    /// For what is no [`FileName`].
    pub fn in_file(mut self, name: &str) -> Self {
        self.file_name = FileName::new(name).unwrap();
        self
    }

    /// Written by an emulator.
    pub fn by_emulator(mut self, emulator: &str) -> Self {
        self.emulator = Some(emulator.to_owned());
        self
    }

    /// The version to be appended; at the first place, where it was not told which.
    pub fn build(self) -> NewVersion {
        let order = self.order.unwrap_or(Order::FIRST);
        let bytes = format!("version {} of slot {}", order.0, self.slot);
        NewVersion {
            slot: self.slot,
            order,
            content: self.content.unwrap_or_else(|| content_of(bytes.as_bytes())),
            origin: self.origin,
            parent: self.parent,
            kind: self.kind,
            standing: self.standing,
            updated_at: self.updated_at.unwrap_or_else(|| at(i64::from(order.0))),
            file_name: self.file_name,
            emulator: self.emulator,
        }
    }

    /// Appends the version.
    ///
    /// # Errors
    /// What the store says.
    pub fn append(self, tx: &mut dyn Transaction) -> Result<Save, StoreError> {
        let version = self.placed(tx)?.build();
        tx.saves().append(&version)
    }

    /// Appends the version in place of a row's.
    ///
    /// # Errors
    /// What the store says.
    pub fn append_in_place(self, tx: &mut dyn Transaction, row: SaveId) -> Result<Save, StoreError> {
        let version = self.placed(tx)?.build();
        tx.saves().append_in_place(row, &version)
    }

    /// Appends the version and makes it the slot's head.
    ///
    /// # Errors
    /// What the store says.
    pub fn append_as_head(self, tx: &mut dyn Transaction) -> Result<Save, StoreError> {
        let save = self.append(tx)?;
        tx.saves().set_head(save.version.slot, Some(save.version.id))?;
        Ok(save)
    }

    fn placed(self, tx: &mut dyn Transaction) -> Result<Self, StoreError> {
        let order = match self.order {
            Some(order) => order,
            None => tx.saves().last_order(self.slot)?.map_or(Order::FIRST, Order::next),
        };
        Ok(self.at_order(order))
    }
}
