//! Recording play sessions that clients report, alone or with the end of a sync.
//!
//! Invariant: reporting a session again records nothing new.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, SubsecRound as _};
use thiserror::Error;

use super::NewPlaySession;
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
    let mut played = BTreeMap::new();
    let mut results = Vec::with_capacity(reported.len());
    for session in reported {
        let (game, end) = (session.game.filter(|game| games.contains(game)), session.end);
        let result = record(tx, now, origin, Reported { game, ..session })?;
        if let (Ingested::Created(_), Some(game)) = (result, game) {
            played.entry(game).and_modify(|last: &mut Timestamp| *last = end.max(*last)).or_insert(end);
        }
        results.push(result);
    }
    for (game, last) in played {
        note_played(tx, origin.user, game, last)?;
    }
    Ok(results)
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

/// In the order of their ids, so that no two reports wait for one another.
fn lock_known_games(
    tx: &mut dyn Transaction,
    user: UserId,
    reported: &[Reported],
) -> Result<BTreeSet<GameId>, StoreError> {
    let named: BTreeSet<GameId> = reported.iter().filter_map(|session| session.game).collect();
    let mut known = BTreeSet::new();
    for game in named {
        if tx.catalogue().game(game)?.is_some() {
            tx.saves().lock_game(user, game)?;
            known.insert(game);
        }
    }
    Ok(known)
}

fn record(
    tx: &mut dyn Transaction,
    now: Timestamp,
    origin: ReportOrigin,
    session: Reported,
) -> Result<Ingested, StoreError> {
    if session.end > now + MAX_CLOCK_LEAD {
        return Ok(Ingested::Rejected(TOO_FAR_AHEAD));
    }
    let played = NewPlaySession {
        user: origin.user,
        device: origin.device,
        game: session.game,
        save_slot: session.save_slot,
        sync_session: origin.session,
        start: session.start,
        end: session.end,
        duration_ms: i64::try_from(session.duration_ms).unwrap_or(i64::MAX),
        reported_at: now,
    };
    Ok(tx.plays().insert(&played)?.map_or(Ingested::Duplicate, |session| Ingested::Created(session.id)))
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use mockall::predicate::eq;

    use super::*;
    use crate::catalogue::{Game, GameHashes, GameSource};
    use crate::ids::PlatformId;
    use crate::ports::mocks::{MockTransaction, now};

    fn game(id: GameId) -> Game {
        Game {
            id,
            platform: PlatformId(1),
            name: "Game".to_owned(),
            fs_name: "Game.gba".to_owned(),
            size: 0,
            hashes: GameHashes::default(),
            source: GameSource::Declared,
            created_at: now(),
            updated_at: now(),
        }
    }

    fn played(id: i32) -> Reported {
        let start = now() - Duration::hours(2);
        let end = start + Duration::hours(1);
        Reported { game: Some(GameId(id)), save_slot: None, start, end, duration_ms: 1 }
    }

    #[test]
    fn known_games_are_locked_once_each_in_the_order_of_their_ids_before_anything_is_recorded() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        tx.catalogue.expect_game().returning(|id| Ok((id.0 != 5).then(|| game(id))));
        for id in [2, 9] {
            let lock = tx.saves.expect_lock_game().with(eq(UserId(1)), eq(GameId(id)));
            lock.times(1).in_sequence(&mut order).returning(|_, _| Ok(()));
        }
        tx.plays.expect_insert().times(4).in_sequence(&mut order).returning(|_| Ok(None));
        let origin = ReportOrigin { user: UserId(1), device: None, session: None };
        let reported = vec![played(9), played(5), played(2), played(9)];
        let results = ingest_all(&mut tx, now(), origin, reported).unwrap();
        assert_eq!(results, [Ingested::Duplicate; 4]);
    }
}
