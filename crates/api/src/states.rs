//! States: snapshots of a running emulator.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::DateTime;
use crate::screenshots::Screenshot;

/// Parameters of `POST /api/states`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadParams {
    /// The game.
    pub rom_id: i32,
    /// The emulator that wrote it, at most 50 characters; empty is left out.
    pub emulator: Option<String>,
}

/// The parts of the body of `POST /api/states`.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = StateUpload)]
pub struct UploadBody {
    /// The state. Its file name is the state's.
    #[schema(rename = "stateFile", value_type = String, format = Binary)]
    pub state_file: Vec<u8>,
    /// A picture of it, at most 16 MiB.
    #[schema(rename = "screenshotFile", value_type = Option<String>, format = Binary)]
    pub screenshot_file: Option<Vec<u8>>,
}

/// The parts of the body of `PUT /api/states/{id}`: one of them, or both.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = StateEdit)]
pub struct EditBody {
    /// The new bytes. The state keeps its name.
    #[schema(rename = "stateFile", value_type = Option<String>, format = Binary)]
    pub state_file: Option<Vec<u8>>,
    /// Another picture, at most 16 MiB.
    #[schema(rename = "screenshotFile", value_type = Option<String>, format = Binary)]
    pub screenshot_file: Option<Vec<u8>>,
}

/// Parameters of `GET /api/states`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Only of this game.
    pub rom_id: Option<i32>,
    /// Only of games of this platform.
    pub platform_id: Option<i32>,
}

/// The body of `POST /api/states/delete`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeleteStates {
    /// The ids of the states; all are deleted or none.
    pub states: Vec<i32>,
}

/// A state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct State {
    /// Id. No id of a save.
    pub id: i32,
    /// The game.
    pub rom_id: i32,
    /// Whose it is.
    pub user_id: i32,
    /// The name that was sent.
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
    /// Always false: states are not files of a library.
    pub missing_from_fs: bool,
    /// When the row was made.
    pub created_at: DateTime,
    /// When its bytes were written.
    pub updated_at: DateTime,
    /// The emulator that wrote it: states of two emulators are two, whatever their names.
    pub emulator: Option<String>,
    /// MD5 of the file or of a zip's entries; `null` for an unreadable zip.
    pub content_hash: Option<String>,
    /// Whether other users may fetch it.
    pub is_public: bool,
    /// A picture of it.
    pub screenshot: Option<Screenshot>,
}
