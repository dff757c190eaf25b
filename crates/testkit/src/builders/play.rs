//! What was played.

use chrono::SubsecRound as _;
use memcard_domain::ids::{DeviceId, GameId, SessionId, UserId};
use memcard_domain::play::{NewPlaySession, PlaySession};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::sync::{NewSession, SyncSession};
use memcard_domain::time::Timestamp;

use super::at;

/// A sync of the device, begun at `begun`, with nothing planned. Inserts it.
///
/// # Errors
/// What the store says.
pub fn a_session(
    tx: &mut dyn Transaction,
    user: UserId,
    device: DeviceId,
    begun: Timestamp,
) -> Result<SyncSession, StoreError> {
    tx.sessions().insert(&NewSession { user, device, operations_planned: 0, initiated_at: begun })
}

/// Ten minutes of play from the story's beginning, nobody knows of what and where.
pub fn a_play(user: UserId) -> PlayBuilder {
    let (start, end) = (at(0).trunc_subsecs(0), at(10).trunc_subsecs(0));
    PlayBuilder(NewPlaySession {
        user,
        device: None,
        game: None,
        save_slot: None,
        sync_session: None,
        start,
        end,
        duration_ms: 600_000,
        reported_at: at(11),
    })
}

/// See [`a_play`].
#[derive(Debug, Clone)]
#[must_use]
pub struct PlayBuilder(NewPlaySession);

impl PlayBuilder {
    /// Of the game.
    pub fn of(mut self, game: GameId) -> Self {
        self.0.game = Some(game);
        self
    }

    /// On the device.
    pub fn on(mut self, device: DeviceId) -> Self {
        self.0.device = Some(device);
        self
    }

    /// In that slot.
    pub fn in_slot(mut self, slot: &str) -> Self {
        self.0.save_slot = Some(slot.to_owned());
        self
    }

    /// Reported with the sync.
    pub fn reported_with(mut self, session: SessionId) -> Self {
        self.0.sync_session = Some(session);
        self
    }

    /// From then to then, cut to seconds, without a pause.
    pub fn between(mut self, start: Timestamp, end: Timestamp) -> Self {
        let (start, end) = (start.trunc_subsecs(0), end.trunc_subsecs(0));
        self.0.start = start;
        self.0.end = end;
        self.0.duration_ms = (end - start).num_milliseconds();
        self
    }

    /// The play session to be recorded.
    pub fn build(self) -> NewPlaySession {
        self.0
    }

    /// Records the play session.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<Option<PlaySession>, StoreError> {
        Ok(tx.plays().insert(&[self.0])?.pop().flatten())
    }
}
