//! Interactive logins: what a password buys. A browser gets a session cookie, a program an access and a refresh token.
//! All are opaque, kept as digests, and die with logout, a change of password or of role.

use chrono::Duration;
use sha2::{Digest as _, Sha256};

use super::ScopeSet;
use crate::ids::{DeviceId, LoginId, UserId};
use crate::secret::{Secret, SecretDigest, hex};
use crate::time::Timestamp;

/// How long an access token from `POST /api/token` lives.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::minutes(15);
/// How long its refresh token lives.
pub const REFRESH_TOKEN_LIFE: Duration = Duration::days(30);
/// How long a browser's session lives without use.
pub const BROWSER_IDLE_LIFE: Duration = Duration::days(14);
/// How long a browser's session lives at most.
pub const BROWSER_ABSOLUTE_LIFE: Duration = Duration::days(90);

/// One interactive login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// Whose it is.
    pub user: UserId,
    /// Digest of the cookie or the access token.
    pub digest: SecretDigest,
    /// Browser or program.
    pub kind: LoginKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used (kept to the nearest five minutes).
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// What kind of login it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginKind {
    /// A browser's session cookie.
    Browser {
        /// The user's "web" device that stands for this browser, if one was made.
        device: Option<DeviceId>,
    },
    /// An access token with its refresh token.
    Api {
        /// What was asked for, at most the user's own.
        scopes: ScopeSet,
        /// Digest of the refresh token; redeeming it replaces this login.
        refresh: SecretDigest,
        /// When the refresh token ends.
        refresh_expires_at: Timestamp,
    },
}

impl Login {
    /// Whether the cookie or access token is good at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let idle = match self.kind {
            LoginKind::Browser { .. } => now - self.last_used_at >= BROWSER_IDLE_LIFE,
            LoginKind::Api { .. } => false,
        };
        now < self.expires_at && !idle
    }
}

/// A login to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogin {
    /// Whose it is.
    pub user: UserId,
    /// Digest of the cookie or the access token.
    pub digest: SecretDigest,
    /// Browser or program.
    pub kind: LoginKind,
    /// Now.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// The token that a browser's forms must carry: derived from its cookie, so that nothing more has to be kept.
pub fn csrf_token(cookie: &Secret) -> Secret {
    let mut hash = Sha256::new();
    hash.update(b"memcard csrf\0");
    hash.update(cookie.expose().as_bytes());
    Secret::new(hex(&hash.finalize()))
}
