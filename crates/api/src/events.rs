//! Events: what `GET /api/events` tells, as server-sent events. The event's name says which of these its data is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The data of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EventData {
    /// `sync:started`.
    SyncStarted(SyncStarted),
    /// `sync:progress`.
    SyncProgress(SyncProgress),
    /// `sync:completed`.
    SyncCompleted(SyncCompleted),
    /// `sync:conflict`.
    SyncConflict(SyncConflict),
    /// `sync:error`.
    SyncError(SyncError),
    /// `save:uploaded`, `save:downloaded`, `save:tracked` and `save:untracked`.
    Save(SaveEvent),
    /// `save:deleted`.
    SaveDeleted(SaveDeleted),
    /// `pairing:opened`, `pairing:approved`, `pairing:denied` and `pairing:completed`.
    Pairing(PairingEvent),
    /// `device:registered`, `device:updated` and `device:deleted`.
    Device(DeviceEvent),
    /// `library:scan_completed`.
    ScanCompleted(ScanCompleted),
    /// `library:scan_progress`.
    ScanProgress(ScanProgress),
    /// `library:scan_started`, and the stream's own `ready` and `reset`: no members.
    Nothing(Nothing),
}

/// A sync began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncStarted {
    /// The device.
    pub device_id: Uuid,
    /// Its session.
    pub session_id: Option<i32>,
    /// `api`, `file_transfer` or `push_pull`.
    pub sync_mode: String,
}

/// One more operation of a sync is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncProgress {
    /// The device.
    pub device_id: Uuid,
    /// Its session.
    pub session_id: Option<i32>,
    /// How many operations are done.
    pub completed: u32,
    /// How many were planned.
    pub planned: u32,
    /// Which file it was.
    pub current_file: String,
}

/// A sync ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncCompleted {
    /// The device.
    pub device_id: Uuid,
    /// Its session.
    pub session_id: Option<i32>,
    /// How many operations were done.
    pub operations_completed: u32,
    /// How many failed.
    pub operations_failed: u32,
}

/// Both sides changed. Nothing of either was replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncConflict {
    /// The device.
    pub device_id: Uuid,
    /// The session it said it was in, if any.
    pub session_id: Option<i32>,
    /// The file.
    pub file_name: String,
    /// The game.
    pub rom_id: i32,
    /// Why, as a player reads it.
    pub reason: String,
}

/// A sync broke off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncError {
    /// The device.
    pub device_id: Uuid,
    /// Its session.
    pub session_id: Option<i32>,
    /// Why.
    pub error: String,
}

/// Something happened to a save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SaveEvent {
    /// The save.
    pub save_id: i32,
    /// Its game.
    pub rom_id: i32,
    /// Its slot.
    pub slot: Option<String>,
    /// Its file's name.
    pub file_name: String,
    /// The device that did it, if one was named.
    pub device_id: Option<Uuid>,
}

/// A save was deleted. Its bytes stay in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SaveDeleted {
    /// The save.
    pub save_id: i32,
}

/// Something happened to a pairing that the user holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PairingEvent {
    /// The pairing.
    pub pairing_id: Uuid,
    /// The device, once it has its token.
    pub device_id: Option<Uuid>,
}

/// Something happened to a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeviceEvent {
    /// The device.
    pub device_id: Uuid,
}

/// A scan of the library goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScanProgress {
    /// How many games were looked at.
    pub scanned: u64,
}

/// A scan of the library ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScanCompleted {
    /// How many games were looked at.
    pub scanned: u64,
    /// How many of them are new.
    pub added: u64,
}

/// No members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Nothing {}
