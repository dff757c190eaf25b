//! Recording play sessions that clients report, alone or with the end of a sync.
//!
//! Invariant: reporting a session again records nothing new.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, SubsecRound as _};
use thiserror::Error;

use super::{NewPlaySession, PlaySession};
use crate::account::{Caller, Forbidden, Scope};
use crate::catalogue::note_played;
use crate::ids::{DeviceId, GameId, PlaySessionId, SessionId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// How many sessions one report may hold.
pub const MAX_REPORTED: usize = 100;
/// How far ahead of the server's clock a device's may be.
pub const MAX_CLOCK_LEAD: Duration = Duration::minutes(5);

const TOO_FAR_AHEAD: &str = "end_time is too far in the future";

/// One stretch of play, as a client reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// What was played; one that is unknown is recorded as none.
    pub game: Option<GameId>,
    /// The slot that was played.
    pub save_slot: Option<String>,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Time played in milliseconds, pauses left out.
    pub duration_ms: u64,
}

/// Where a report came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportOrigin {
    /// Who played.
    pub user: UserId,
    /// Where; one that is unknown is recorded as none.
    pub device: Option<DeviceId>,
    /// The sync session it came with.
    pub session: Option<SessionId>,
}

/// What became of one reported session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// It is recorded.
    Created(PlaySessionId),
    /// It had been recorded before.
    Duplicate,
    /// It is not recorded, for this reason.
    Rejected(&'static str),
}

/// Why nothing of a report was recorded.
#[derive(Debug, Error)]
pub enum IngestError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It is empty.
    #[error("Payload must contain at least one session")]
    Empty,
    /// It holds more than [`MAX_REPORTED`].
    #[error("Batch size exceeds maximum of {MAX_REPORTED}")]
    TooMany,
    /// A session does not end after it starts, both cut to seconds.
    #[error("end_time must be after start_time")]
    EndBeforeStart {
        /// Its place in the report, from 0.
        index: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records what the caller reports: 1 to [`MAX_REPORTED`] sessions. The device of a bound token stands for the one that
/// is not named. Needs `roms.user.write`.
///
/// # Errors
/// See [`IngestError`]. A session from too far in the future is no error of the report.
pub fn ingest(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    device: Option<DeviceId>,
    reported: Vec<Reported>,
) -> Result<Vec<Ingested>, IngestError> {
    caller.require(Scope::RomsUserWrite)?;
    match reported.len() {
        0 => return Err(IngestError::Empty),
        1..=MAX_REPORTED => {}
        _ => return Err(IngestError::TooMany),
    }
    let device = device.or(caller.bound_device());
    ingest_all(tx, now, ReportOrigin { user: caller.user.id, device, session: None }, reported)
}

/// Records any number of sessions, as they come with the end of a sync; the caller was authorised for that. Locks the
/// games, so it has to come before anything that locks a device.
///
/// # Errors
/// See [`IngestError`].
pub fn ingest_all(
    tx: &mut dyn Transaction,
    now: Timestamp,
    origin: ReportOrigin,
    reported: Vec<Reported>,
) -> Result<Vec<Ingested>, IngestError> {
    let reported = cut_to_seconds(reported)?;
    let device = match origin.device {
        Some(device) => tx.devices().find(origin.user, device)?.map(|device| device.id),
        None => None,
    };
    let origin = ReportOrigin { device, ..origin };
    let games = lock_known_games(tx, origin.user, &reported)?;
    let reported = reported.into_iter().map(|session| {
        let game = session.game.filter(|game| games.contains(game));
        Reported { game, ..session }
    });
    let (results, recorded) = record(tx, now, origin, reported.collect())?;
    note_played(tx, origin.user, &last_ends(&recorded))?;
    Ok(results)
}

/// When each game was played last.
fn last_ends(recorded: &[PlaySession]) -> BTreeMap<GameId, Timestamp> {
    let mut ends = BTreeMap::new();
    for NewPlaySession { game, end, .. } in recorded.iter().map(|session| &session.played) {
        if let Some(game) = game {
            ends.entry(*game).and_modify(|last: &mut Timestamp| *last = (*end).max(*last)).or_insert(*end);
        }
    }
    ends
}

fn cut_to_seconds(reported: Vec<Reported>) -> Result<Vec<Reported>, IngestError> {
    let cut = |(index, session): (usize, Reported)| {
        let (start, end) = (session.start.trunc_subsecs(0), session.end.trunc_subsecs(0));
        if end > start {
            Ok(Reported { start, end, ..session })
        } else {
            Err(IngestError::EndBeforeStart { index })
        }
    };
    reported.into_iter().enumerate().map(cut).collect()
}

fn lock_known_games(
    tx: &mut dyn Transaction,
    user: UserId,
    reported: &[Reported],
) -> Result<BTreeSet<GameId>, StoreError> {
    let named: BTreeSet<GameId> = reported.iter().filter_map(|session| session.game).collect();
    let known = tx.catalogue().known_games(&named.into_iter().collect::<Vec<_>>())?;
    tx.saves().lock_games(user, &known)?;
    Ok(known.into_iter().collect())
}

/// What became of each session, and those that are new.
fn record(
    tx: &mut dyn Transaction,
    now: Timestamp,
    origin: ReportOrigin,
    reported: Vec<Reported>,
) -> Result<(Vec<Ingested>, Vec<PlaySession>), StoreError> {
    let is_ahead = |session: &Reported| session.end > now + MAX_CLOCK_LEAD;
    let mut results: Vec<Ingested> = reported
        .iter()
        .map(
            |session| if is_ahead(session) { Ingested::Rejected(TOO_FAR_AHEAD) } else { Ingested::Duplicate },
        )
        .collect();
    let (places, played): (Vec<usize>, Vec<NewPlaySession>) = reported
        .into_iter()
        .enumerate()
        .filter(|(_, session)| !is_ahead(session))
        .map(|(place, session)| (place, session.played(now, origin)))
        .unzip();
    let mut recorded = Vec::with_capacity(played.len());
    for (place, inserted) in places.into_iter().zip(tx.plays().insert(&played)?) {
        if let Some(session) = inserted {
            results[place] = Ingested::Created(session.id);
            recorded.push(session);
        }
    }
    Ok((results, recorded))
}

impl Reported {
    fn played(self, now: Timestamp, origin: ReportOrigin) -> NewPlaySession {
        NewPlaySession {
            user: origin.user,
            device: origin.device,
            game: self.game,
            save_slot: self.save_slot,
            sync_session: origin.session,
            start: self.start,
            end: self.end,
            duration_ms: i64::try_from(self.duration_ms).unwrap_or(i64::MAX),
            reported_at: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;

    use super::*;
    use crate::ports::mocks::{MockTransaction, now};

    fn played(id: i32) -> Reported {
        let start = now() - Duration::hours(2);
        let end = start + Duration::hours(1);
        Reported { game: Some(GameId(id)), save_slot: None, start, end, duration_ms: 1 }
    }

    #[test]
    fn known_games_are_locked_once_each_in_the_order_of_their_ids_before_anything_is_recorded() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        tx.catalogue.expect_known_games().returning(|ids| {
            assert_eq!(ids, [GameId(2), GameId(5), GameId(9)]);
            Ok(vec![GameId(2), GameId(9)])
        });
        let lock = tx.saves.expect_lock_games().times(1).in_sequence(&mut order);
        lock.withf(|user, games| *user == UserId(1) && *games == [GameId(2), GameId(9)])
            .returning(|_, _| Ok(()));
        let insert = tx.plays.expect_insert().times(1).in_sequence(&mut order);
        insert.withf(|sessions| sessions.len() == 4).returning(|_| Ok(vec![None; 4]));
        let origin = ReportOrigin { user: UserId(1), device: None, session: None };
        let reported = vec![played(9), played(5), played(2), played(9)];
        let results = ingest_all(&mut tx, now(), origin, reported).unwrap();
        assert_eq!(results, [Ingested::Duplicate; 4]);
    }
}
