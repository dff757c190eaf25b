//! Screenshots (contract § 4).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::DateTime;

/// Parameters of `POST /api/screenshots`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AddParams {
    /// The game.
    pub rom_id: i32,
}

/// The parts of the body of `POST /api/screenshots`.
#[derive(Debug, Clone, ToSchema)]
pub struct AddBody {
    /// The picture, at most 16 MiB. Where its file name without extension is that of a state or a save, it becomes that
    /// one's.
    #[schema(rename = "screenshotFile", value_type = String, format = Binary)]
    pub screenshot_file: Vec<u8>,
}

/// A screenshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Screenshot {
    /// Id. A newer picture of the same save has another.
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
    /// Always false: screenshots are not files of a library.
    pub missing_from_fs: bool,
    /// When it was taken in.
    pub created_at: DateTime,
    /// The same: a picture does not change.
    pub updated_at: DateTime,
    /// Whether it stands alone: a picture of a game, not of a save or a state.
    pub is_gallery: bool,
    /// Whether other users may fetch it: they may where they may fetch what it shows.
    pub is_public: bool,
}
