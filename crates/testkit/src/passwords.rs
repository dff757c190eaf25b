//! Password hashes that cost nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use memcard_domain::account::PasswordHash;
use memcard_domain::ports::{BoxFuture, PasswordVerdict, Passwords, PasswordsError};
use memcard_domain::secret::{Secret, hex};
use sha2::{Digest as _, Sha256};

const CURRENT: &str = "v=2";
const OLDER: &str = "v=1";

/// [`Passwords`] by one salted SHA-256: everything but slow, so that tests of log-ins need no optimised build. Salts
/// are counted, so that hashes are repeatable.
#[derive(Debug, Default)]
pub struct QuickPasswords {
    salts: AtomicU64,
}

impl QuickPasswords {
    /// From the first salt on.
    pub fn new() -> Self {
        Self::default()
    }

    /// A hash of that password with parameters weaker than are current: verifying it right gives
    /// [`PasswordVerdict::Outdated`].
    pub fn outdated_hash(password: &str) -> PasswordHash {
        hash(OLDER, "0", &Secret::new(password))
    }

    fn fresh_hash(&self, password: &Secret) -> PasswordHash {
        let salt = self.salts.fetch_add(1, Ordering::Relaxed).to_string();
        hash(CURRENT, &salt, password)
    }
}

impl Passwords for QuickPasswords {
    fn hash(&self, password: Secret) -> BoxFuture<'_, Result<PasswordHash, PasswordsError>> {
        Box::pin(async move { Ok(self.fresh_hash(&password)) })
    }

    fn verify(
        &self,
        password: Secret,
        against: Option<PasswordHash>,
    ) -> BoxFuture<'_, Result<PasswordVerdict, PasswordsError>> {
        Box::pin(async move {
            let Some(stored) = against else { return Ok(PasswordVerdict::Wrong) };
            let parts: Vec<&str> = stored.0.split('$').collect();
            let ["", "quick", parameters, salt, _] = parts[..] else {
                return Err(PasswordsError(format!("not a quick hash: {} parts", parts.len()).into()));
            };
            Ok(if hash(parameters, salt, &password) != stored {
                PasswordVerdict::Wrong
            } else if parameters == CURRENT {
                PasswordVerdict::Right
            } else {
                PasswordVerdict::Outdated(self.fresh_hash(&password))
            })
        })
    }
}

fn hash(parameters: &str, salt: &str, password: &Secret) -> PasswordHash {
    let digest = Sha256::new()
        .chain_update(parameters)
        .chain_update([0])
        .chain_update(salt)
        .chain_update([0])
        .chain_update(password.expose())
        .finalize();
    PasswordHash(format!("$quick${parameters}${salt}${}", hex(&digest)))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_hash_with_older_parameters_is_replaced_when_its_password_comes() {
        let passwords = QuickPasswords::new();
        let verify = |password: &str, hash: PasswordHash| {
            passwords.verify(Secret::new(password), Some(hash)).now_or_never().unwrap().unwrap()
        };
        let outdated = QuickPasswords::outdated_hash("hunter2");
        assert_eq!(verify("hunter3", outdated.clone()), PasswordVerdict::Wrong);
        let PasswordVerdict::Outdated(fresh) = verify("hunter2", outdated) else { panic!("it is outdated") };
        assert_eq!(verify("hunter2", fresh), PasswordVerdict::Right);
    }

    #[test]
    fn what_is_no_hash_is_an_error() {
        let answer = QuickPasswords::new()
            .verify(Secret::new("x"), Some(PasswordHash("$argon2id$".to_owned())))
            .now_or_never()
            .unwrap();
        assert!(answer.is_err());
    }
}
