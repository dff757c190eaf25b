//! Play sessions: when what was played, and for how long.

mod ingestion;
mod reading;

use crate::ids::{DeviceId, GameId, PlaySessionId, SessionId, UserId};
use crate::time::Timestamp;

pub use ingestion::{
    IngestError, Ingested, MAX_CLOCK_LEAD, MAX_REPORTED, ReportOrigin, Reported, ingest, ingest_all,
};
pub use reading::{PlayError, PlaySessionNotFound, delete, list};

/// One stretch of play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaySession {
    /// Its id.
    pub id: PlaySessionId,
    /// What was played.
    pub played: NewPlaySession,
}

/// A play session to be recorded. (user, device, game, start) is unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlaySession {
    /// Who played.
    pub user: UserId,
    /// Where; `None` if unknown.
    pub device: Option<DeviceId>,
    /// What; `None` if unknown.
    pub game: Option<GameId>,
    /// The slot that was played.
    pub save_slot: Option<String>,
    /// The sync session it was reported with.
    pub sync_session: Option<SessionId>,
    /// Start, cut to seconds.
    pub start: Timestamp,
    /// End, cut to seconds, after the start.
    pub end: Timestamp,
    /// Time played in milliseconds, pauses left out.
    pub duration_ms: i64,
    /// When it was reported.
    pub reported_at: Timestamp,
}

/// Which play sessions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlayFilter {
    /// Only of this game.
    pub game: Option<GameId>,
    /// Only of this device.
    pub device: Option<DeviceId>,
    /// Only those that started at or after this.
    pub start_after: Option<Timestamp>,
    /// Only those that ended at or before this.
    pub end_before: Option<Timestamp>,
    /// How many at most; `None` is all.
    pub limit: Option<u64>,
    /// How many to skip.
    pub offset: u64,
}
