//! Sync: negotiation and its sessions (contract § 5).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::DateTime;
use crate::plays::{IngestedPlaySessions, ReportedPlaySession};

/// `POST /api/sync/negotiate`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(examples(json!({
    "device_id": "8f2c3a4e-52f1-4a9e-9d0b-0f6f5f3a7c11",
    "saves": [
        {
            "rom_id": 7,
            "file_name": "Tetris (World).srm",
            "slot": "autosave",
            "emulator": "gambatte",
            "content_hash": "5d41402abc4b2a76b9719d911017c592",
            "updated_at": "2026-09-04T11:12:27+00:00",
            "file_size_bytes": 8192,
        },
    ],
})))]
pub struct Negotiate {
    /// The device; left out, the one that the token is bound to.
    pub device_id: Option<String>,
    /// The files that the device has.
    pub saves: Vec<ClientFile>,
}

/// One file that a client names.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ClientFile {
    /// The game.
    pub rom_id: i32,
    /// The file's name.
    #[schema(min_length = 1, max_length = 255)]
    pub file_name: String,
    /// The slot; left out, an archival save.
    #[schema(max_length = 255)]
    pub slot: Option<String>,
    /// The emulator that wrote it.
    pub emulator: Option<String>,
    /// The hash of its content. One that is no MD5 counts as left out.
    pub content_hash: Option<String>,
    /// The file's time.
    pub updated_at: DateTime,
    /// The file's size in bytes.
    pub file_size_bytes: u64,
}

/// What the client should do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "session_id": 12,
    "operations": [
        {
            "action": "upload",
            "rom_id": 7,
            "save_id": null,
            "file_name": "Tetris (World).srm",
            "slot": "autosave",
            "emulator": "gambatte",
            "reason": "The server has no save in this slot",
            "server_updated_at": null,
            "server_content_hash": null,
        },
    ],
    "total_upload": 1,
    "total_download": 0,
    "total_conflict": 0,
    "total_no_op": 0,
})))]
pub struct Plan {
    /// The session that was begun.
    pub session_id: i32,
    /// One per named file, in order, then downloads of saves that were not named.
    pub operations: Vec<Operation>,
    /// How many uploads there are.
    pub total_upload: usize,
    /// How many downloads there are.
    pub total_download: usize,
    /// How many conflicts there are.
    pub total_conflict: usize,
    /// How many files need nothing.
    pub total_no_op: usize,
}

/// What to do with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send it.
    Upload,
    /// Fetch the head.
    Download,
    /// Ask the player.
    Conflict,
    /// Nothing.
    NoOp,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// What to do.
    pub action: Action,
    /// The game.
    pub rom_id: i32,
    /// The head's id; `null` where the server has nothing.
    pub save_id: Option<i32>,
    /// The head's name; the client's own where the server has nothing.
    pub file_name: String,
    /// The slot.
    pub slot: Option<String>,
    /// The head's emulator; the client's own where the server has nothing.
    pub emulator: Option<String>,
    /// Why.
    pub reason: String,
    /// When the head was written; `null` where there is none or the slot is untracked.
    pub server_updated_at: Option<DateTime>,
    /// The head's content hash; `null` where there is none or the slot is untracked.
    pub server_content_hash: Option<String>,
}

/// `POST /api/sync/sessions/{id}/complete`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(examples(json!({ "operations_completed": 3, "operations_failed": 0 })))]
pub struct Complete {
    /// How many operations were done; left out, as many as were counted.
    pub operations_completed: Option<u32>,
    /// How many operations failed; left out, as many as were counted.
    pub operations_failed: Option<u32>,
    /// Play sessions to record along with it; there may be more than 100.
    pub play_sessions: Option<Vec<ReportedPlaySession>>,
}

/// A completed session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompletedSession {
    /// The session.
    pub session: SyncSession,
    /// What became of the play sessions; `null` if none were sent.
    pub play_session_ingest: Option<IngestedPlaySessions>,
}

/// Parameters of `GET /api/sync/sessions`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionParams {
    /// Only of this device; empty is left out.
    pub device_id: Option<String>,
    /// How many at most, cut to 1 to 1000 (default 50).
    #[param(format = Int64, minimum = 0, maximum = 4294967295_i64)]
    pub limit: Option<u32>,
}

/// Where a sync session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SessionStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Ended by its client.
    Completed,
    /// Ended by an error.
    Failed,
    /// Ended by another session of its device.
    Cancelled,
}

/// One sync of one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncSession {
    /// Id.
    pub id: i32,
    /// The device.
    pub device_id: Uuid,
    /// Whose.
    pub user_id: i32,
    /// Where it stands.
    pub status: SessionStatus,
    /// When it began.
    pub initiated_at: DateTime,
    /// When it ended.
    pub completed_at: Option<DateTime>,
    /// Uploads, downloads and conflicts that were planned.
    pub operations_planned: u32,
    /// Operations done.
    pub operations_completed: u32,
    /// Operations failed.
    pub operations_failed: u32,
    /// Why it failed.
    pub error_message: Option<String>,
    /// When it was made.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// The public half of the key pair by which the server logs in to a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SshKey {
    /// A line for the device's `authorized_keys`.
    pub public_key: String,
    /// `SHA256:` and the key's digest in base64.
    pub fingerprint: String,
}
