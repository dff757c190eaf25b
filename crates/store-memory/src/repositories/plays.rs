//! Play sessions. (user, device, game, start) is unique when one is inserted, unknown device and game counting as
//! values; deleted devices may make two alike afterwards.

use std::cmp::Reverse;

use memcard_domain::ids::{PlaySessionId, UserId};
use memcard_domain::play::{NewPlaySession, PlayFilter, PlaySession};
use memcard_domain::ports::PlayRepository;

use super::{MemoryTransaction, Stored};
use crate::tables::Tables;

impl PlayRepository for MemoryTransaction {
    fn insert(&mut self, sessions: &[NewPlaySession]) -> Stored<Vec<Option<PlaySession>>> {
        let tables = self.writable()?;
        sessions.iter().map(|session| tables.insert_play(session)).collect()
    }

    fn list(&mut self, user: UserId, filter: &PlayFilter) -> Stored<Vec<PlaySession>> {
        let of_user = self.tables.plays.values().filter(|session| session.played.user == user);
        let mut sessions: Vec<PlaySession> =
            of_user.filter(|session| is_meant(filter, &session.played)).cloned().collect();
        sessions.sort_by_key(|session| Reverse((session.played.start, session.id)));
        let offset = usize::try_from(filter.offset).unwrap_or(usize::MAX);
        let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Ok(sessions.into_iter().skip(offset).take(limit).collect())
    }

    fn delete(&mut self, user: UserId, id: PlaySessionId) -> Stored<bool> {
        let plays = &mut self.writable()?.plays;
        let is_theirs = plays.get(&id).is_some_and(|session| session.played.user == user);
        if is_theirs {
            plays.remove(&id);
        }
        Ok(is_theirs)
    }
}

impl Tables {
    fn insert_play(&mut self, session: &NewPlaySession) -> Stored<Option<PlaySession>> {
        self.refers_to_user(session.user)?;
        self.refers_to_device(session.device)?;
        self.refers_to_game(session.game)?;
        self.refers_to_session(session.sync_session)?;
        if self.plays.values().any(|known| is_same(&known.played, session)) {
            return Ok(None);
        }
        let session = PlaySession { id: PlaySessionId(self.ids.play.next()), played: session.clone() };
        self.plays.insert(session.id, session.clone());
        Ok(Some(session))
    }
}

fn is_same(one: &NewPlaySession, two: &NewPlaySession) -> bool {
    let identity = |played: &NewPlaySession| (played.user, played.device, played.game, played.start);
    identity(one) == identity(two)
}

fn is_meant(filter: &PlayFilter, played: &NewPlaySession) -> bool {
    filter.game.is_none_or(|game| played.game == Some(game))
        && filter.device.is_none_or(|device| played.device == Some(device))
        && filter.start_after.is_none_or(|instant| played.start >= instant)
        && filter.end_before.is_none_or(|instant| played.end <= instant)
}
