//! What all ways of writing to a slot have in common: the slot is locked and read first, a version enters it with a row
//! of its own or in place of what a row holds, and a head that is replaced is set aside unless its replacement held it
//! or it is a state, which nobody but its player replaces.

use super::writer::Writer;
use super::{
    Content, FileName, ForkState, NewVersion, Order, Save, SetAside, Slot, SlotKey, SlotPlace, Standing,
    VersionKind, Visibility,
};
use crate::ids::{DeviceId, SaveId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::time::{self, Timestamp};

/// A slot and its head, read under the game's lock: nobody else changes either before the transaction ends.
#[derive(Debug)]
pub(crate) struct LockedSlot {
    slot: Slot,
    head: Option<Save>,
    now: Timestamp,
}

/// A version that is not in its slot yet.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) origin: Option<DeviceId>,
    pub(crate) parent: Option<VersionId>,
    pub(crate) kind: VersionKind,
    pub(crate) file_name: FileName,
    pub(crate) emulator: Option<String>,
}

/// Which row names a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// One of its own.
    New,
    /// One that named another, which gets a row of its own.
    InPlace(SaveId),
}

impl Draft {
    /// What another version derives from, unchanged.
    pub(super) fn of(version: &Save, kind: VersionKind) -> Self {
        Self {
            content: version.version.content,
            origin: version.version.origin,
            parent: Some(version.version.id),
            kind,
            file_name: version.file_name.clone(),
            emulator: version.emulator.clone(),
        }
    }
}

impl LockedSlot {
    /// Locks the game and reads the slot, which is opened if there is none.
    pub(crate) fn lock(tx: &mut dyn Transaction, now: Timestamp, key: &SlotKey) -> Result<Self, StoreError> {
        tx.saves().lock_game(key.user, key.game)?;
        let slot = tx.saves().open_slot(key)?;
        let head = slot.head.map(|head| tx.saves().by_version(head)).transpose()?.flatten();
        Ok(Self { slot, head, now })
    }

    /// When it was locked, by the server's clock.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The slot as it was read.
    pub(crate) const fn slot(&self) -> &Slot {
        &self.slot
    }

    /// The head as it was read.
    pub(crate) const fn head(&self) -> Option<&Save> {
        self.head.as_ref()
    }

    /// Whether it stands at equal content.
    pub(super) fn is_at(&self, content: &Content) -> bool {
        self.head.as_ref().is_some_and(|head| head.version.content.is_equal(content))
    }

    /// The row that a new head gets: an archival save keeps its own.
    pub(crate) fn row_of_next_head(&self) -> Row {
        match &self.head {
            Some(head) if !self.slot.key.place.is_named() => Row::InPlace(head.id),
            _ => Row::New,
        }
    }

    /// The slot's versions with equal content, forks included.
    pub(crate) fn with_content(
        &self,
        tx: &mut dyn Transaction,
        content: &Content,
    ) -> Result<Vec<Save>, StoreError> {
        let Some(hash) = content.content_hash else {
            return tx.saves().by_digest(self.slot.id, content.digest);
        };
        let mut saves = tx.saves().by_content_hashes(self.slot.key.user, &[hash])?;
        saves.retain(|save| save.version.slot == self.slot.id);
        Ok(saves)
    }

    /// Makes the draft the head, whoever held the one before. Its content no longer waits as a fork.
    pub(crate) fn advance(
        &self,
        tx: &mut dyn Transaction,
        draft: &Draft,
        row: Row,
        writer: Option<&Writer>,
    ) -> Result<Save, StoreError> {
        self.close_forks(tx, &draft.content, ForkState::KeptFork)?;
        let version = self.new_version(tx, draft, row, Standing::Line)?;
        let save = match row {
            Row::New => tx.saves().append(&version)?,
            Row::InPlace(row) => self.append_in_place(tx, row, &version)?,
        };
        tx.saves().set_head(self.slot.id, Some(save.version.id))?;
        if let Some(head) = self.head.as_ref().filter(|head| !head.version.content.is_equal(&draft.content))
            && !writer.is_some_and(|writer| writer.is_strongly_at(head))
            && !head.is_state()
        {
            let set_aside = SetAside { at: version.updated_at, dismissed: false };
            tx.saves().set_set_aside(head.version.id, Some(set_aside))?;
        }
        Ok(save)
    }

    /// Keeps bytes that do not become head, as a fork, unless the slot holds them already under an id that answers.
    pub(crate) fn keep(
        &self,
        tx: &mut dyn Transaction,
        draft: &Draft,
        state: ForkState,
    ) -> Result<Save, StoreError> {
        let known = tx.saves().by_digest(self.slot.id, draft.content.digest)?;
        match known.into_iter().find(|save| save.version.held && !save.is_deleted()) {
            Some(known) => Ok(known),
            None => {
                let fork = self.new_version(tx, draft, Row::New, Standing::Fork(state))?;
                tx.saves().append(&fork)
            }
        }
    }

    /// Closes the open forks of equal content.
    pub(crate) fn close_forks(
        &self,
        tx: &mut dyn Transaction,
        content: &Content,
        state: ForkState,
    ) -> Result<(), StoreError> {
        for save in self.with_content(tx, content)? {
            if save.version.standing == Standing::Fork(ForkState::Open) {
                tx.saves().set_standing(&[save.version.id], Standing::Fork(state))?;
            }
        }
        Ok(())
    }

    /// The row is listed then, whatever it was, since it names the head; of an archival save no other is.
    fn append_in_place(
        &self,
        tx: &mut dyn Transaction,
        row: SaveId,
        version: &NewVersion,
    ) -> Result<Save, StoreError> {
        let save = tx.saves().append_in_place(row, version)?;
        if let Some(head) = self.head.as_ref().filter(|head| head.id != row)
            && !self.slot.key.place.is_named()
        {
            tx.saves().set_visibility(&[head.id], Visibility::Replaced)?;
        }
        if save.visibility != Visibility::Visible {
            tx.saves().set_visibility(&[row], Visibility::Visible)?;
        }
        Ok(Save { visibility: Visibility::Visible, ..save })
    }

    fn new_version(
        &self,
        tx: &mut dyn Transaction,
        draft: &Draft,
        row: Row,
        standing: Standing,
    ) -> Result<NewVersion, StoreError> {
        let key = &self.slot.key;
        let latest = tx.saves().latest_instant(key.user, key.game)?;
        let updated_at = time::after(latest, self.now);
        let file_name = match (&key.place, row) {
            (SlotPlace::Named { .. }, Row::New) => draft.file_name.tagged(updated_at),
            _ => draft.file_name.clone(),
        };
        Ok(NewVersion {
            slot: self.slot.id,
            order: tx.saves().last_order(self.slot.id)?.map_or(Order::FIRST, Order::next),
            content: draft.content,
            origin: draft.origin,
            parent: draft.parent,
            kind: draft.kind,
            standing,
            updated_at,
            file_name,
            emulator: draft.emulator.clone(),
        })
    }
}
