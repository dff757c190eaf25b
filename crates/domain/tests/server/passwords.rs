//! Passwords hashed by writing them down, in an old and a new way: how slow hashing is, is not what these tests are
//! about.

use memcard_domain::account::PasswordHash;
use memcard_domain::ports::{BoxFuture, PasswordVerdict, Passwords, PasswordsError};
use memcard_domain::secret::Secret;

pub struct WrittenDown;

/// The hash that is current.
pub fn new_hash(password: &str) -> PasswordHash {
    PasswordHash(format!("new {password}"))
}

/// A hash with weaker parameters.
pub fn old_hash(password: &str) -> PasswordHash {
    PasswordHash(format!("old {password}"))
}

impl Passwords for WrittenDown {
    fn hash(&self, password: Secret) -> BoxFuture<'_, Result<PasswordHash, PasswordsError>> {
        Box::pin(async move { Ok(new_hash(password.expose())) })
    }

    fn verify(
        &self,
        password: Secret,
        against: Option<PasswordHash>,
    ) -> BoxFuture<'_, Result<PasswordVerdict, PasswordsError>> {
        Box::pin(async move {
            let new = new_hash(password.expose());
            Ok(match against {
                Some(hash) if hash == new => PasswordVerdict::Right,
                Some(hash) if hash == old_hash(password.expose()) => PasswordVerdict::Outdated(new),
                _ => PasswordVerdict::Wrong,
            })
        })
    }
}
