//! Saves (contract § 4).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::nullable::present;
use crate::screenshots::Screenshot;
use crate::{DateTime, query};

/// Parameters of `POST /api/saves`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadParams {
    /// The game.
    pub rom_id: i32,
    /// The emulator that wrote it, at most 50 characters.
    #[param(max_length = 50)]
    pub emulator: Option<String>,
    /// The slot, at most 255 characters; the empty name is a name. Left out: an archival save.
    #[serde(default, deserialize_with = "query::text")]
    #[param(max_length = 255)]
    pub slot: Option<String>,
    /// The device it comes from; empty is left out.
    pub device_id: Option<String>,
    /// The sync session it belongs to.
    pub session_id: Option<i32>,
    /// Whether it replaces the head in any case (default false).
    #[serde(default, deserialize_with = "query::flag")]
    pub overwrite: Option<bool>,
    /// Whether older saves of the slot are hidden afterwards (default false).
    #[serde(default, deserialize_with = "query::flag")]
    pub autocleanup: Option<bool>,
    /// How many saves of the slot stay visible then, clamped to 1 to 100 (default 10).
    pub autocleanup_limit: Option<i64>,
}

/// The parts of the body of `POST /api/saves`.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = SaveUpload)]
pub struct UploadBody {
    /// The save. Its file name is the save's.
    #[schema(rename = "saveFile", value_type = String, format = Binary)]
    pub save_file: Vec<u8>,
    /// A picture of it, at most 16 MiB.
    #[schema(rename = "screenshotFile", value_type = Option<String>, format = Binary)]
    pub screenshot_file: Option<Vec<u8>>,
}

/// Parameters of `PUT /api/saves/{id}`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EditParams {
    /// The device that edits; empty is left out. Without one the edit is never refused.
    pub device_id: Option<String>,
}

/// The parts of the body of `PUT /api/saves/{id}`.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = SaveEdit)]
pub struct EditBody {
    /// The save's new bytes. The file's name is not taken over.
    #[schema(rename = "saveFile", value_type = Option<String>, format = Binary)]
    pub save_file: Option<Vec<u8>>,
    /// A picture of them; without them, of what the save has.
    #[schema(rename = "screenshotFile", value_type = Option<String>, format = Binary)]
    pub screenshot_file: Option<Vec<u8>>,
}

/// Parameters of `GET /api/saves`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only of this game.
    pub rom_id: Option<i32>,
    /// Only of games of this platform.
    pub platform_id: Option<i32>,
    /// The device that asks; empty is left out.
    pub device_id: Option<String>,
    /// Only of this slot; the empty name is a name.
    #[serde(default, deserialize_with = "query::text")]
    pub slot: Option<String>,
}

/// Parameters of `GET /api/saves/summary`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryParams {
    /// The game.
    pub rom_id: i32,
}

/// Parameters of `GET /api/saves/history`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// The game.
    pub rom_id: i32,
    /// Only of this slot, with the files that accompany its main saves; the empty name is a name. Left out: of every slot
    /// and of the archival saves.
    #[serde(default, deserialize_with = "query::text")]
    pub slot: Option<String>,
}

/// Parameters of `GET /api/saves/{id}`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FindParams {
    /// The device that asks; empty is left out.
    pub device_id: Option<String>,
}

/// Parameters of `GET /api/saves/{id}/content`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContentParams {
    /// The device that downloads; empty is left out.
    pub device_id: Option<String>,
    /// The sync session it belongs to.
    pub session_id: Option<i32>,
    /// Whether the device counts as current once the body was sent (default true); otherwise it will say `downloaded`.
    #[serde(default, deserialize_with = "query::flag")]
    pub optimistic: Option<bool>,
}

/// The body of `POST /api/saves/{id}/downloaded`, `…/track` and `…/untrack`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NamedDevice {
    /// The device.
    pub device_id: String,
}

/// The body of `POST /api/saves/delete`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeleteSaves {
    /// The ids of the saves; all are deleted or none.
    #[schema(min_items = 1)]
    pub saves: Vec<i32>,
}

/// The body of `PUT /api/saves/{id}/visibility`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Visibility {
    /// Whether other users may fetch the save.
    pub is_public: bool,
}

/// The body of `PUT /api/saves/versions/{id}`. What is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct VersionPatch {
    /// Whether autocleanup and retention leave the version alone; `null` is left out.
    pub pinned: Option<bool>,
    /// What its owner calls it, at most 255 characters; `null` and blank text take the label away.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub label: Option<Option<String>>,
}

/// The body of `POST /api/saves/forks/{id}/resolve`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Resolve {
    /// What shall stay.
    pub keep: Keep,
}

/// What stays of two conflicting saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The head. To delete a fork says the same.
    Head,
    /// The fork: its content becomes the head.
    Fork,
    /// Both: the fork's content goes to a slot of its own, which syncs on a device once it is tracked there.
    Both,
}

/// A save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Save {
    /// Id.
    pub id: i32,
    /// The game.
    pub rom_id: i32,
    /// Whose it is.
    pub user_id: i32,
    /// The name it is shown under; in a slot with the instant's tag.
    pub file_name: String,
    /// The name without extension and without the `(…)` and `[…]` groups at its end.
    pub file_name_no_tags: String,
    /// The name without extension.
    pub file_name_no_ext: String,
    /// The extension, without dot.
    pub file_extension: String,
    /// A folder to show, no path on the server's disk.
    pub file_path: String,
    /// Size in bytes.
    pub file_size_bytes: u64,
    /// `file_path` and `file_name`.
    pub full_path: String,
    /// Where its bytes are, from the server's root.
    pub download_path: String,
    /// Always false: saves are not files of a library.
    pub missing_from_fs: bool,
    /// When the row was made.
    pub created_at: DateTime,
    /// When its bytes were written: strictly increasing within a slot.
    pub updated_at: DateTime,
    /// The emulator that wrote it.
    pub emulator: Option<String>,
    /// The slot; `null` for an archival save.
    pub slot: Option<String>,
    /// MD5 of the file or of a zip's entries; `null` for an unreadable zip.
    pub content_hash: Option<String>,
    /// Whether other users may fetch it.
    pub is_public: bool,
    /// A picture of it.
    pub screenshot: Option<Screenshot>,
    /// The device that brought it.
    pub origin_device_id: Option<Uuid>,
    /// What devices know of it, the asking one first; empty where no device asks.
    pub device_syncs: Vec<DeviceSync>,
}

/// What is known of one device and one save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeviceSync {
    /// The device.
    pub device_id: Uuid,
    /// Its name.
    pub device_name: Option<String>,
    /// When it was last in sync; the save's `updated_at` if it never was.
    pub last_synced_at: DateTime,
    /// Whether the slot does not sync there.
    pub is_untracked: bool,
    /// Whether this version is what the device holds.
    pub is_current: bool,
}

/// A refused upload, whose bytes are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UploadConflict {
    /// `Slot has a newer save since your last sync` or `Save has been updated since your last sync`.
    pub detail: String,
    /// `conflict`.
    pub error: String,
    /// Why, for people.
    pub message: String,
    /// The head's id.
    pub save_id: i32,
    /// When the head was written.
    pub current_save_time: DateTime,
    /// When the device was last in sync; `null` if it never was.
    pub device_sync_time: Option<DateTime>,
    /// The head, which stays.
    pub head: Save,
    /// The version that holds the refused bytes: a fork, or one that had them already.
    pub fork: Option<Version>,
}

/// A version in the history: a save object and what is said of the version that its row names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// The row that names it. A deleted row is not found by its id any more; the version is.
    #[serde(flatten)]
    pub save: Save,
    /// The version's id.
    pub version_id: i32,
    /// The version that its content derives from: what the writer held, or what was restored or merged.
    pub parent_id: Option<i32>,
    /// How it came about: `upload`, `overwrite`, `web_upload` (an upload without a device), `edit_in_place`, `restore` or
    /// `merge` (a fork that was kept).
    pub kind: String,
    /// What it is now, of these the first that applies. `fork_open`, `fork_kept_head`, `fork_kept_fork`, `fork_kept_both`,
    /// `fork_dismissed`: refused, and what became of it. `head`: its slot stands at it. `deleted`: its row was deleted.
    /// `set_aside`: a head that was replaced by somebody who is not known to have had it. `cleaned`: hidden by autocleanup.
    /// `replaced`: another took its place under its old id. `line`: an older one that is listed.
    pub state: String,
    /// Whether its bytes are present. Retention takes bytes and leaves the rest.
    pub held: bool,
    /// Whether its owner pinned it.
    pub pinned: bool,
    /// What its owner calls it.
    pub label: Option<String>,
}

/// A fork that is resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Resolution {
    /// What stays.
    pub keep: Keep,
    /// What the fork is now.
    pub fork: Version,
    /// What its slot stands at now; `null` where it is empty.
    pub head: Option<Version>,
    /// Where both stay, the fork's content in a slot of its own.
    pub copy: Option<Version>,
}

/// A game's saves by slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// How many saves are listed.
    pub total_count: usize,
    /// The slots, the one written last first.
    pub slots: Vec<SlotSummary>,
}

/// One slot of a game.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlotSummary {
    /// Its name; `null` for the archival saves together.
    pub slot: Option<String>,
    /// How many saves are listed in it.
    pub count: usize,
    /// The newest of them; of files that accompany one another the main save.
    pub latest: Save,
}
