//! Play sessions (contract § 5).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::DateTime;

/// `POST /api/play-sessions`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(examples(json!({
    "device_id": "8f2c3a4e-52f1-4a9e-9d0b-0f6f5f3a7c11",
    "sessions": [
        {
            "rom_id": 7,
            "save_slot": "autosave",
            "start_time": "2026-09-04T10:30:00+00:00",
            "end_time": "2026-09-04T11:12:27+00:00",
            "duration_ms": 2400000,
        },
    ],
})))]
pub struct NewPlaySessions {
    /// The device; left out, the one that the token is bound to. An unknown one is stored as none.
    pub device_id: Option<String>,
    /// 1 to 100 sessions.
    #[schema(min_items = 1, max_items = 100)]
    pub sessions: Vec<ReportedPlaySession>,
}

/// One stretch of play, as a client reports it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportedPlaySession {
    /// What was played. An unknown game is stored as none.
    pub rom_id: Option<i32>,
    /// The slot that was played.
    pub save_slot: Option<String>,
    /// Start; cut to seconds.
    pub start_time: DateTime,
    /// End, after the start; cut to seconds.
    pub end_time: DateTime,
    /// Time played in milliseconds, pauses left out, not negative.
    pub duration_ms: u64,
}

/// What became of reported play sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IngestedPlaySessions {
    /// One per session, in order.
    pub results: Vec<IngestedPlaySession>,
    /// How many were recorded.
    pub created_count: usize,
    /// How many were not.
    pub skipped_count: usize,
}

/// Whether a reported play session was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IngestStatus {
    /// It was.
    Created,
    /// It was there already.
    Duplicate,
    /// It cannot be.
    Error,
}

/// What became of one reported play session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IngestedPlaySession {
    /// Its position in the request.
    pub index: usize,
    /// Whether it was recorded.
    pub status: IngestStatus,
    /// Its id, where it was recorded.
    pub id: Option<i32>,
    /// Why not, where it is an error.
    pub detail: Option<String>,
}

/// Parameters of `GET /api/play-sessions`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlaySessionParams {
    /// Only of this game.
    pub rom_id: Option<i32>,
    /// Only of this device; left out or empty, the one that the token is bound to.
    pub device_id: Option<String>,
    /// Only those that started at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub start_after: Option<DateTime>,
    /// Only those that ended at or before this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub end_before: Option<DateTime>,
    /// How many at most (default 50); a time range lifts the limit.
    #[param(format = Int64, minimum = 0, maximum = 4294967295_i64)]
    pub limit: Option<u32>,
    /// How many to skip.
    #[param(format = Int64, minimum = 0, maximum = 4294967295_i64)]
    pub offset: Option<u32>,
}

/// One stretch of play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlaySession {
    /// Id.
    pub id: i32,
    /// Who played.
    pub user_id: i32,
    /// Where.
    pub device_id: Option<Uuid>,
    /// What.
    pub rom_id: Option<i32>,
    /// In which slot.
    pub save_slot: Option<String>,
    /// The sync session it was reported with.
    pub sync_session_id: Option<i32>,
    /// Start.
    pub start_time: DateTime,
    /// End.
    pub end_time: DateTime,
    /// Time played in milliseconds.
    pub duration_ms: i64,
    /// When it was reported.
    pub created_at: DateTime,
    /// When it was reported: play sessions do not change.
    pub updated_at: DateTime,
}
