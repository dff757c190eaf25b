//! Passwords: comparing them, and the throttle on wrong ones.
//!
//! Invariants: an unknown or disabled user takes as long to refuse as a wrong password; while an account or an address
//! is locked a right password is refused too.

use thiserror::Error;

use super::{InvalidUser, PasswordHash, User, Username};
use crate::limit::{
    Limit, LimitError, Limited, WRONG_PASSWORDS_PER_ACCOUNT, WRONG_PASSWORDS_PER_ADDRESS, network,
};
use crate::ports::{PasswordVerdict, PasswordsError, Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The longest password in bytes: slow hashes of anything longer would be a way to keep the server busy.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Why a password was not accepted.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Name and password do not belong together, or the user is disabled.
    #[error("wrong username or password")]
    Wrong,
    /// There were too many wrong ones.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Comparing failed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LimitError> for PasswordError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::Limited(limited),
            LimitError::Store(store) => Self::Store(store),
        }
    }
}

/// Checks name and password of a person who logs in, and notes the login; a hash with outdated parameters is replaced.
///
/// # Errors
/// See [`PasswordError`].
pub async fn check_password(
    ports: &Ports,
    username: &str,
    password: Secret,
    address: &str,
) -> Result<User, PasswordError> {
    loop {
        let verified = verify(ports, username, password.clone(), address).await?;
        let now = ports.clock.now();
        let noted = ports.store.transact(move |tx| note_login(tx, now, verified)).await?;
        // Where the hash was replaced between reading and noting it, the password is compared with the new one.
        if let Some(user) = noted {
            return Ok(user);
        }
    }
}

/// A user whose password was right.
pub(super) struct Verified {
    pub(super) user: User,
    /// What shall take the place of the user's hash.
    renewed: Option<PasswordHash>,
}

/// Compares, counts wrong ones and refuses while there were too many. Changes nothing of the user.
pub(super) async fn verify(
    ports: &Ports,
    username: &str,
    password: Secret,
    address: &str,
) -> Result<Verified, PasswordError> {
    let key = Username::new(username).ok().map(|name| name.key());
    let throttle = Throttle::of(key.as_deref(), address);
    throttle.check(ports).await?;
    if check_length(&password).is_err() {
        return throttle.refuse(ports).await;
    }
    let known = match key {
        Some(key) => ports.store.read(move |tx| tx.users().find_by_name(&key)).await?,
        None => None,
    };
    let enabled = known.filter(|user| user.enabled);
    let verdict =
        ports.passwords.verify(password, enabled.as_ref().map(|user| user.password.clone())).await?;
    // Guesses sent all at once passed the first check together: what they found out counts only up to the limit.
    throttle.check(ports).await?;
    match (enabled, verdict) {
        (Some(user), PasswordVerdict::Right) => Ok(Verified { user, renewed: None }),
        (Some(user), PasswordVerdict::Outdated(renewed)) => Ok(Verified { user, renewed: Some(renewed) }),
        (None, _) | (_, PasswordVerdict::Wrong) => throttle.refuse(ports).await,
    }
}

/// Whether a password has a length that is hashed at all.
pub(super) fn check_length(password: &Secret) -> Result<(), InvalidUser> {
    let length = password.expose().len();
    if (1..=MAX_PASSWORD_BYTES).contains(&length) { Ok(()) } else { Err(InvalidUser::Password) }
}

/// `None` if the hash that the password was compared with is no longer the user's.
fn note_login(
    tx: &mut dyn Transaction,
    now: Timestamp,
    verified: Verified,
) -> Result<Option<User>, PasswordError> {
    let Verified { user: seen, renewed } = verified;
    tx.users().lock(seen.id)?;
    let current = tx.users().find(seen.id)?.filter(|user| user.enabled).ok_or(PasswordError::Wrong)?;
    if current.password != seen.password {
        return Ok(None);
    }
    let password = renewed.unwrap_or(seen.password);
    let user = User { password, last_login_at: Some(now), last_active_at: Some(now), ..current };
    tx.users().update(&user)?;
    Ok(Some(user))
}

/// What an attempt is counted against.
struct Throttle(Vec<(Limit, String)>);

impl Throttle {
    /// A text that is no name belongs to no account.
    fn of(key: Option<&str>, address: &str) -> Self {
        let account = key.map(|key| (WRONG_PASSWORDS_PER_ACCOUNT, key.to_owned()));
        let address = (WRONG_PASSWORDS_PER_ADDRESS, network(address));
        Self(account.into_iter().chain([address]).collect())
    }

    async fn check(&self, ports: &Ports) -> Result<(), LimitError> {
        let now = ports.clock.now();
        for (limit, subject) in &self.0 {
            limit.check(&*ports.counter, subject, now).await?;
        }
        Ok(())
    }

    async fn refuse<T>(&self, ports: &Ports) -> Result<T, PasswordError> {
        let now = ports.clock.now();
        for (limit, subject) in &self.0 {
            limit.count(&*ports.counter, subject, now).await?;
        }
        Err(PasswordError::Wrong)
    }
}
