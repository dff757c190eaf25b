//! Slots, versions and save rows. A slot is unique by its key, a version by its place in the slot's order, and each
//! version is named by exactly one row.

use std::cmp::Reverse;

use memcard_domain::ids::{GameId, PlatformId, SaveId, SlotId, StateId, UserId, VersionId};
use memcard_domain::ports::SaveRepository;
use memcard_domain::save::{
    ContentHash, Digest, HistoryFilter, Label, NewVersion, Order, Save, SaveFilter, SetAside, Slot, SlotKey,
    Standing, StateFilter, Version, Visibility,
};
use memcard_domain::sync::Tracking;
use memcard_domain::time::Timestamp;

use super::constraints::{conflict, unique};
use super::{MemoryTransaction, Stored};
use crate::tables::{SaveRow, Tables};

impl SaveRepository for MemoryTransaction {
    /// Transactions that may write follow one another anyway.
    fn lock_game(&mut self, _user: UserId, _game: GameId) -> Stored<()> {
        Ok(())
    }

    /// As for [`lock_game`](SaveRepository::lock_game).
    fn lock_games(&mut self, _user: UserId, _games: &[GameId]) -> Stored<()> {
        Ok(())
    }

    fn latest_instant(&mut self, user: UserId, game: GameId) -> Stored<Option<Timestamp>> {
        let saves = self.tables.saves().filter(|save| save.key.user == user && save.key.game == game);
        Ok(saves.map(|save| save.version.updated_at).max())
    }

    fn slot(&mut self, key: &SlotKey) -> Stored<Option<Slot>> {
        Ok(self.tables.slot_of(key).cloned())
    }

    fn open_slot(&mut self, key: &SlotKey) -> Stored<Slot> {
        let tables = self.writable()?;
        if let Some(slot) = tables.slot_of(key) {
            return Ok(slot.clone());
        }
        tables.refers_to_user(key.user)?;
        tables.refers_to_game(key.game)?;
        let slot = Slot {
            id: SlotId(tables.ids.slot.next()),
            key: key.clone(),
            head: None,
            tracking: Tracking::Tracked,
        };
        tables.slots.insert(slot.id, slot.clone());
        Ok(slot)
    }

    fn open_slots(&mut self, keys: &[SlotKey]) -> Stored<()> {
        keys.iter().try_for_each(|key| self.open_slot(key).map(drop))
    }

    fn slots(&mut self, ids: &[SlotId]) -> Stored<Vec<Slot>> {
        Ok(self.tables.slots.values().filter(|slot| ids.contains(&slot.id)).cloned().collect())
    }

    fn named_slots(&mut self, user: UserId) -> Stored<Vec<(Slot, Option<Save>)>> {
        let tables = &self.tables;
        let named = tables.slots.values().filter(|slot| slot.key.user == user && slot.key.place.is_named());
        Ok(named.map(|slot| (slot.clone(), slot.head.and_then(|head| tables.save_of(head)))).collect())
    }

    fn last_order(&mut self, slot: SlotId) -> Stored<Option<Order>> {
        Ok(self.tables.versions_of(slot).map(|version| version.order).max())
    }

    fn append(&mut self, version: &NewVersion) -> Stored<Save> {
        let tables = self.writable()?;
        let id = tables.insert_version(version)?;
        let row = SaveRow {
            id: SaveId(tables.ids.row.next()),
            version: id,
            file_name: version.file_name.clone(),
            emulator: version.emulator.clone(),
            visibility: Visibility::Visible,
            is_public: false,
            created_at: version.updated_at,
        };
        tables.insert_row(row)
    }

    fn append_in_place(&mut self, row: SaveId, version: &NewVersion) -> Stored<Save> {
        let tables = self.writable()?;
        let moved = tables.rows.get(&row).cloned().ok_or_else(|| conflict("save row"))?;
        let id = tables.insert_version(version)?;
        let replaced = SaveRow {
            id: SaveId(tables.ids.row.next()),
            visibility: Visibility::Replaced,
            // Nobody but the owner may reach it: they cannot take back what they do not see.
            is_public: false,
            ..moved.clone()
        };
        tables.insert_row(replaced)?;
        let (file_name, emulator) = (version.file_name.clone(), version.emulator.clone());
        tables.insert_row(SaveRow { version: id, file_name, emulator, ..moved })
    }

    fn by_version(&mut self, version: VersionId) -> Stored<Option<Save>> {
        Ok(self.tables.save_of(version))
    }

    fn by_versions(&mut self, versions: &[VersionId]) -> Stored<Vec<Save>> {
        Ok(self.tables.saves().filter(|save| versions.contains(&save.version.id)).collect())
    }

    fn by_id(&mut self, user: UserId, id: SaveId) -> Stored<Option<Save>> {
        Ok(self.tables.save_at(id).filter(|save| save.key.user == user && !save.is_state()))
    }

    fn by_ids(&mut self, user: UserId, ids: &[SaveId]) -> Stored<Vec<Save>> {
        let rows = ids.iter().filter_map(|id| self.tables.save_at(*id));
        Ok(rows.filter(|save| save.key.user == user && !save.is_state()).collect())
    }

    fn public_by_id(&mut self, id: SaveId) -> Stored<Option<Save>> {
        Ok(self.tables.save_at(id).filter(|save| is_shown_to_all(save) && !save.is_state()))
    }

    fn state_by_id(&mut self, user: UserId, id: StateId) -> Stored<Option<Save>> {
        let row = self.tables.save_at(SaveId(id.0));
        Ok(row.filter(|state| state.key.user == user && state.is_state()))
    }

    fn states_by_ids(&mut self, user: UserId, ids: &[StateId]) -> Stored<Vec<Save>> {
        let rows = ids.iter().filter_map(|id| self.tables.save_at(SaveId(id.0)));
        Ok(rows.filter(|state| state.key.user == user && state.is_state()).collect())
    }

    fn public_state_by_id(&mut self, id: StateId) -> Stored<Option<Save>> {
        let row = self.tables.save_at(SaveId(id.0));
        Ok(row.filter(|state| is_shown_to_all(state) && state.is_state()))
    }

    fn history(&mut self, slot: SlotId) -> Stored<Vec<Save>> {
        Ok(newest_first(self.tables.saves_of(slot)))
    }

    fn histories(&mut self, slots: &[SlotId]) -> Stored<Vec<Save>> {
        Ok(slots.iter().flat_map(|slot| newest_first(self.tables.saves_of(*slot))).collect())
    }

    fn by_digest(&mut self, slot: SlotId, digest: Digest) -> Stored<Vec<Save>> {
        Ok(newest_first(self.tables.saves_of(slot).filter(|save| save.version.content.digest == digest)))
    }

    fn by_content_hashes(&mut self, user: UserId, hashes: &[ContentHash]) -> Stored<Vec<Save>> {
        let is_meant = |save: &Save| {
            save.key.user == user
                && save.version.content.content_hash.is_some_and(|hash| hashes.contains(&hash))
        };
        Ok(self.tables.saves().filter(is_meant).collect())
    }

    fn list(&mut self, filter: &SaveFilter) -> Stored<Vec<Save>> {
        let tables = &self.tables;
        Ok(latest_first(tables.saves().filter(|save| {
            !save.is_state()
                && tables.is_listed_for(save, filter.user, filter.game, filter.platform)
                && (filter.slot.is_none() || save.key.place.name() == filter.slot.as_ref())
        })))
    }

    fn list_states(&mut self, filter: &StateFilter) -> Stored<Vec<Save>> {
        let tables = &self.tables;
        Ok(latest_first(tables.saves().filter(|state| {
            state.is_state() && tables.is_listed_for(state, filter.user, filter.game, filter.platform)
        })))
    }

    fn list_history(&mut self, filter: &HistoryFilter) -> Stored<Vec<Save>> {
        let is_meant = |save: &Save| {
            !save.is_state()
                && save.key.user == filter.user
                && save.key.game == filter.game
                && (filter.slot.is_none() || save.key.place.name() == filter.slot.as_ref())
        };
        Ok(latest_first(self.tables.saves().filter(is_meant)))
    }

    fn set_head(&mut self, slot: SlotId, head: Option<VersionId>) -> Stored<()> {
        let tables = self.writable()?;
        tables.refers_to_version(head)?;
        if let Some(slot) = tables.slots.get_mut(&slot) {
            slot.head = head;
        }
        Ok(())
    }

    fn set_slot_tracking(&mut self, slot: SlotId, tracking: Tracking) -> Stored<()> {
        if let Some(slot) = self.writable()?.slots.get_mut(&slot) {
            slot.tracking = tracking;
        }
        Ok(())
    }

    fn settle_heads(&mut self, slots: &[SlotId]) -> Stored<()> {
        let tables = self.writable()?;
        for id in slots {
            let newest =
                tables.saves_of(*id).filter(Save::is_listed).max_by_key(|save| save.version.updated_at);
            if let Some(slot) = tables.slots.get_mut(id) {
                slot.head = newest.map(|save| save.version.id);
            }
        }
        Ok(())
    }

    fn set_visibility(&mut self, rows: &[SaveId], visibility: Visibility) -> Stored<()> {
        let tables = self.writable()?;
        for id in rows {
            if let Some(row) = tables.rows.get_mut(id) {
                row.visibility = visibility;
            }
        }
        Ok(())
    }

    fn set_public(&mut self, row: SaveId, is_public: bool) -> Stored<()> {
        if let Some(row) = self.writable()?.rows.get_mut(&row) {
            row.is_public = is_public;
        }
        Ok(())
    }

    fn set_standing(&mut self, versions: &[VersionId], standing: Standing) -> Stored<()> {
        let tables = self.writable()?;
        for id in versions {
            if let Some(version) = tables.versions.get_mut(id) {
                version.standing = standing;
            }
        }
        Ok(())
    }

    fn set_set_aside(&mut self, version: VersionId, set_aside: Option<SetAside>) -> Stored<()> {
        if let Some(version) = self.writable()?.versions.get_mut(&version) {
            version.set_aside = set_aside;
        }
        Ok(())
    }

    fn set_pinned(&mut self, version: VersionId, pinned: bool) -> Stored<()> {
        if let Some(version) = self.writable()?.versions.get_mut(&version) {
            version.pinned = pinned;
        }
        Ok(())
    }

    fn set_label(&mut self, version: VersionId, label: Option<Label>) -> Stored<()> {
        if let Some(version) = self.writable()?.versions.get_mut(&version) {
            version.label = label;
        }
        Ok(())
    }
}

impl Tables {
    fn insert_version(&mut self, new: &NewVersion) -> Stored<VersionId> {
        self.refers_to_slot(new.slot)?;
        self.refers_to_device(new.origin)?;
        self.refers_to_version(new.parent)?;
        unique("version order", self.versions_of(new.slot).any(|version| version.order == new.order))?;
        let version = Version {
            id: VersionId(self.ids.version.next()),
            slot: new.slot,
            order: new.order,
            content: new.content,
            origin: new.origin,
            parent: new.parent,
            kind: new.kind,
            standing: new.standing,
            set_aside: None,
            held: true,
            pinned: false,
            label: None,
            updated_at: new.updated_at,
            screenshot: None,
        };
        let id = version.id;
        self.versions.insert(id, version);
        Ok(id)
    }

    fn insert_row(&mut self, row: SaveRow) -> Stored<Save> {
        let save = self.save(&row).ok_or_else(|| conflict("version of save row"))?;
        self.rows.insert(row.id, row);
        Ok(save)
    }

    fn slot_of(&self, key: &SlotKey) -> Option<&Slot> {
        self.slots.values().find(|slot| slot.key == *key)
    }

    fn versions_of(&self, slot: SlotId) -> impl Iterator<Item = &Version> {
        self.versions.values().filter(move |version| version.slot == slot)
    }

    fn saves_of(&self, slot: SlotId) -> impl Iterator<Item = Save> {
        self.saves().filter(move |save| save.version.slot == slot)
    }

    fn save_of(&self, version: VersionId) -> Option<Save> {
        self.rows.values().find(|row| row.version == version).and_then(|row| self.save(row))
    }

    fn save_at(&self, row: SaveId) -> Option<Save> {
        self.rows.get(&row).and_then(|row| self.save(row))
    }

    fn is_listed_for(
        &self,
        save: &Save,
        user: UserId,
        game: Option<GameId>,
        platform: Option<PlatformId>,
    ) -> bool {
        let on_platform = self.games.get(&save.key.game).map(|game| game.platform);
        save.is_listed()
            && save.key.user == user
            && game.is_none_or(|game| save.key.game == game)
            && (platform.is_none() || on_platform == platform)
    }
}

fn is_shown_to_all(save: &Save) -> bool {
    save.is_public && !save.is_deleted() && !save.version.standing.is_fork()
}

fn latest_first(saves: impl Iterator<Item = Save>) -> Vec<Save> {
    let mut saves: Vec<Save> = saves.collect();
    saves.sort_by_key(|save| Reverse((save.version.updated_at, save.id)));
    saves
}

fn newest_first(saves: impl Iterator<Item = Save>) -> Vec<Save> {
    let mut saves: Vec<Save> = saves.collect();
    saves.sort_by_key(|save| Reverse(save.version.order));
    saves
}
