//! Passwords hashed by writing them down, in an old and a new way; as slow, in turns that others take, as a test says.

use memcard_domain::account::PasswordHash;
use memcard_domain::ports::{BoxFuture, PasswordVerdict, Passwords, PasswordsError};
use memcard_domain::secret::Secret;
use tokio::sync::Semaphore;

pub struct WrittenDown {
    /// How many others go first while one compares.
    turns: usize,
    /// The port lets two hash at once.
    places: Semaphore,
}

impl WrittenDown {
    pub fn taking(turns: usize) -> Self {
        Self { turns, places: Semaphore::new(2) }
    }
}

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
            let _place = self.places.acquire().await;
            for _ in 0..self.turns {
                tokio::task::yield_now().await;
            }
            let new = new_hash(password.expose());
            Ok(match against {
                Some(hash) if hash == new => PasswordVerdict::Right,
                Some(hash) if hash == old_hash(password.expose()) => PasswordVerdict::Outdated(new),
                _ => PasswordVerdict::Wrong,
            })
        })
    }
}
