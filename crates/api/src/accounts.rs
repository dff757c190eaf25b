//! Accounts and tokens (contract § 1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::DateTime;
use crate::names::{Expiry, GrantType, Role, Scope};

/// `POST /api/token`, a form (RFC 6749 § 4.3.2 and § 6).
#[derive(Deserialize, ToSchema)]
pub struct AccessTokenRequest {
    /// `password` or `refresh_token`.
    #[schema(value_type = GrantType)]
    pub grant_type: String,
    /// Who, for `password`.
    pub username: Option<String>,
    /// Their password.
    pub password: Option<String>,
    /// What for, names with a space between them; left out, everything the user may do.
    pub scope: Option<String>,
    /// For `refresh_token`.
    pub refresh_token: Option<String>,
}

/// An access token with its refresh token.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct AccessToken {
    /// Goes into `Authorization: Bearer`.
    pub access_token: String,
    /// Good once, for the next pair.
    pub refresh_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds that the access token lives.
    pub expires: i64,
    /// Seconds that the refresh token lives.
    pub refresh_expires: i64,
}

/// `POST /api/login` as a form; Basic credentials do as well.
#[derive(Deserialize, ToSchema)]
pub struct LoginForm {
    /// Who.
    pub username: String,
    /// Their password.
    pub password: String,
}

/// `POST /api/users`.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({ "username": "player", "password": "correct horse battery staple", "role": "user" })))]
pub struct NewUser {
    /// Name to log in with, 1 to 255 printable characters without colon.
    #[schema(min_length = 1, max_length = 255)]
    pub username: String,
    /// Password, 1 to 1024 bytes.
    #[schema(min_length = 1, max_length = 1024)]
    pub password: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// `user` (or `viewer`), `editor` or `admin`; left out, `user`. The first account is an admin whatever it says.
    #[schema(value_type = Option<Role>)]
    pub role: Option<String>,
    /// The token printed at the server's first start: needed for the first account, which may also send it as header
    /// `X-Setup-Token`.
    pub setup_token: Option<String>,
}

/// `PUT /api/users/{id}`, JSON or form: members left out stay as they are.
#[derive(Default, Deserialize, ToSchema)]
pub struct UserPatch {
    /// New name.
    #[schema(min_length = 1, max_length = 255)]
    pub username: Option<String>,
    /// New password: ends every other login of the user.
    #[schema(min_length = 1, max_length = 1024)]
    pub password: Option<String>,
    /// New address; empty for none.
    pub email: Option<String>,
    /// New role.
    #[schema(value_type = Option<Role>)]
    pub role: Option<String>,
    /// Whether the account may be used.
    pub enabled: Option<bool>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Id.
    pub id: i32,
    /// Name to log in with.
    pub username: String,
    /// Where to reach them.
    pub email: Option<String>,
    /// Whether the account may be used.
    pub enabled: bool,
    /// `user`, `editor` or `admin`.
    #[schema(value_type = Role)]
    pub role: String,
    /// What they may do, sorted.
    #[schema(value_type = Vec<Scope>)]
    pub oauth_scopes: Vec<String>,
    /// Always empty: Memcard keeps no pictures.
    pub avatar_path: String,
    /// When they last gave their password.
    pub last_login: Option<DateTime>,
    /// When one of their credentials was last used.
    pub last_active: Option<DateTime>,
    /// When the account was made.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
    /// The device that the caller's credential stands for; only ever set for the caller's own row.
    pub current_device_id: Option<Uuid>,
}

/// `GET /api/permissions/me`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Permissions {
    /// Whether the caller is an admin.
    pub is_admin: bool,
    /// Always empty: what one may do follows from role and scopes.
    pub grants: Vec<String>,
    /// What is hidden from the caller.
    pub hidden: Hidden,
}

/// What is hidden: nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hidden {
    /// Platforms.
    pub platforms: Vec<i32>,
    /// Games.
    pub roms: Vec<i32>,
}

/// `POST /api/client-tokens`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(examples(json!({ "name": "Backup script", "scopes": ["assets.read", "roms.read"], "expires_in": "90d" })))]
pub struct NewClientToken {
    /// What to call it, 1 to 255 characters.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// What it may do, at least one scope.
    #[schema(value_type = Vec<Scope>, min_items = 1)]
    pub scopes: Vec<String>,
    /// `30d`, `90d`, `1y` or `never`; left out, never.
    #[schema(value_type = Option<Expiry>)]
    pub expires_in: Option<String>,
}

/// A client token without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClientToken {
    /// Id.
    pub id: i32,
    /// What its owner calls it.
    pub name: String,
    /// What it may do, sorted.
    #[schema(value_type = Vec<Scope>)]
    pub scopes: Vec<String>,
    /// When it ends; null is never.
    pub expires_at: Option<DateTime>,
    /// When it was last used.
    pub last_used_at: Option<DateTime>,
    /// When it was made.
    pub created_at: DateTime,
    /// Whose it is.
    pub user_id: i32,
    /// The device it stands for.
    pub device_id: Option<Uuid>,
}

/// A client token with its secret: shown once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ClientTokenWithSecret {
    /// The token.
    #[serde(flatten)]
    pub token: ClientToken,
    /// `rmm_` and 64 hexadecimal digits.
    pub raw_token: String,
}

/// A client token in the admin's overview.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OwnedClientToken {
    /// The token.
    #[serde(flatten)]
    pub token: ClientToken,
    /// Its owner's name.
    pub username: String,
    /// Always empty: Memcard keeps no pictures.
    pub user_avatar_path: String,
    /// When its owner's account last changed.
    pub user_updated_at: DateTime,
}

/// A code that hands a client token to a device.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PairCode {
    /// 8 symbols.
    pub code: String,
    /// Seconds it is good for.
    pub expires_in: i64,
}

/// `POST /api/client-tokens/exchange`.
#[derive(Deserialize, ToSchema)]
pub struct PairCodeExchange {
    /// The code, in any case, with or without dashes.
    pub code: String,
}
