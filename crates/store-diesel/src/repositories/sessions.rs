//! Sync sessions and what clients named in them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::upsert::excluded;
use memcard_domain::ids::{DeviceId, SessionId, SlotId, UserId};
use memcard_domain::ports::SessionRepository;
use memcard_domain::save::ContentHash;
use memcard_domain::sync::{NamedFile, NewSession, SessionStatus, SyncSession};

use super::MOST_IN_LIST;
use crate::connection::on_backend;
use crate::error::{Stored, big, bytes, known, unsigned};
use crate::schema::{named_files, sync_sessions};
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

#[derive(Queryable, Selectable)]
#[diesel(table_name = sync_sessions)]
struct SessionRow {
    id: i32,
    user_id: i32,
    device_id: DbUuid,
    status: String,
    operations_planned: i64,
    operations_completed: i64,
    operations_failed: i64,
    error_message: Option<String>,
    initiated_at: DbInstant,
    completed_at: Option<DbInstant>,
    updated_at: DbInstant,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = named_files, treat_none_as_default_value = false)]
struct NamedRow {
    session_id: i32,
    slot_id: i32,
    content_hash: Option<Vec<u8>>,
    file_time: DbInstant,
    size_bytes: i64,
}

impl SessionRow {
    fn into_session(self) -> Stored<SyncSession> {
        Ok(SyncSession {
            id: SessionId(self.id),
            user: UserId(self.user_id),
            device: DeviceId(self.device_id.0),
            status: known("sync_sessions.status", &self.status, SessionStatus::from_name(&self.status))?,
            operations_planned: unsigned("sync_sessions.operations_planned", self.operations_planned)?,
            operations_completed: unsigned("sync_sessions.operations_completed", self.operations_completed)?,
            operations_failed: unsigned("sync_sessions.operations_failed", self.operations_failed)?,
            error_message: self.error_message,
            initiated_at: self.initiated_at.0,
            completed_at: self.completed_at.map(|at| at.0),
            updated_at: self.updated_at.0,
        })
    }
}

impl NamedRow {
    fn of(session: SessionId, file: &NamedFile) -> Stored<Self> {
        Ok(Self {
            session_id: session.0,
            slot_id: file.slot.0,
            content_hash: file.content_hash.map(|hash| hash.0.to_vec()),
            file_time: DbInstant(file.file_time),
            size_bytes: big(file.size)?,
        })
    }

    fn into_file(self) -> Stored<NamedFile> {
        let content_hash = self.content_hash.as_deref().map(|hash| bytes("named_files.content_hash", hash));
        Ok(NamedFile {
            slot: SlotId(self.slot_id),
            content_hash: content_hash.transpose()?.map(ContentHash),
            file_time: self.file_time.0,
            size: unsigned("named_files.size_bytes", self.size_bytes)?,
        })
    }
}

fn into_sessions(rows: Vec<SessionRow>) -> Stored<Vec<SyncSession>> {
    rows.into_iter().map(SessionRow::into_session).collect()
}

impl SessionRepository for DieselTransaction<'_> {
    fn insert(&mut self, session: &NewSession) -> Stored<SyncSession> {
        let row: SessionRow = on_backend!(self.session, |c| {
            diesel::insert_into(sync_sessions::table)
                .values((
                    sync_sessions::user_id.eq(session.user.0),
                    sync_sessions::device_id.eq(DbUuid(session.device.0)),
                    sync_sessions::status.eq(SessionStatus::InProgress.name()),
                    sync_sessions::operations_planned.eq(i64::from(session.operations_planned)),
                    sync_sessions::operations_completed.eq(0),
                    sync_sessions::operations_failed.eq(0),
                    sync_sessions::initiated_at.eq(DbInstant(session.initiated_at)),
                    sync_sessions::updated_at.eq(DbInstant(session.initiated_at)),
                ))
                .returning(SessionRow::as_returning())
                .get_result(c)
        })?;
        row.into_session()
    }

    fn find(&mut self, user: UserId, id: SessionId) -> Stored<Option<SyncSession>> {
        let row: Option<SessionRow> = on_backend!(self.session, |c| {
            sync_sessions::table
                .find(id.0)
                .filter(sync_sessions::user_id.eq(user.0))
                .select(SessionRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(SessionRow::into_session).transpose()
    }

    fn active(&mut self, device: DeviceId) -> Stored<Vec<SyncSession>> {
        let active = SessionStatus::ALL.into_iter().filter(|status| !status.is_terminal());
        let active: Vec<&str> = active.map(SessionStatus::name).collect();
        let rows: Vec<SessionRow> = on_backend!(self.session, |c| {
            sync_sessions::table
                .filter(sync_sessions::device_id.eq(DbUuid(device.0)))
                .filter(sync_sessions::status.eq_any(&active))
                .order((sync_sessions::initiated_at.desc(), sync_sessions::id.desc()))
                .select(SessionRow::as_select())
                .load(c)
        })?;
        into_sessions(rows)
    }

    fn list(&mut self, user: UserId, device: Option<DeviceId>, limit: u32) -> Stored<Vec<SyncSession>> {
        let rows: Vec<SessionRow> = on_backend!(self.session, |c: Db| {
            let mut query = sync_sessions::table
                .filter(sync_sessions::user_id.eq(user.0))
                .order((sync_sessions::initiated_at.desc(), sync_sessions::id.desc()))
                .limit(limit.into())
                .select(SessionRow::as_select())
                .into_boxed::<Db>();
            if let Some(device) = device {
                query = query.filter(sync_sessions::device_id.eq(DbUuid(device.0)));
            }
            query.load(c)
        })?;
        into_sessions(rows)
    }

    fn update(&mut self, expected: SessionStatus, session: &SyncSession) -> Stored<bool> {
        let updated = on_backend!(self.session, |c| {
            diesel::update(sync_sessions::table.find(session.id.0))
                .filter(sync_sessions::status.eq(expected.name()))
                .set((
                    sync_sessions::status.eq(session.status.name()),
                    sync_sessions::operations_planned.eq(i64::from(session.operations_planned)),
                    sync_sessions::operations_completed.eq(i64::from(session.operations_completed)),
                    sync_sessions::operations_failed.eq(i64::from(session.operations_failed)),
                    sync_sessions::error_message.eq(session.error_message.as_deref()),
                    sync_sessions::completed_at.eq(session.completed_at.map(DbInstant)),
                    sync_sessions::updated_at.eq(DbInstant(session.updated_at)),
                ))
                .execute(c)
        })?;
        Ok(updated == 1)
    }

    fn put_named(&mut self, session: SessionId, files: &[NamedFile]) -> Stored<()> {
        // One statement may not write a row twice.
        let last_per_slot: BTreeMap<SlotId, &NamedFile> =
            files.iter().map(|file| (file.slot, file)).collect();
        let rows =
            last_per_slot.values().map(|file| NamedRow::of(session, file)).collect::<Stored<Vec<_>>>()?;
        for chunk in rows.chunks(MOST_IN_LIST) {
            on_backend!(self.session, |c| {
                diesel::insert_into(named_files::table)
                    .values(chunk)
                    .on_conflict((named_files::session_id, named_files::slot_id))
                    .do_update()
                    .set((
                        named_files::content_hash.eq(excluded(named_files::content_hash)),
                        named_files::file_time.eq(excluded(named_files::file_time)),
                        named_files::size_bytes.eq(excluded(named_files::size_bytes)),
                    ))
                    .execute(c)
            })?;
        }
        Ok(())
    }

    fn named(&mut self, session: SessionId, slot: SlotId) -> Stored<Option<NamedFile>> {
        let row: Option<NamedRow> = on_backend!(self.session, |c| {
            named_files::table.find((session.0, slot.0)).select(NamedRow::as_select()).first(c).optional()
        })?;
        row.map(NamedRow::into_file).transpose()
    }
}
