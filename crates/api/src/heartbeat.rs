//! `GET /api/heartbeat` (contract § 0, rule 7).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The version of the API level spoken: clients gate on it, and some refuse anything but a plain triple.
pub const API_LEVEL: &str = "5.1.0";

/// What the server says of itself before anybody has logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heartbeat {
    /// What clients gate on.
    #[serde(rename = "SYSTEM")]
    pub system: System,
    /// Memcard's own.
    #[serde(rename = "MEMCARD")]
    pub memcard: Memcard,
}

/// What clients gate on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct System {
    /// [`API_LEVEL`].
    #[serde(rename = "VERSION")]
    pub version: String,
    /// Whether nobody has an account yet.
    #[serde(rename = "SHOW_SETUP_WIZARD")]
    pub show_setup_wizard: bool,
}

/// Memcard's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Memcard {
    /// The server's version.
    #[serde(rename = "VERSION")]
    pub version: String,
}
