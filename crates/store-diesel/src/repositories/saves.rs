//! Slots, versions and save rows.

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer};
use memcard_domain::ids::{DeviceId, GameId, SaveId, SlotId, StateId, UserId, VersionId};
use memcard_domain::ports::{SaveRepository, StoreError};
use memcard_domain::save::{
    Companion, Content, ContentHash, Digest, FileName, Fill, HistoryFilter, Label, NewVersion, Order, Save,
    SaveFilter, SetAside, Slot, SlotKey, SlotName, SlotPlace, Standing, StateFilter, Version, VersionKind,
    Visibility,
};
use memcard_domain::sync::Tracking;
use memcard_domain::time::Timestamp;

use super::MOST_IN_LIST;
use super::screenshots::ScreenshotRow;
use crate::connection::on_backend;
use crate::error::{Stored, big, bytes, known, unsigned};
use crate::schema::{games, saves, screenshots, slots, user_games, versions};
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

#[derive(Queryable, Selectable)]
#[diesel(table_name = slots)]
pub(super) struct SlotRow {
    id: i32,
    user_id: i32,
    game_id: i32,
    slot_name: Option<String>,
    companion: Option<String>,
    archival_file_name: Option<String>,
    head_version_id: Option<i32>,
    state_file_name: Option<String>,
    state_emulator: Option<String>,
    tracking: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = versions)]
struct VersionRow {
    id: i32,
    slot_id: i32,
    ordinal: i32,
    digest: Vec<u8>,
    content_hash: Option<Vec<u8>>,
    size_bytes: i64,
    fill: String,
    origin_device_id: Option<DbUuid>,
    parent_id: Option<i32>,
    kind: String,
    standing: String,
    set_aside_at: Option<DbInstant>,
    set_aside_dismissed: bool,
    held: bool,
    pinned: bool,
    label: Option<String>,
    updated_at: DbInstant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = saves)]
struct SaveRow {
    id: i32,
    version_id: i32,
    file_name: String,
    emulator: Option<String>,
    visibility: String,
    is_public: bool,
    created_at: DbInstant,
}

/// A row with its version, that one's screenshot and its slot: what a [`Save`] is made of.
type WholeRow = (SaveRow, VersionRow, SlotRow, Option<ScreenshotRow>);

/// Rows with their versions, screenshots and slots.
macro_rules! whole {
    () => {
        saves::table
            .inner_join(versions::table.inner_join(slots::table))
            .left_join(screenshots::table.on(is_present_of!(versions::id)))
            .select((
                SaveRow::as_select(),
                VersionRow::as_select(),
                SlotRow::as_select(),
                Option::<ScreenshotRow>::as_select(),
            ))
    };
}

/// The listed rows of the filter's user, game and platform, greatest `updated_at` first.
macro_rules! listed {
    ($backend:ty, $filter:expr) => {{
        let mut query = whole!()
            .filter(slots::user_id.eq($filter.user.0))
            .filter(saves::visibility.eq(Visibility::Visible.name()))
            .filter(versions::standing.eq(Standing::Line.name()))
            .order((versions::updated_at.desc(), versions::id.desc()))
            .into_boxed::<$backend>();
        if let Some(game) = $filter.game {
            query = query.filter(slots::game_id.eq(game.0));
        }
        if let Some(platform) = $filter.platform {
            let of_platform = games::table.filter(games::platform_id.eq(platform.0)).select(games::id);
            query = query.filter(slots::game_id.eq_any(of_platform));
        }
        query
    }};
}

/// Whether a screenshot is the present one of the version.
macro_rules! is_present_of {
    ($version:expr) => {
        screenshots::version_id.eq($version.nullable()).and(screenshots::replaced.eq(false))
    };
}

/// A slot's key, as columns.
struct PlaceColumns<'a> {
    slot_name: Option<&'a str>,
    companion: Option<&'static str>,
    archival_file_name: Option<&'a str>,
    state_file_name: Option<&'a str>,
    state_emulator: Option<&'a str>,
}

impl SlotRow {
    pub(super) fn into_slot(self) -> Stored<Slot> {
        let head = self.head_version_id.map(VersionId);
        let tracking = known("slots.tracking", &self.tracking, Tracking::from_name(&self.tracking))?;
        Ok(Slot { id: SlotId(self.id), key: self.into_key()?, head, tracking })
    }

    fn into_key(self) -> Stored<SlotKey> {
        let place = match (self.slot_name, self.archival_file_name, self.state_file_name) {
            (Some(name), None, None) => {
                let companion = self
                    .companion
                    .map(|stored| known("slots.companion", &stored, Companion::of_extension(&stored)));
                SlotPlace::Named {
                    name: known("slots.slot_name", &name, SlotName::new(&name).ok())?,
                    companion: companion.transpose()?,
                }
            }
            (None, Some(file_name), None) => SlotPlace::Archival { file_name },
            (None, None, Some(file_name)) => SlotPlace::State { file_name, emulator: self.state_emulator },
            _ => return known("slots.slot_name", self.id, None),
        };
        Ok(SlotKey { user: UserId(self.user_id), game: GameId(self.game_id), place })
    }
}

impl VersionRow {
    fn into_version(self, screenshot: Option<ScreenshotRow>) -> Stored<Version> {
        Ok(Version {
            id: VersionId(self.id),
            slot: SlotId(self.slot_id),
            order: Order(self.ordinal),
            content: self.content()?,
            origin: self.origin_device_id.map(|id| DeviceId(id.0)),
            parent: self.parent_id.map(VersionId),
            kind: known("versions.kind", &self.kind, VersionKind::from_name(&self.kind))?,
            standing: known("versions.standing", &self.standing, Standing::from_name(&self.standing))?,
            set_aside: self.set_aside_at.map(|at| SetAside { at: at.0, dismissed: self.set_aside_dismissed }),
            held: self.held,
            pinned: self.pinned,
            label: self.label.map(Label::from_store),
            updated_at: self.updated_at.0,
            screenshot: screenshot.map(ScreenshotRow::into_screenshot).transpose()?,
        })
    }

    fn content(&self) -> Stored<Content> {
        let content_hash = self.content_hash.as_deref().map(|hash| bytes("versions.content_hash", hash));
        Ok(Content {
            digest: Digest(bytes("versions.digest", &self.digest)?),
            content_hash: content_hash.transpose()?.map(ContentHash),
            size: unsigned("versions.size_bytes", self.size_bytes)?,
            fill: known("versions.fill", &self.fill, fill_of_name(&self.fill))?,
        })
    }
}

fn into_save((row, version, slot, screenshot): WholeRow) -> Stored<Save> {
    Ok(Save {
        id: SaveId(row.id),
        key: slot.into_key()?,
        file_name: FileName::from_store(row.file_name),
        emulator: row.emulator,
        visibility: known("saves.visibility", &row.visibility, Visibility::from_name(&row.visibility))?,
        is_public: row.is_public,
        created_at: row.created_at.0,
        version: version.into_version(screenshot)?,
    })
}

fn into_saves(rows: Vec<WholeRow>) -> Stored<Vec<Save>> {
    rows.into_iter().map(into_save).collect()
}

impl<'a> PlaceColumns<'a> {
    fn of(place: &'a SlotPlace) -> Self {
        let none = Self {
            slot_name: None,
            companion: None,
            archival_file_name: None,
            state_file_name: None,
            state_emulator: None,
        };
        match place {
            SlotPlace::Named { name, companion } => Self {
                slot_name: Some(name.as_str()),
                companion: companion.map(Companion::extension),
                ..none
            },
            SlotPlace::Archival { file_name } => Self { archival_file_name: Some(file_name), ..none },
            SlotPlace::State { file_name, emulator } => {
                Self { state_file_name: Some(file_name), state_emulator: emulator.as_deref(), ..none }
            }
        }
    }
}

const fn fill_name(fill: Fill) -> &'static str {
    match fill {
        Fill::Empty => "empty",
        Fill::Blank => "blank",
        Fill::Data => "data",
    }
}

fn fill_of_name(name: &str) -> Option<Fill> {
    [Fill::Empty, Fill::Blank, Fill::Data].into_iter().find(|fill| fill_name(*fill) == name)
}

impl SaveRepository for DieselTransaction<'_> {
    fn lock_game(&mut self, user: UserId, game: GameId) -> Stored<()> {
        if self.lock_row(user, game)? {
            return Ok(());
        }
        self.make_row_to_lock(user, game)?;
        self.lock_row(user, game).map(drop)
    }

    fn lock_games(&mut self, user: UserId, games: &[GameId]) -> Stored<()> {
        let mut ids: Vec<i32> = games.iter().map(|game| game.0).collect();
        ids.sort_unstable();
        for chunk in ids.chunks(MOST_IN_LIST) {
            self.make_rows_to_lock(user, chunk)?;
        }
        for chunk in ids.chunks(MOST_IN_LIST) {
            self.lock_rows(user, chunk)?;
        }
        Ok(())
    }

    fn latest_instant(&mut self, user: UserId, game: GameId) -> Stored<Option<Timestamp>> {
        let latest: Option<DbInstant> = on_backend!(self.session, |c| {
            versions::table
                .inner_join(slots::table)
                .filter(slots::user_id.eq(user.0).and(slots::game_id.eq(game.0)))
                .select(max(versions::updated_at))
                .first(c)
        })?;
        Ok(latest.map(|at| at.0))
    }

    fn slot(&mut self, key: &SlotKey) -> Stored<Option<Slot>> {
        let place = PlaceColumns::of(&key.place);
        let row: Option<SlotRow> = on_backend!(self.session, |c| {
            slots::table
                .filter(slots::user_id.eq(key.user.0).and(slots::game_id.eq(key.game.0)))
                .filter(is_same!(slots::slot_name, place.slot_name))
                .filter(is_same!(slots::companion, place.companion))
                .filter(is_same!(slots::archival_file_name, place.archival_file_name))
                .filter(is_same!(slots::state_file_name, place.state_file_name))
                .filter(is_same!(slots::state_emulator, place.state_emulator))
                .select(SlotRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(SlotRow::into_slot).transpose()
    }

    fn open_slot(&mut self, key: &SlotKey) -> Stored<Slot> {
        if let Some(slot) = self.slot(key)? {
            return Ok(slot);
        }
        self.open_slots(std::slice::from_ref(key))?;
        let opened = self.slot(key)?;
        known("slots.id", "a slot that was just opened", opened)
    }

    fn open_slots(&mut self, keys: &[SlotKey]) -> Stored<()> {
        for chunk in keys.chunks(MOST_IN_LIST) {
            let rows: Vec<NewSlot<'_>> = chunk.iter().map(NewSlot::of).collect();
            on_backend!(self.session, |c| {
                diesel::insert_into(slots::table).values(&rows).on_conflict_do_nothing().execute(c)
            })?;
        }
        Ok(())
    }

    fn slots(&mut self, ids: &[SlotId]) -> Stored<Vec<Slot>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|slot| slot.0).collect();
            let rows: Vec<SlotRow> = on_backend!(self.session, |c| {
                slots::table.filter(slots::id.eq_any(&ids)).select(SlotRow::as_select()).load(c)
            })?;
            for row in rows {
                found.push(row.into_slot()?);
            }
        }
        Ok(found)
    }

    fn named_slots(&mut self, user: UserId) -> Stored<Vec<(Slot, Option<Save>)>> {
        let slot_rows: Vec<SlotRow> = on_backend!(self.session, |c| {
            slots::table
                .filter(slots::user_id.eq(user.0).and(slots::slot_name.is_not_null()))
                .order(slots::id)
                .select(SlotRow::as_select())
                .load(c)
        })?;
        let heads: Vec<WholeRow> = on_backend!(self.session, |c| {
            whole!()
                .filter(slots::user_id.eq(user.0).and(slots::slot_name.is_not_null()))
                .filter(slots::head_version_id.eq(versions::id.nullable()))
                .order(slots::id)
                .load(c)
        })?;
        let mut heads = into_saves(heads)?.into_iter().peekable();
        let paired = |row: SlotRow| {
            let slot = row.into_slot()?;
            let head = heads.next_if(|head| head.version.slot == slot.id);
            Ok((slot, head))
        };
        slot_rows.into_iter().map(paired).collect()
    }

    fn last_order(&mut self, slot: SlotId) -> Stored<Option<Order>> {
        let last: Option<i32> = on_backend!(self.session, |c| {
            versions::table.filter(versions::slot_id.eq(slot.0)).select(max(versions::ordinal)).first(c)
        })?;
        Ok(last.map(Order))
    }

    fn append(&mut self, version: &NewVersion) -> Stored<Save> {
        let (version_row, slot_row) = self.insert_version(version)?;
        let row = self.insert_row(&NewRow {
            version_id: version_row.id,
            file_name: version.file_name.as_str(),
            emulator: version.emulator.as_deref(),
            visibility: Visibility::Visible.name(),
            is_public: false,
            created_at: DbInstant(version.updated_at),
        })?;
        into_save((row, version_row, slot_row, None))
    }

    fn append_in_place(&mut self, row: SaveId, version: &NewVersion) -> Stored<Save> {
        let replaced: Option<SaveRow> = on_backend!(self.session, |c| {
            saves::table.find(row.0).select(SaveRow::as_select()).first(c).optional()
        })?;
        let replaced = replaced.ok_or_else(|| missing("saves_id"))?;
        let (version_row, slot_row) = self.insert_version(version)?;
        let moved: SaveRow = on_backend!(self.session, |c| {
            diesel::update(saves::table.find(row.0))
                .set((
                    saves::version_id.eq(version_row.id),
                    saves::file_name.eq(version.file_name.as_str()),
                    saves::emulator.eq(version.emulator.as_deref()),
                ))
                .returning(SaveRow::as_returning())
                .get_result(c)
        })?;
        self.insert_row(&NewRow {
            version_id: replaced.version_id,
            file_name: &replaced.file_name,
            emulator: replaced.emulator.as_deref(),
            visibility: Visibility::Replaced.name(),
            // Nobody but the owner may reach it: they cannot take back what they do not see.
            is_public: false,
            created_at: replaced.created_at,
        })?;
        into_save((moved, version_row, slot_row, None))
    }

    fn by_version(&mut self, version: VersionId) -> Stored<Option<Save>> {
        let row: Option<WholeRow> = on_backend!(self.session, |c| {
            whole!().filter(versions::id.eq(version.0)).first(c).optional()
        })?;
        row.map(into_save).transpose()
    }

    fn by_versions(&mut self, versions: &[VersionId]) -> Stored<Vec<Save>> {
        let mut found = Vec::with_capacity(versions.len());
        for chunk in versions.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|version| version.0).collect();
            let rows: Vec<WholeRow> =
                on_backend!(self.session, |c| whole!().filter(versions::id.eq_any(&ids)).load(c))?;
            found.append(&mut into_saves(rows)?);
        }
        Ok(found)
    }

    fn by_id(&mut self, user: UserId, id: SaveId) -> Stored<Option<Save>> {
        Ok(self.row_of(user, id.0)?.filter(|save| !save.is_state()))
    }

    fn by_ids(&mut self, user: UserId, ids: &[SaveId]) -> Stored<Vec<Save>> {
        let ids: Vec<i32> = ids.iter().map(|id| id.0).collect();
        let mut rows = self.rows_of(user, &ids)?;
        rows.retain(|save| !save.is_state());
        Ok(rows)
    }

    fn public_by_id(&mut self, id: SaveId) -> Stored<Option<Save>> {
        Ok(self.public_row(id.0)?.filter(|save| !save.is_state()))
    }

    fn state_by_id(&mut self, user: UserId, id: StateId) -> Stored<Option<Save>> {
        Ok(self.row_of(user, id.0)?.filter(Save::is_state))
    }

    fn states_by_ids(&mut self, user: UserId, ids: &[StateId]) -> Stored<Vec<Save>> {
        let ids: Vec<i32> = ids.iter().map(|id| id.0).collect();
        let mut rows = self.rows_of(user, &ids)?;
        rows.retain(Save::is_state);
        Ok(rows)
    }

    fn public_state_by_id(&mut self, id: StateId) -> Stored<Option<Save>> {
        Ok(self.public_row(id.0)?.filter(Save::is_state))
    }

    fn history(&mut self, slot: SlotId) -> Stored<Vec<Save>> {
        self.histories(&[slot])
    }

    fn histories(&mut self, slots: &[SlotId]) -> Stored<Vec<Save>> {
        let mut found = Vec::new();
        for chunk in slots.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|slot| slot.0).collect();
            let rows: Vec<WholeRow> = on_backend!(self.session, |c| {
                whole!()
                    .filter(versions::slot_id.eq_any(&ids))
                    .order((versions::slot_id, versions::ordinal.desc()))
                    .load(c)
            })?;
            found.append(&mut into_saves(rows)?);
        }
        Ok(found)
    }

    fn by_digest(&mut self, slot: SlotId, digest: Digest) -> Stored<Vec<Save>> {
        let rows: Vec<WholeRow> = on_backend!(self.session, |c| {
            whole!()
                .filter(versions::slot_id.eq(slot.0).and(versions::digest.eq(digest.0.as_slice())))
                .order(versions::ordinal.desc())
                .load(c)
        })?;
        into_saves(rows)
    }

    fn by_content_hashes(&mut self, user: UserId, hashes: &[ContentHash]) -> Stored<Vec<Save>> {
        let mut found = Vec::new();
        for chunk in hashes.chunks(MOST_IN_LIST) {
            let wanted: Vec<&[u8]> = chunk.iter().map(|hash| hash.0.as_slice()).collect();
            let rows: Vec<WholeRow> = on_backend!(self.session, |c| {
                whole!()
                    .filter(versions::user_id.eq(user.0).and(versions::content_hash.eq_any(&wanted)))
                    .load(c)
            })?;
            found.append(&mut into_saves(rows)?);
        }
        Ok(found)
    }

    fn list(&mut self, filter: &SaveFilter) -> Stored<Vec<Save>> {
        let rows: Vec<WholeRow> = on_backend!(self.session, |c: Db| {
            let saves = listed!(Db, filter).filter(slots::state_file_name.is_null());
            match &filter.slot {
                Some(slot) => saves.filter(slots::slot_name.eq(slot.as_str())).load(c),
                None => saves.load(c),
            }
        })?;
        into_saves(rows)
    }

    fn list_states(&mut self, filter: &StateFilter) -> Stored<Vec<Save>> {
        let rows: Vec<WholeRow> = on_backend!(self.session, |c: Db| {
            listed!(Db, filter).filter(slots::state_file_name.is_not_null()).load(c)
        })?;
        into_saves(rows)
    }

    fn list_history(&mut self, filter: &HistoryFilter) -> Stored<Vec<Save>> {
        let rows: Vec<WholeRow> = on_backend!(self.session, |c: Db| {
            let mut query = whole!()
                .filter(slots::user_id.eq(filter.user.0).and(slots::game_id.eq(filter.game.0)))
                .filter(slots::state_file_name.is_null())
                .order((versions::updated_at.desc(), versions::id.desc()))
                .into_boxed::<Db>();
            if let Some(slot) = &filter.slot {
                query = query.filter(slots::slot_name.eq(slot.as_str()));
            }
            query.load(c)
        })?;
        into_saves(rows)
    }

    fn set_head(&mut self, slot: SlotId, head: Option<VersionId>) -> Stored<()> {
        let head = head.map(|version| version.0);
        on_backend!(self.session, |c| {
            diesel::update(slots::table.find(slot.0)).set(slots::head_version_id.eq(head)).execute(c)
        })?;
        Ok(())
    }

    fn set_slot_tracking(&mut self, slot: SlotId, tracking: Tracking) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(slots::table.find(slot.0)).set(slots::tracking.eq(tracking.name())).execute(c)
        })?;
        Ok(())
    }

    fn settle_heads(&mut self, slots: &[SlotId]) -> Stored<()> {
        for chunk in slots.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|slot| slot.0).collect();
            let newest = versions::table
                .inner_join(saves::table)
                .filter(versions::slot_id.eq(slots::id))
                .filter(saves::visibility.eq(Visibility::Visible.name()))
                .filter(versions::standing.eq(Standing::Line.name()))
                .order(versions::updated_at.desc())
                .select(versions::id);
            on_backend!(self.session, |c| {
                diesel::update(slots::table.filter(slots::id.eq_any(&ids)))
                    .set(slots::head_version_id.eq(newest.single_value()))
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn set_visibility(&mut self, rows: &[SaveId], visibility: Visibility) -> Stored<()> {
        for chunk in rows.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|row| row.0).collect();
            on_backend!(self.session, |c| {
                diesel::update(saves::table.filter(saves::id.eq_any(&ids)))
                    .set(saves::visibility.eq(visibility.name()))
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn set_public(&mut self, row: SaveId, is_public: bool) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(saves::table.find(row.0)).set(saves::is_public.eq(is_public)).execute(c)
        })?;
        Ok(())
    }

    fn set_standing(&mut self, versions: &[VersionId], standing: Standing) -> Stored<()> {
        for chunk in versions.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|version| version.0).collect();
            on_backend!(self.session, |c| {
                diesel::update(versions::table.filter(versions::id.eq_any(&ids)))
                    .set(versions::standing.eq(standing.name()))
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn set_set_aside(&mut self, version: VersionId, set_aside: Option<SetAside>) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(versions::table.find(version.0))
                .set((
                    versions::set_aside_at.eq(set_aside.map(|set_aside| DbInstant(set_aside.at))),
                    versions::set_aside_dismissed.eq(set_aside.is_some_and(|set_aside| set_aside.dismissed)),
                ))
                .execute(c)
        })?;
        Ok(())
    }

    fn set_pinned(&mut self, version: VersionId, pinned: bool) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(versions::table.find(version.0)).set(versions::pinned.eq(pinned)).execute(c)
        })?;
        Ok(())
    }

    fn set_label(&mut self, version: VersionId, label: Option<Label>) -> Stored<()> {
        let label = label.as_ref().map(Label::as_str);
        on_backend!(self.session, |c| {
            diesel::update(versions::table.find(version.0)).set(versions::label.eq(label)).execute(c)
        })?;
        Ok(())
    }
}

#[derive(Insertable)]
#[diesel(table_name = slots, treat_none_as_default_value = false)]
struct NewSlot<'a> {
    user_id: i32,
    game_id: i32,
    slot_name: Option<&'a str>,
    companion: Option<&'static str>,
    archival_file_name: Option<&'a str>,
    state_file_name: Option<&'a str>,
    state_emulator: Option<&'a str>,
}

impl<'a> NewSlot<'a> {
    fn of(key: &'a SlotKey) -> Self {
        let place = PlaceColumns::of(&key.place);
        Self {
            user_id: key.user.0,
            game_id: key.game.0,
            slot_name: place.slot_name,
            companion: place.companion,
            archival_file_name: place.archival_file_name,
            state_file_name: place.state_file_name,
            state_emulator: place.state_emulator,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = saves, treat_none_as_default_value = false)]
struct NewRow<'a> {
    version_id: i32,
    file_name: &'a str,
    emulator: Option<&'a str>,
    visibility: &'static str,
    is_public: bool,
    created_at: DbInstant,
}

impl DieselTransaction<'_> {
    /// The user's row of that id, a save's or a state's.
    fn row_of(&mut self, user: UserId, id: i32) -> Stored<Option<Save>> {
        let row: Option<WholeRow> = on_backend!(self.session, |c| {
            whole!().filter(saves::id.eq(id).and(slots::user_id.eq(user.0))).first(c).optional()
        })?;
        row.map(into_save).transpose()
    }

    /// The user's rows of those ids, saves' and states'.
    fn rows_of(&mut self, user: UserId, ids: &[i32]) -> Stored<Vec<Save>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_IN_LIST) {
            let rows: Vec<WholeRow> = on_backend!(self.session, |c| {
                whole!().filter(saves::id.eq_any(chunk).and(slots::user_id.eq(user.0))).load(c)
            })?;
            found.append(&mut into_saves(rows)?);
        }
        Ok(found)
    }

    /// The row of that id that everybody may see, a save's or a state's.
    fn public_row(&mut self, id: i32) -> Stored<Option<Save>> {
        let row: Option<WholeRow> = on_backend!(self.session, |c| {
            whole!()
                .filter(saves::id.eq(id).and(saves::is_public.eq(true)))
                .filter(saves::visibility.ne(Visibility::Deleted.name()))
                .filter(versions::standing.eq(Standing::Line.name()))
                .first(c)
                .optional()
        })?;
        row.map(into_save).transpose()
    }

    /// Locks the row of user and game; `false` if there is none. A writer on SQLite has every lock already.
    fn lock_row(&mut self, user: UserId, game: GameId) -> Stored<bool> {
        let Some(connection) = self.session.postgres() else { return Ok(true) };
        let locked = user_games::table
            .find((user.0, game.0))
            .select(user_games::game_id)
            .for_no_key_update()
            .first::<i32>(connection)
            .optional();
        Ok(self.session.noted(locked)?.is_some())
    }

    /// Makes the row that stands for the user's saves of the game. Nothing is made where one of the two is unknown: then
    /// there is nothing that could be locked.
    fn make_row_to_lock(&mut self, user: UserId, game: GameId) -> Stored<()> {
        let Some(connection) = self.session.postgres() else { return Ok(()) };
        let made = diesel::sql_query(
            "INSERT INTO user_games (user_id, game_id) \
             SELECT users.id, games.id FROM users, games WHERE users.id = $1 AND games.id = $2 \
             ON CONFLICT DO NOTHING",
        )
        .bind::<Integer, _>(user.0)
        .bind::<Integer, _>(game.0)
        .execute(connection);
        self.session.noted(made).map(drop)
    }

    /// Makes those of the rows that are missing, as [`make_row_to_lock`](Self::make_row_to_lock) does. It comes before
    /// any of them is locked, and in the order of the ids, so that nobody waits for a row while holding a greater one.
    fn make_rows_to_lock(&mut self, user: UserId, games: &[i32]) -> Stored<()> {
        let Some(connection) = self.session.postgres() else { return Ok(()) };
        let made = diesel::sql_query(
            "INSERT INTO user_games (user_id, game_id) \
             SELECT users.id, games.id FROM users, games WHERE users.id = $1 AND games.id = ANY($2) \
             AND NOT EXISTS (SELECT 1 FROM user_games WHERE user_id = users.id AND game_id = games.id) \
             ORDER BY games.id ON CONFLICT DO NOTHING",
        )
        .bind::<Integer, _>(user.0)
        .bind::<Array<Integer>, _>(games)
        .execute(connection);
        self.session.noted(made).map(drop)
    }

    /// Locks rows of the user in the order of the games' ids. A writer on SQLite has every lock already.
    fn lock_rows(&mut self, user: UserId, games: &[i32]) -> Stored<()> {
        let Some(connection) = self.session.postgres() else { return Ok(()) };
        let locked = user_games::table
            .filter(user_games::user_id.eq(user.0).and(user_games::game_id.eq_any(games)))
            .order(user_games::game_id)
            .select(user_games::game_id)
            .for_no_key_update()
            .load::<i32>(connection);
        self.session.noted(locked).map(drop)
    }

    fn insert_version(&mut self, version: &NewVersion) -> Stored<(VersionRow, SlotRow)> {
        let slot: Option<SlotRow> = on_backend!(self.session, |c| {
            slots::table.find(version.slot.0).select(SlotRow::as_select()).first(c).optional()
        })?;
        let slot = slot.ok_or_else(|| missing("versions_slot_id_fkey"))?;
        self.require_parent(version.parent)?;
        let content = &version.content;
        let size = big(content.size)?;
        let row: VersionRow = on_backend!(self.session, |c| {
            diesel::insert_into(versions::table)
                .values((
                    versions::slot_id.eq(version.slot.0),
                    versions::user_id.eq(slot.user_id),
                    versions::ordinal.eq(version.order.0),
                    versions::digest.eq(content.digest.0.as_slice()),
                    versions::content_hash.eq(content.content_hash.as_ref().map(|hash| hash.0.as_slice())),
                    versions::size_bytes.eq(size),
                    versions::fill.eq(fill_name(content.fill)),
                    versions::origin_device_id.eq(version.origin.map(|device| DbUuid(device.0))),
                    versions::parent_id.eq(version.parent.map(|parent| parent.0)),
                    versions::kind.eq(version.kind.name()),
                    versions::standing.eq(version.standing.name()),
                    versions::set_aside_dismissed.eq(false),
                    versions::held.eq(true),
                    versions::pinned.eq(false),
                    versions::updated_at.eq(DbInstant(version.updated_at)),
                ))
                .returning(VersionRow::as_returning())
                .get_result(c)
        })?;
        Ok((row, slot))
    }

    /// The foreign key alone would take the id that the new version is about to get for a parent.
    fn require_parent(&mut self, parent: Option<VersionId>) -> Stored<()> {
        let Some(parent) = parent else { return Ok(()) };
        let found: Option<i32> = on_backend!(self.session, |c| {
            versions::table.find(parent.0).select(versions::id).first(c).optional()
        })?;
        found.map(drop).ok_or_else(|| missing("versions_parent_id_fkey"))
    }

    fn insert_row(&mut self, row: &NewRow<'_>) -> Stored<SaveRow> {
        on_backend!(self.session, |c| {
            diesel::insert_into(saves::table).values(row).returning(SaveRow::as_returning()).get_result(c)
        })
    }
}

/// What is referred to is not there.
fn missing(constraint: &str) -> StoreError {
    StoreError::Conflict { constraint: constraint.to_owned() }
}
