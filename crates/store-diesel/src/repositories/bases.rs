//! What devices hold, and what was served to them.

use diesel::prelude::*;
use diesel::upsert::excluded;
use memcard_domain::ids::{DeviceId, SaveId, SessionId, SlotId, VersionId};
use memcard_domain::ports::BaseRepository;
use memcard_domain::save::Order;
use memcard_domain::sync::{Base, FileTimes, Holding, Point, Tracking};

use super::MOST_IN_LIST;
use crate::connection::on_backend;
use crate::error::{Stored, known, unsigned};
use crate::schema::{bases, served};
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

/// Rows of a statement that writes many: 13 variables each, below SQLite's limit.
const MOST_ROWS: usize = 1000;

const STRONG: &str = "strong";
const PROVISIONAL: &str = "provisional";
const TELLING: &str = "telling";
const AMBIGUOUS: &str = "ambiguous";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bases, treat_none_as_default_value = false)]
struct BaseRow {
    device_id: DbUuid,
    slot_id: i32,
    version_id: Option<i32>,
    ordinal: Option<i32>,
    strength: Option<String>,
    before_version_id: Option<i32>,
    before_ordinal: Option<i32>,
    session_id: Option<i32>,
    stamp: Option<DbInstant>,
    file_times: String,
    tracking: String,
    rollbacks: i64,
    last_synced_at: Option<DbInstant>,
}

impl BaseRow {
    fn of(base: &Base) -> Self {
        let (strength, before, session) = match base.holding {
            None => (None, None, None),
            Some(Holding::Strong(_)) => (Some(STRONG), None, None),
            Some(Holding::Provisional { before, session, .. }) => (Some(PROVISIONAL), before, session),
        };
        let file_times = match base.file_times {
            FileTimes::Telling => TELLING,
            FileTimes::Ambiguous => AMBIGUOUS,
        };
        Self {
            device_id: DbUuid(base.device.0),
            slot_id: base.slot.0,
            version_id: base.point().map(|point| point.version.0),
            ordinal: base.point().map(|point| point.order.0),
            strength: strength.map(str::to_owned),
            before_version_id: before.map(|point| point.version.0),
            before_ordinal: before.map(|point| point.order.0),
            session_id: session.map(|session| session.0),
            stamp: base.stamp.map(DbInstant),
            file_times: file_times.to_owned(),
            tracking: base.tracking.name().to_owned(),
            rollbacks: base.rollbacks.into(),
            last_synced_at: base.last_synced_at.map(DbInstant),
        }
    }

    fn into_base(self) -> Stored<Base> {
        let file_times = match self.file_times.as_str() {
            TELLING => Some(FileTimes::Telling),
            AMBIGUOUS => Some(FileTimes::Ambiguous),
            _ => None,
        };
        Ok(Base {
            device: DeviceId(self.device_id.0),
            slot: SlotId(self.slot_id),
            holding: self.holding()?,
            stamp: self.stamp.map(|at| at.0),
            file_times: known("bases.file_times", &self.file_times, file_times)?,
            tracking: known("bases.tracking", &self.tracking, Tracking::from_name(&self.tracking))?,
            rollbacks: unsigned("bases.rollbacks", self.rollbacks)?,
            last_synced_at: self.last_synced_at.map(|at| at.0),
        })
    }

    fn holding(&self) -> Stored<Option<Holding>> {
        let Some(point) = point(self.version_id, self.ordinal) else { return Ok(None) };
        let strength = self.strength.as_deref().unwrap_or_default();
        let holding = match strength {
            STRONG => Some(Holding::Strong(point)),
            PROVISIONAL => Some(Holding::Provisional {
                point,
                before: self::point(self.before_version_id, self.before_ordinal),
                session: self.session_id.map(SessionId),
            }),
            _ => None,
        };
        known("bases.strength", strength, holding).map(Some)
    }
}

fn point(version: Option<i32>, ordinal: Option<i32>) -> Option<Point> {
    Some(Point { version: VersionId(version?), order: Order(ordinal?) })
}

fn into_bases(rows: Vec<BaseRow>) -> Stored<Vec<Base>> {
    rows.into_iter().map(BaseRow::into_base).collect()
}

impl BaseRepository for DieselTransaction<'_> {
    fn find(&mut self, device: DeviceId, slot: SlotId) -> Stored<Option<Base>> {
        let row: Option<BaseRow> = on_backend!(self.session, |c| {
            bases::table.find((DbUuid(device.0), slot.0)).select(BaseRow::as_select()).first(c).optional()
        })?;
        row.map(BaseRow::into_base).transpose()
    }

    fn of_device(&mut self, device: DeviceId) -> Stored<Vec<Base>> {
        let rows: Vec<BaseRow> = on_backend!(self.session, |c| {
            bases::table
                .filter(bases::device_id.eq(DbUuid(device.0)))
                .order(bases::slot_id)
                .select(BaseRow::as_select())
                .load(c)
        })?;
        into_bases(rows)
    }

    fn of_slots(&mut self, slots: &[SlotId]) -> Stored<Vec<Base>> {
        let mut found = Vec::new();
        for chunk in slots.chunks(MOST_IN_LIST) {
            let ids: Vec<i32> = chunk.iter().map(|slot| slot.0).collect();
            let rows: Vec<BaseRow> = on_backend!(self.session, |c| {
                bases::table
                    .filter(bases::slot_id.eq_any(&ids))
                    .order((bases::slot_id, bases::device_id))
                    .select(BaseRow::as_select())
                    .load(c)
            })?;
            found.append(&mut into_bases(rows)?);
        }
        Ok(found)
    }

    fn put(&mut self, bases: &[Base]) -> Stored<()> {
        for chunk in bases.chunks(MOST_ROWS) {
            let rows: Vec<BaseRow> = chunk.iter().map(BaseRow::of).collect();
            on_backend!(self.session, |c| {
                diesel::insert_into(bases::table)
                    .values(&rows)
                    .on_conflict((bases::device_id, bases::slot_id))
                    .do_update()
                    .set((
                        bases::version_id.eq(excluded(bases::version_id)),
                        bases::ordinal.eq(excluded(bases::ordinal)),
                        bases::strength.eq(excluded(bases::strength)),
                        bases::before_version_id.eq(excluded(bases::before_version_id)),
                        bases::before_ordinal.eq(excluded(bases::before_ordinal)),
                        bases::session_id.eq(excluded(bases::session_id)),
                        bases::stamp.eq(excluded(bases::stamp)),
                        bases::file_times.eq(excluded(bases::file_times)),
                        bases::tracking.eq(excluded(bases::tracking)),
                        bases::rollbacks.eq(excluded(bases::rollbacks)),
                        bases::last_synced_at.eq(excluded(bases::last_synced_at)),
                    ))
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn clear(&mut self, device: DeviceId) -> Stored<()> {
        let device = DbUuid(device.0);
        on_backend!(self.session, |c| {
            diesel::delete(bases::table.filter(bases::device_id.eq(device))).execute(c)
        })?;
        on_backend!(self.session, |c| {
            diesel::delete(served::table.filter(served::device_id.eq(device))).execute(c)
        })?;
        Ok(())
    }

    fn note_served(&mut self, device: DeviceId, row: SaveId, version: VersionId) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::insert_into(served::table)
                .values((
                    served::device_id.eq(DbUuid(device.0)),
                    served::save_id.eq(row.0),
                    served::version_id.eq(version.0),
                ))
                .on_conflict((served::device_id, served::save_id))
                .do_update()
                .set(served::version_id.eq(version.0))
                .execute(c)
        })?;
        Ok(())
    }

    fn served(&mut self, device: DeviceId, row: SaveId) -> Stored<Option<VersionId>> {
        let version: Option<i32> = on_backend!(self.session, |c| {
            served::table.find((DbUuid(device.0), row.0)).select(served::version_id).first(c).optional()
        })?;
        Ok(version.map(VersionId))
    }
}
