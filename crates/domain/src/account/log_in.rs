//! What a right password buys: a browser's session, or an access token with its refresh token.

use chrono::Duration;
use thiserror::Error;

use super::{
    ACCESS_TOKEN_LIFE, BROWSER_ABSOLUTE_LIFE, Caller, Credential, Login, LoginKind, NewLogin,
    REFRESH_TOKEN_LIFE, ScopeSet, User,
};
use crate::device::{self, Browser};
use crate::ids::{DeviceId, UserId};
use crate::ports::{Ports, Secrets, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;
use crate::time::Timestamp;

/// A browser's new session.
#[derive(Debug, Clone)]
pub struct BrowserLogin {
    /// What the browser keeps as its cookie. It is shown here and never again.
    pub cookie: Secret,
    /// The login.
    pub login: Login,
}

/// An access token with its refresh token. They are shown here and never again.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// The access token.
    pub access: Secret,
    /// The refresh token, good once.
    pub refresh: Secret,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// How long the refresh token lives.
    pub refresh_expires_in: Duration,
    /// What the access token may do.
    pub scopes: ScopeSet,
}

/// Why a browser got no session.
#[derive(Debug, Error)]
pub enum LogInError {
    /// Since the password was checked the user was disabled or removed, or the password changed.
    #[error("the account has changed meanwhile")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no access token was issued.
#[derive(Debug, Error)]
pub enum IssueError {
    /// Scopes were asked for that the user does not hold: these.
    #[error("Requested scopes exceed your permissions: {}", .0.names().join(", "))]
    ScopesExceed(ScopeSet),
    /// Since the password was checked the user was disabled or removed, or the password changed.
    #[error("the account has changed meanwhile")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a refresh token bought nothing.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// It is none, was used before or has ended, or its user is disabled.
    #[error("invalid refresh token")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a session for a user whose password was [checked](super::check_password). The user's device for the browser
/// is found or made in the same transaction; what logs in and is no browser, a program that keeps cookies, has none.
///
/// # Errors
/// See [`LogInError`].
pub async fn log_in_browser(
    ports: &Ports,
    user: &User,
    browser: Option<Browser>,
) -> Result<BrowserLogin, LogInError> {
    let cookie = Secret::random_hex(&*ports.secrets);
    let now = ports.clock.now();
    let (digest, candidate) = (cookie.digest(), DeviceId(ports.secrets.uuid()));
    let user = user.clone();
    let begin = move |tx: &mut dyn Transaction| {
        if !is_unchanged(tx, &user)? {
            return Err(LogInError::AccountChanged);
        }
        let find_or_add = |browser| device::find_or_add_browser(tx, now, user.id, browser, candidate);
        let login = NewLogin {
            user: user.id,
            digest,
            kind: LoginKind::Browser { device: browser.map(find_or_add).transpose()? },
            created_at: now,
            expires_at: now + BROWSER_ABSOLUTE_LIFE,
        };
        Ok(insert(tx, &login)?)
    };
    Ok(BrowserLogin { cookie, login: ports.store.transact(begin).await? })
}

/// Issues an access token to a user whose password was [checked](super::check_password); without `scopes` for all
/// that the user holds.
///
/// # Errors
/// See [`IssueError`].
pub async fn issue_access_token(
    ports: &Ports,
    user: &User,
    scopes: Option<ScopeSet>,
) -> Result<IssuedTokens, IssueError> {
    let held = user.scopes();
    let scopes = scopes.unwrap_or(held);
    if !scopes.is_subset_of(held) {
        return Err(IssueError::ScopesExceed(scopes.difference(held)));
    }
    let fresh = FreshTokens::draw(&*ports.secrets);
    let login = fresh.login(user.id, scopes, ports.clock.now());
    let user = user.clone();
    let begin = move |tx: &mut dyn Transaction| {
        if !is_unchanged(tx, &user)? {
            return Err(IssueError::AccountChanged);
        }
        Ok(insert(tx, &login)?)
    };
    ports.store.transact(begin).await?;
    Ok(fresh.issued(scopes))
}

/// Trades a refresh token for new tokens: the old ones are dead. The scopes shrink to what the user still holds.
///
/// # Errors
/// See [`RefreshError`].
pub async fn refresh(ports: &Ports, refresh: Secret) -> Result<IssuedTokens, RefreshError> {
    let fresh = FreshTokens::draw(&*ports.secrets);
    let now = ports.clock.now();
    let replacement = fresh.clone();
    let rotate = move |tx: &mut dyn Transaction| {
        let old = tx.logins().take_by_refresh(refresh.digest())?.ok_or(RefreshError::Unknown)?;
        let LoginKind::Api { scopes, refresh_expires_at, .. } = old.kind else {
            return Err(RefreshError::Unknown);
        };
        let user = tx.users().find(old.user)?.filter(|user| user.enabled).ok_or(RefreshError::Unknown)?;
        if now >= refresh_expires_at {
            return Err(RefreshError::Unknown);
        }
        let scopes = scopes.intersection(user.scopes());
        insert(tx, &replacement.login(user.id, scopes, now))?;
        Ok(scopes)
    };
    let scopes = ports.store.transact(rotate).await?;
    Ok(fresh.issued(scopes))
}

/// Ends the login that the caller used. Credentials that are no login (Basic, client tokens) have nothing to end.
///
/// # Errors
/// What the store says.
pub fn log_out(tx: &mut dyn Transaction, caller: &Caller) -> Result<(), StoreError> {
    match caller.credential {
        Credential::Browser { login, .. } | Credential::AccessToken { login, .. } => {
            tx.logins().delete(login).map(|_| ())
        }
        Credential::Basic | Credential::ClientToken { .. } => Ok(()),
    }
}

/// Two new secrets.
#[derive(Debug, Clone)]
struct FreshTokens {
    access: Secret,
    refresh: Secret,
}

impl FreshTokens {
    fn draw(secrets: &dyn Secrets) -> Self {
        Self { access: Secret::random_hex(secrets), refresh: Secret::random_hex(secrets) }
    }

    fn login(&self, user: UserId, scopes: ScopeSet, now: Timestamp) -> NewLogin {
        NewLogin {
            user,
            digest: self.access.digest(),
            kind: LoginKind::Api {
                scopes,
                refresh: self.refresh.digest(),
                refresh_expires_at: now + REFRESH_TOKEN_LIFE,
            },
            created_at: now,
            expires_at: now + ACCESS_TOKEN_LIFE,
        }
    }

    fn issued(self, scopes: ScopeSet) -> IssuedTokens {
        IssuedTokens {
            access: self.access,
            refresh: self.refresh,
            expires_in: ACCESS_TOKEN_LIFE,
            refresh_expires_in: REFRESH_TOKEN_LIFE,
            scopes,
        }
    }
}

/// Whether the user may still log in by the password that was checked. Locks the user, so that a change of password
/// comes either before, and is seen, or after, and ends the login.
fn is_unchanged(tx: &mut dyn Transaction, checked: &User) -> Result<bool, StoreError> {
    tx.users().lock(checked.id)?;
    let current = tx.users().find(checked.id)?;
    Ok(current.is_some_and(|current| current.enabled && current.password == checked.password))
}

fn insert(tx: &mut dyn Transaction, login: &NewLogin) -> Result<Login, StoreError> {
    tx.logins().delete_ended(login.created_at)?;
    tx.logins().insert(login)
}
