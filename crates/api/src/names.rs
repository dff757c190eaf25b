//! Names of which there is a closed set. On the wire they are texts: a handler reads them, and refuses an unknown one in
//! the contract's words; here stands which there are, for the API's description.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a credential may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "each variant is its wire name")]
pub enum Scope {
    #[serde(rename = "me.read")]
    MeRead,
    #[serde(rename = "me.write")]
    MeWrite,
    #[serde(rename = "roms.read")]
    RomsRead,
    #[serde(rename = "roms.write")]
    RomsWrite,
    #[serde(rename = "roms.user.read")]
    RomsUserRead,
    #[serde(rename = "roms.user.write")]
    RomsUserWrite,
    #[serde(rename = "platforms.read")]
    PlatformsRead,
    #[serde(rename = "platforms.write")]
    PlatformsWrite,
    #[serde(rename = "assets.read")]
    AssetsRead,
    #[serde(rename = "assets.write")]
    AssetsWrite,
    #[serde(rename = "devices.read")]
    DevicesRead,
    #[serde(rename = "devices.write")]
    DevicesWrite,
    #[serde(rename = "firmware.read")]
    FirmwareRead,
    #[serde(rename = "firmware.write")]
    FirmwareWrite,
    #[serde(rename = "collections.read")]
    CollectionsRead,
    #[serde(rename = "collections.write")]
    CollectionsWrite,
    #[serde(rename = "playlists.read")]
    PlaylistsRead,
    #[serde(rename = "playlists.write")]
    PlaylistsWrite,
    #[serde(rename = "users.read")]
    UsersRead,
    #[serde(rename = "users.write")]
    UsersWrite,
    #[serde(rename = "tasks.run")]
    TasksRun,
    #[serde(rename = "logs.read")]
    LogsRead,
}

/// What a user is. `viewer` is taken for `user` and never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Plays.
    User,
    /// The same.
    Viewer,
    /// Looks after the catalogue too.
    Editor,
    /// May do everything.
    Admin,
}

/// How a device syncs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// It negotiates over this API.
    Api,
    /// Through a folder.
    FileTransfer,
    /// The server connects to it.
    PushPull,
}

/// How long a client token lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Expiry {
    /// 30 days.
    #[serde(rename = "30d")]
    Days30,
    /// 90 days.
    #[serde(rename = "90d")]
    Days90,
    /// A year.
    #[serde(rename = "1y")]
    Year,
    /// For ever.
    #[serde(rename = "never")]
    Never,
}

/// What an access token is asked for with (RFC 6749 § 4.3.2 and § 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// Name and password.
    Password,
    /// A refresh token.
    RefreshToken,
}
