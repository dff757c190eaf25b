//! Play sessions.

use std::collections::HashMap;

use diesel::prelude::*;
use memcard_domain::ids::{DeviceId, GameId, PlaySessionId, SessionId, UserId};
use memcard_domain::play::{NewPlaySession, PlayFilter, PlaySession};
use memcard_domain::ports::PlayRepository;
use memcard_domain::time::Timestamp;

use super::MOST_IN_LIST;
use crate::connection::on_backend;
use crate::error::Stored;
use crate::schema::play_sessions;
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbUuid};

#[derive(Queryable, Selectable)]
#[diesel(table_name = play_sessions)]
struct PlayRow {
    id: i32,
    user_id: i32,
    device_id: Option<DbUuid>,
    game_id: Option<i32>,
    save_slot: Option<String>,
    sync_session_id: Option<i32>,
    started_at: DbInstant,
    ended_at: DbInstant,
    duration_ms: i64,
    reported_at: DbInstant,
}

#[derive(Insertable)]
#[diesel(table_name = play_sessions, treat_none_as_default_value = false)]
struct NewPlayRow<'a> {
    user_id: i32,
    device_id: Option<DbUuid>,
    /// A value also where the device is unknown, for the unique key.
    device_key: String,
    game_id: Option<i32>,
    game_key: i32,
    save_slot: Option<&'a str>,
    sync_session_id: Option<i32>,
    started_at: DbInstant,
    ended_at: DbInstant,
    duration_ms: i64,
    reported_at: DbInstant,
}

/// What is unique.
type Identity = (UserId, Option<DeviceId>, Option<GameId>, Timestamp);

fn identity(session: &NewPlaySession) -> Identity {
    (session.user, session.device, session.game, session.start)
}

impl<'a> NewPlayRow<'a> {
    fn of(session: &'a NewPlaySession) -> Self {
        Self {
            user_id: session.user.0,
            device_id: session.device.map(|device| DbUuid(device.0)),
            device_key: session.device.map(|device| device.to_string()).unwrap_or_default(),
            game_id: session.game.map(|game| game.0),
            game_key: session.game.map_or(0, |game| game.0),
            save_slot: session.save_slot.as_deref(),
            sync_session_id: session.sync_session.map(|session| session.0),
            started_at: DbInstant(session.start),
            ended_at: DbInstant(session.end),
            duration_ms: session.duration_ms,
            reported_at: DbInstant(session.reported_at),
        }
    }
}

impl PlayRow {
    fn into_session(self) -> PlaySession {
        PlaySession {
            id: PlaySessionId(self.id),
            played: NewPlaySession {
                user: UserId(self.user_id),
                device: self.device_id.map(|id| DeviceId(id.0)),
                game: self.game_id.map(GameId),
                save_slot: self.save_slot,
                sync_session: self.sync_session_id.map(SessionId),
                start: self.started_at.0,
                end: self.ended_at.0,
                duration_ms: self.duration_ms,
                reported_at: self.reported_at.0,
            },
        }
    }
}

impl PlayRepository for DieselTransaction<'_> {
    fn insert(&mut self, sessions: &[NewPlaySession]) -> Stored<Vec<Option<PlaySession>>> {
        let mut inserted: HashMap<Identity, PlaySession> = HashMap::new();
        let mut ordered: Vec<&NewPlaySession> = sessions.iter().collect();
        // In one order for everybody, so that no two reports wait for one another.
        ordered.sort_by_key(|session| identity(session));
        for chunk in ordered.chunks(MOST_IN_LIST) {
            let new: Vec<NewPlayRow<'_>> = chunk.iter().map(|session| NewPlayRow::of(session)).collect();
            let rows: Vec<PlayRow> = on_backend!(self.session, |c| {
                diesel::insert_into(play_sessions::table)
                    .values(&new)
                    .on_conflict_do_nothing()
                    .returning(PlayRow::as_returning())
                    .get_results(c)
            })?;
            let rows = rows.into_iter().map(PlayRow::into_session);
            inserted.extend(rows.map(|session| (identity(&session.played), session)));
        }
        Ok(sessions.iter().map(|session| inserted.remove(&identity(session))).collect())
    }

    fn list(&mut self, user: UserId, filter: &PlayFilter) -> Stored<Vec<PlaySession>> {
        let clamped = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let rows: Vec<PlayRow> = on_backend!(self.session, |c: Db| {
            let mut query = play_sessions::table
                .filter(play_sessions::user_id.eq(user.0))
                .order((play_sessions::started_at.desc(), play_sessions::id.desc()))
                .offset(clamped(filter.offset))
                .select(PlayRow::as_select())
                .into_boxed::<Db>();
            if let Some(game) = filter.game {
                query = query.filter(play_sessions::game_id.eq(game.0));
            }
            if let Some(device) = filter.device {
                query = query.filter(play_sessions::device_id.eq(DbUuid(device.0)));
            }
            if let Some(after) = filter.start_after {
                query = query.filter(play_sessions::started_at.ge(DbInstant(after)));
            }
            if let Some(before) = filter.end_before {
                query = query.filter(play_sessions::ended_at.le(DbInstant(before)));
            }
            if let Some(limit) = filter.limit {
                query = query.limit(clamped(limit));
            }
            query.load(c)
        })?;
        Ok(rows.into_iter().map(PlayRow::into_session).collect())
    }

    fn delete(&mut self, user: UserId, id: PlaySessionId) -> Stored<bool> {
        let deleted = on_backend!(self.session, |c| {
            diesel::delete(play_sessions::table.find(id.0))
                .filter(play_sessions::user_id.eq(user.0))
                .execute(c)
        })?;
        Ok(deleted == 1)
    }
}
