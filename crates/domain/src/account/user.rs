//! Users.

use std::fmt;

use thiserror::Error;

use super::{Role, ScopeSet};
use crate::ids::UserId;
use crate::time::Timestamp;

/// Someone with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to log in with, unique without regard to case.
    pub username: Username,
    /// Where to reach them; may be missing.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// A disabled user's every credential is refused.
    pub enabled: bool,
    /// The slow hash of the password, as a PHC string.
    pub password: PasswordHash,
    /// When they last gave their password.
    pub last_login_at: Option<Timestamp>,
    /// When one of their credentials was last used (kept to the nearest five minutes).
    pub last_active_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the account last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// The scopes the user holds now: none when disabled.
    pub const fn scopes(&self) -> ScopeSet {
        if self.enabled { self.role.scopes() } else { ScopeSet::EMPTY }
    }
}

/// A user to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The name to log in with.
    pub username: Username,
    /// Where to reach them.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// The slow hash of the password.
    pub password: PasswordHash,
    /// Now.
    pub created_at: Timestamp,
}

/// The name of a user: 1 to 255 characters, without control characters or white space around it. Two names are the
/// same when their [`key`](Username::key)s are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Takes a name, without the white space around it.
    ///
    /// # Errors
    /// An empty, overlong or unprintable one.
    pub fn new(name: &str) -> Result<Self, InvalidUser> {
        let name = name.trim();
        if name.is_empty()
            || name.chars().count() > 255
            || name.chars().any(char::is_control)
            || name.contains(':')
        {
            return Err(InvalidUser::Username);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which names are compared: lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an account's fields may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidUser {
    /// The name is empty, too long or unprintable, or holds a colon (which Basic credentials cannot carry, RFC 7617
    /// § 2).
    #[error("username must have 1 to 255 printable characters and no colon")]
    Username,
    /// The password is empty or too long.
    #[error("password must have 1 to 1024 bytes")]
    Password,
}

/// A password's slow hash as a PHC string. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
