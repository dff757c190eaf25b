//! Slow hashes of passwords.

use std::error::Error as StdError;

use thiserror::Error;

use super::BoxFuture;
use crate::account::PasswordHash;
use crate::secret::Secret;

/// Hashes and verifies passwords (argon2id, RFC 9106; at least 19 MiB, t=2, p=1). At most two hashes run at once; more
/// callers wait.
pub trait Passwords: Send + Sync {
    /// Hashes a password with the current parameters and a fresh salt.
    ///
    /// # Errors
    /// See [`PasswordsError`].
    fn hash(&self, password: Secret) -> BoxFuture<'_, Result<PasswordHash, PasswordsError>>;

    /// Compares a password with a hash. Without a hash (no such user) it takes as long and says
    /// [`PasswordVerdict::Wrong`].
    ///
    /// # Errors
    /// See [`PasswordsError`].
    fn verify(
        &self,
        password: Secret,
        against: Option<PasswordHash>,
    ) -> BoxFuture<'_, Result<PasswordVerdict, PasswordsError>>;
}

/// What a comparison says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It is the password.
    Right,
    /// It is, and its hash has weaker parameters than are current: this one should take its place.
    Outdated(PasswordHash),
    /// It is not.
    Wrong,
}

/// Hashing failed.
#[derive(Debug, Error)]
#[error("password hashing failed")]
pub struct PasswordsError(#[source] pub Box<dyn StdError + Send + Sync>);
