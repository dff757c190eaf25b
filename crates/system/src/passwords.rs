//! Password hashes: argon2id (RFC 9106) as PHC strings.

use std::panic::resume_unwind;
use std::sync::Arc;

use argon2::password_hash::Error as HashError;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
};
use memcard_domain::account::{MAX_PASSWORD_BYTES, PasswordHash};
use memcard_domain::ports::{BoxFuture, PasswordVerdict, Passwords, PasswordsError, Secrets};
use memcard_domain::secret::Secret;
use tokio::sync::Semaphore;

/// Memory in KiB: 19 MiB.
const MEMORY: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of the hash.
const OUTPUT: usize = 32;
/// Bytes of the salt (RFC 9106 § 3.1).
const SALT: usize = 16;
/// Hashes at once. Each holds its memory and a whole core; logins of others wait, uploads do not.
const AT_ONCE: usize = 2;

const PARAMS: Params = match Params::new(MEMORY, PASSES, LANES, Some(OUTPUT)) {
    Ok(params) => params,
    Err(_) => panic!("the parameters are within argon2's ranges"),
};

/// Hashes passwords with argon2id, 19 MiB, two passes, one lane. Cheap to clone; clones share the limit of two at once.
#[derive(Clone)]
pub struct Argon2Passwords {
    secrets: Arc<dyn Secrets>,
    permits: Arc<Semaphore>,
    /// The hash of a password that nobody knows: what a password is compared with where there is no user.
    nobody: Arc<str>,
}

impl Argon2Passwords {
    /// Salts come from `secrets`. Hashes once, and blocks for as long; meant for the start of a program.
    ///
    /// # Errors
    /// Where the memory for a hash cannot be had.
    pub fn new(secrets: Arc<dyn Secrets>) -> Result<Self, PasswordsError> {
        let nobody = hash(&Secret::random_hex(&*secrets), &*secrets)?;
        Ok(Self { secrets, permits: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.0.into() })
    }

    /// Runs work on a blocking thread when it is its turn. Its turn lasts until it is done, even if the future is dropped.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordsError> + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let turn =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|error| PasswordsError(error.into()))?;
        let done = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(turn);
            answer
        });
        match done.await {
            Ok(answer) => answer,
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            Err(ended) => Err(PasswordsError(ended.into())),
        }
    }
}

impl Passwords for Argon2Passwords {
    /// Hashes a password.
    ///
    /// # Errors
    /// A password of more than 1,024 bytes, and where the memory cannot be had.
    fn hash(&self, password: Secret) -> BoxFuture<'_, Result<PasswordHash, PasswordsError>> {
        Box::pin(async move {
            if is_too_long(&password) {
                return Err(PasswordsError("a password longer than 1024 bytes is not hashed".into()));
            }
            let secrets = Arc::clone(&self.secrets);
            self.in_turn(move || hash(&password, &*secrets)).await
        })
    }

    /// Compares. A password of more than 1,024 bytes is wrong at once, whoever the user: it was never hashed.
    ///
    /// # Errors
    /// A hash that is no argon2 PHC string, and where the memory cannot be had.
    fn verify(
        &self,
        password: Secret,
        against: Option<PasswordHash>,
    ) -> BoxFuture<'_, Result<PasswordVerdict, PasswordsError>> {
        Box::pin(async move {
            if is_too_long(&password) {
                return Ok(PasswordVerdict::Wrong);
            }
            let (secrets, nobody) = (Arc::clone(&self.secrets), Arc::clone(&self.nobody));
            self.in_turn(move || {
                let against = against.as_ref().map_or(&*nobody, |hash| hash.0.as_str());
                verify(&password, against, &*secrets)
            })
            .await
        })
    }
}

fn is_too_long(password: &Secret) -> bool {
    password.expose().len() > MAX_PASSWORD_BYTES
}

fn hash(password: &Secret, secrets: &dyn Secrets) -> Result<PasswordHash, PasswordsError> {
    let mut salt = [0; SALT];
    secrets.fill(&mut salt);
    let hash = argon2id().hash_password_with_salt(password.expose().as_bytes(), &salt).map_err(failed)?;
    Ok(PasswordHash(hash.to_string()))
}

fn verify(
    password: &Secret,
    against: &str,
    secrets: &dyn Secrets,
) -> Result<PasswordVerdict, PasswordsError> {
    let against = Phc::new(against).map_err(|error| PasswordsError(error.into()))?;
    match argon2id().verify_password(password.expose().as_bytes(), &against) {
        Ok(()) if is_current(&against) => Ok(PasswordVerdict::Right),
        Ok(()) => hash(password, secrets).map(PasswordVerdict::Outdated),
        Err(HashError::PasswordInvalid) => Ok(PasswordVerdict::Wrong),
        Err(error) => Err(failed(error)),
    }
}

/// Whether nothing about the hash is weaker than it would be today.
fn is_current(hash: &Phc) -> bool {
    let Ok(params) = Params::try_from(hash) else { return false };
    hash.algorithm == ARGON2ID_IDENT
        && hash.version == Some(Version::V0x13.into())
        && params.m_cost() >= MEMORY
        && params.t_cost() >= PASSES
        && hash.salt.as_ref().is_some_and(|salt| salt.len() >= SALT)
        && hash.hash.as_ref().is_some_and(|output| output.len() >= OUTPUT)
}

fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

fn failed(error: HashError) -> PasswordsError {
    PasswordsError(error.into())
}

#[cfg(test)]
mod tests;
