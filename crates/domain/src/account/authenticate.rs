//! Who calls: a credential becomes a [`Caller`], or nothing.
//!
//! Invariant: a credential of a disabled user is as good as none. Uses are noted at most every five minutes, so that
//! most requests only read.

use chrono::Duration;
use thiserror::Error;

use super::password::{self, PasswordError};
use super::{Caller, Credential, Login, LoginKind, User};
use crate::device::Device;
use crate::ids::UserId;
use crate::limit::Limited;
use crate::ports::{PasswordsError, Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;
use crate::time::Timestamp;

/// How often a use of a credential is noted.
pub const NOTE_EVERY: Duration = Duration::minutes(5);

const CLIENT_TOKEN_PREFIX: &str = "rmm_";

/// What a request shows.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A browser's session cookie.
    Cookie(Secret),
    /// A token (RFC 6750): a client token, or an access token.
    Bearer(Secret),
    /// Name and password (RFC 7617).
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
}

/// Why a request has no caller.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The credential is none, or no longer.
    #[error("invalid credentials")]
    Unknown,
    /// There were too many wrong passwords.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Comparing a password failed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PasswordError> for AuthenticateError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::Unknown,
            PasswordError::Limited(limited) => Self::Limited(limited),
            PasswordError::Passwords(passwords) => Self::Passwords(passwords),
            PasswordError::Store(store) => Self::Store(store),
        }
    }
}

/// Finds out who calls, and notes the use where one is due. `address` is counted against for wrong passwords.
///
/// # Errors
/// See [`AuthenticateError`].
pub async fn authenticate(ports: &Ports, shown: Shown, address: &str) -> Result<Caller, AuthenticateError> {
    let now = ports.clock.now();
    let recognised = match shown {
        Shown::Basic { username, password } => {
            let user = password::verify(ports, &username, password, address).await?.user;
            Recognised::by_password(user, now)
        }
        Shown::Cookie(cookie) => {
            ports.store.read(move |tx| by_login(tx, now, &cookie, browser_credential)).await?
        }
        Shown::Bearer(token) if token.expose().starts_with(CLIENT_TOKEN_PREFIX) => {
            ports.store.read(move |tx| by_client_token(tx, now, &token)).await?
        }
        Shown::Bearer(token) => {
            ports.store.read(move |tx| by_login(tx, now, &token, access_token_credential)).await?
        }
    };
    if recognised.is_note_due(now) {
        let noted = recognised.clone();
        ports.store.transact(move |tx| noted.note(tx, now)).await?;
    }
    Ok(recognised.caller)
}

fn by_login(
    tx: &mut dyn Transaction,
    now: Timestamp,
    shown: &Secret,
    credential: fn(&Login) -> Option<Credential>,
) -> Result<Recognised, AuthenticateError> {
    let login = tx.logins().find_by_digest(shown.digest())?.filter(|login| login.is_live(now));
    let login = login.ok_or(AuthenticateError::Unknown)?;
    let credential = credential(&login).ok_or(AuthenticateError::Unknown)?;
    Recognised::read(tx, login.user, credential, Some(login.last_used_at))
}

/// An access token is no cookie.
fn browser_credential(login: &Login) -> Option<Credential> {
    match login.kind {
        LoginKind::Browser { device } => Some(Credential::Browser { login: login.id, device }),
        LoginKind::Api { .. } => None,
    }
}

/// A cookie is no access token: it would pass without its CSRF token.
fn access_token_credential(login: &Login) -> Option<Credential> {
    match login.kind {
        LoginKind::Api { scopes, .. } => Some(Credential::AccessToken { login: login.id, scopes }),
        LoginKind::Browser { .. } => None,
    }
}

fn by_client_token(
    tx: &mut dyn Transaction,
    now: Timestamp,
    shown: &Secret,
) -> Result<Recognised, AuthenticateError> {
    let token = tx.tokens().find_by_digest(shown.digest())?.filter(|token| token.is_live(now));
    let token = token.ok_or(AuthenticateError::Unknown)?;
    let credential = Credential::ClientToken { token: token.id, scopes: token.scopes, device: token.device };
    Recognised::read(tx, token.user, credential, token.last_used_at)
}

/// A caller, and what is needed to know whether a note is due.
#[derive(Clone)]
struct Recognised {
    caller: Caller,
    /// When the credential was last used, as far as that was noted.
    last_used_at: Option<Timestamp>,
    /// The device that the credential stands for.
    device: Option<Device>,
}

impl Recognised {
    /// A password is no row of its own: there is no use of it to note but the user's.
    fn by_password(user: User, now: Timestamp) -> Self {
        let caller = Caller { user, credential: Credential::Basic };
        Self { caller, last_used_at: Some(now), device: None }
    }

    fn read(
        tx: &mut dyn Transaction,
        user: UserId,
        credential: Credential,
        last_used_at: Option<Timestamp>,
    ) -> Result<Self, AuthenticateError> {
        let user = tx.users().find(user)?.filter(|user| user.enabled).ok_or(AuthenticateError::Unknown)?;
        let caller = Caller { user, credential };
        let device = match caller.current_device() {
            Some(device) => tx.devices().find(caller.user.id, device)?,
            None => None,
        };
        Ok(Self { caller, last_used_at, device })
    }

    fn is_note_due(&self, now: Timestamp) -> bool {
        let seen = self.device.as_ref().map(|device| device.last_seen);
        is_due(self.last_used_at, now)
            || is_due(self.caller.user.last_active_at, now)
            || seen.is_some_and(|seen| is_due(Some(seen), now))
    }

    /// The user comes first, as everywhere a transaction locks the user and more.
    fn note(&self, tx: &mut dyn Transaction, now: Timestamp) -> Result<(), StoreError> {
        note_active(tx, now, self.caller.user.id)?;
        match self.caller.credential {
            Credential::Browser { login, .. } | Credential::AccessToken { login, .. } => {
                tx.logins().touch(login, now)?;
            }
            Credential::ClientToken { token, .. } => tx.tokens().touch(token, now)?,
            Credential::Basic => {}
        }
        match &self.device {
            Some(device) => tx.devices().touch(device.id, now),
            None => Ok(()),
        }
    }
}

fn note_active(tx: &mut dyn Transaction, now: Timestamp, user: UserId) -> Result<(), StoreError> {
    tx.users().lock(user)?;
    if let Some(user) = tx.users().find(user)? {
        tx.users().update(&User { last_active_at: Some(now), ..user })?;
    }
    Ok(())
}

fn is_due(noted: Option<Timestamp>, now: Timestamp) -> bool {
    noted.is_none_or(|noted| now - noted >= NOTE_EVERY)
}
