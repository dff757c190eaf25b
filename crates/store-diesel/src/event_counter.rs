//! Recent events in SQL: one row per event, until it leaves its window.
//!
//! On PostgreSQL events of one key follow one another by an advisory lock, so that of racing callers each is told its
//! own place; whatever deletes rows holds one lock more, so that no two such statements can wait for each other.

use chrono::Duration;
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use memcard_domain::ports::{Access, BoxFuture, CounterKey, EventCounter, Recent, StoreError};
use memcard_domain::time::Timestamp;

use crate::connection::{Session, on_backend};
use crate::database::Database;
use crate::error::Stored;
use crate::postgres::{lock_name, try_lock_name};
use crate::schema::recent_events;
use crate::types::DbInstant;

/// The lock of whoever deletes events.
const FORGETTING: &str = "recent_events";

impl EventCounter for Database {
    fn record(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            lock_name(session, &format!("recent_events/{}/{}", key.event, key.subject))?;
            forget_passed(session, now)?;
            on_backend!(session, |c| {
                diesel::insert_into(recent_events::table)
                    .values((
                        recent_events::event.eq(key.event),
                        recent_events::subject.eq(&key.subject),
                        recent_events::happened_at.eq(DbInstant(now)),
                        recent_events::forget_at.eq(DbInstant(now + window)),
                    ))
                    .execute(c)
            })?;
            within(session, &key, window, now)
        }))
    }

    fn recent(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        Box::pin(self.atomically(Access::Read, move |session| within(session, &key, window, now)))
    }

    fn forget(&self, key: CounterKey) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.atomically(Access::Write, move |session| {
            lock_name(session, FORGETTING)?;
            let of_key = recent_events::event.eq(key.event).and(recent_events::subject.eq(&key.subject));
            on_backend!(session, |c| diesel::delete(recent_events::table.filter(of_key)).execute(c))?;
            Ok(())
        }))
    }
}

/// Forgets the events of every key whose window has passed, unless somebody is at it.
fn forget_passed(session: &mut Session, now: Timestamp) -> Stored<()> {
    if try_lock_name(session, FORGETTING)? {
        on_backend!(session, |c| {
            diesel::delete(recent_events::table.filter(recent_events::forget_at.le(DbInstant(now))))
                .execute(c)
        })?;
    }
    Ok(())
}

fn within(session: &mut Session, key: &CounterKey, window: Duration, now: Timestamp) -> Stored<Recent> {
    let (events, oldest, newest): (i64, Option<DbInstant>, Option<DbInstant>) = on_backend!(session, |c| {
        recent_events::table
            .filter(recent_events::event.eq(key.event).and(recent_events::subject.eq(&key.subject)))
            .filter(recent_events::happened_at.gt(DbInstant(now - window)))
            .select((count_star(), min(recent_events::happened_at), max(recent_events::happened_at)))
            .first(c)
    })?;
    Ok(Recent {
        events: u32::try_from(events).unwrap_or(u32::MAX),
        oldest: oldest.map(|at| at.0),
        newest: newest.map(|at| at.0),
    })
}
