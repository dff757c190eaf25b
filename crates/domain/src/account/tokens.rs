//! Client tokens, as their owners and administrators keep them.
//!
//! Invariants: a token is made or given a new secret by an interactive login alone; it never holds more scopes than the
//! credential that made it; a user has at most [`MAX_LIVE_TOKENS`] live ones.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{
    Caller, ClientToken, Forbidden, MAX_LIVE_TOKENS, NewClientToken, Scope, ScopeSet, TokenExpiry, User,
};
use crate::ids::{TokenId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::secret::Secret;
use crate::time::Timestamp;

/// A client token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// What the owner calls it, 1 to 255 characters.
    pub name: String,
    /// What it may do: at least one.
    pub scopes: ScopeSet,
    /// How long it shall live.
    pub expiry: TokenExpiry,
}

/// What a client token's fields may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidToken {
    /// The name is empty or too long.
    #[error("name must have 1 to 255 characters")]
    Name,
    /// It could do nothing.
    #[error("scopes must name at least one")]
    Scopes,
}

/// There is no such token, or it is another user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Token not found")]
pub struct TokenNotFound;

/// The user has [`MAX_LIVE_TOKENS`] live tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Maximum of {MAX_LIVE_TOKENS} tokens per user reached")]
pub struct TooManyTokens;

/// Why a token was not made.
#[derive(Debug, Error)]
pub enum CreateTokenError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A field may not be so.
    #[error(transparent)]
    Invalid(#[from] InvalidToken),
    /// The user has as many as there may be.
    #[error(transparent)]
    TooMany(#[from] TooManyTokens),
    /// Scopes were asked for that the caller does not hold: these.
    #[error("Requested scopes exceed your permissions: {}", .0.names().join(", "))]
    ScopesExceed(ScopeSet),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token could not be read, changed or deleted.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such token.
    #[error(transparent)]
    NotFound(#[from] TokenNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a client token for the caller, with the secret that was [generated](super::generate_token) for it. Needs
/// `me.write` and an interactive login.
///
/// # Errors
/// See [`CreateTokenError`].
pub fn create_token(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    request: TokenRequest,
    secret: &Secret,
) -> Result<ClientToken, CreateTokenError> {
    caller.require(Scope::MeWrite)?;
    caller.require_interactive()?;
    request.check()?;
    let held = caller.scopes();
    if !request.scopes.is_subset_of(held) {
        return Err(CreateTokenError::ScopesExceed(request.scopes.difference(held)));
    }
    tx.users().lock(caller.user.id)?;
    require_room(&tx.tokens().list_of_user(caller.user.id)?, now)?;
    let token = NewClientToken {
        user: caller.user.id,
        name: request.name,
        scopes: request.scopes,
        digest: secret.digest(),
        device: None,
        pairing: None,
        expires_at: request.expiry.from(now),
        created_at: now,
    };
    Ok(tx.tokens().insert(&token)?)
}

impl TokenRequest {
    fn check(&self) -> Result<(), InvalidToken> {
        if !(1..=255).contains(&self.name.chars().count()) {
            Err(InvalidToken::Name)
        } else if self.scopes.is_empty() {
            Err(InvalidToken::Scopes)
        } else {
            Ok(())
        }
    }
}

/// Whether a user with these tokens may have one more. The user's lock is held.
pub(crate) fn require_room<'a>(
    tokens: impl IntoIterator<Item = &'a ClientToken>,
    now: Timestamp,
) -> Result<(), TooManyTokens> {
    let live = tokens.into_iter().filter(|token| token.is_live(now)).count();
    if live < MAX_LIVE_TOKENS { Ok(()) } else { Err(TooManyTokens) }
}

/// The caller's tokens, newest first. Needs `me.read`.
///
/// # Errors
/// See [`TokenError`].
pub fn list_tokens(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<ClientToken>, TokenError> {
    caller.require(Scope::MeRead)?;
    Ok(tx.tokens().list_of_user(caller.user.id)?)
}

/// Deletes one of the caller's tokens. Needs `me.write`.
///
/// # Errors
/// See [`TokenError`].
pub fn delete_token(tx: &mut dyn Transaction, caller: &Caller, id: TokenId) -> Result<(), TokenError> {
    caller.require(Scope::MeWrite)?;
    own_token(tx, caller, id)?;
    delete(tx, id)
}

/// Gives one of the caller's tokens a new secret; the old one is dead at once. Needs `me.write` and an interactive
/// login.
///
/// # Errors
/// See [`TokenError`].
pub fn regenerate_token(
    tx: &mut dyn Transaction,
    caller: &Caller,
    id: TokenId,
    secret: &Secret,
) -> Result<ClientToken, TokenError> {
    caller.require(Scope::MeWrite)?;
    caller.require_interactive()?;
    let token = own_token(tx, caller, id)?;
    Ok(give_secret(tx, token, secret)?.ok_or(TokenNotFound)?)
}

/// Every token with its owner, newest first. Needs `users.read`.
///
/// # Errors
/// See [`TokenError`].
pub fn list_all_tokens(
    tx: &mut dyn Transaction,
    caller: &Caller,
) -> Result<Vec<(ClientToken, User)>, TokenError> {
    caller.require(Scope::UsersRead)?;
    let owners: BTreeMap<UserId, User> = tx.users().list()?.into_iter().map(|user| (user.id, user)).collect();
    let tokens = tx.tokens().list_all()?.into_iter();
    Ok(tokens.filter_map(|token| owners.get(&token.user).cloned().map(|owner| (token, owner))).collect())
}

/// Deletes anybody's token. Needs `users.write`.
///
/// # Errors
/// See [`TokenError`].
pub fn delete_any_token(tx: &mut dyn Transaction, caller: &Caller, id: TokenId) -> Result<(), TokenError> {
    caller.require(Scope::UsersWrite)?;
    delete(tx, id)
}

/// The caller's token of that id.
pub(super) fn own_token(
    tx: &mut dyn Transaction,
    caller: &Caller,
    id: TokenId,
) -> Result<ClientToken, TokenError> {
    let token = tx.tokens().find(id)?.filter(|token| token.user == caller.user.id);
    Ok(token.ok_or(TokenNotFound)?)
}

/// The token with its new secret; `None` if it is gone meanwhile.
pub(super) fn give_secret(
    tx: &mut dyn Transaction,
    token: ClientToken,
    secret: &Secret,
) -> Result<Option<ClientToken>, StoreError> {
    let digest = secret.digest();
    let is_there = tx.tokens().replace_digest(token.id, digest)?;
    Ok(is_there.then_some(ClientToken { digest, ..token }))
}

fn delete(tx: &mut dyn Transaction, id: TokenId) -> Result<(), TokenError> {
    if tx.tokens().delete(id)? { Ok(()) } else { Err(TokenNotFound.into()) }
}

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use mockall::predicate::eq;

    use super::*;
    use crate::account::Role;
    use crate::ports::mocks::{MockTransaction, a_caller, now};

    fn request() -> TokenRequest {
        TokenRequest {
            name: "script".to_owned(),
            scopes: ScopeSet::of(&[Scope::MeRead]),
            expiry: TokenExpiry::Never,
        }
    }

    #[test]
    fn the_user_is_locked_before_their_tokens_are_counted() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        let lock = tx.users.expect_lock().with(eq(UserId(1)));
        lock.times(1).in_sequence(&mut order).returning(|_| Ok(true));
        tx.tokens.expect_list_of_user().times(1).in_sequence(&mut order).returning(|_| Ok(Vec::new()));
        let failing = || StoreError::Unavailable("gone".into());
        tx.tokens.expect_insert().times(1).in_sequence(&mut order).returning(move |_| Err(failing()));
        let caller = a_caller(1, Role::User);
        let failed = create_token(&mut tx, now(), &caller, request(), &Secret::new("rmm_x"));
        assert!(matches!(failed, Err(CreateTokenError::Store(StoreError::Unavailable(_)))));
    }

    #[test]
    fn only_the_digest_of_the_secret_reaches_the_store() {
        let mut tx = MockTransaction::default();
        tx.users.expect_lock().returning(|_| Ok(true));
        tx.tokens.expect_list_of_user().returning(|_| Ok(Vec::new()));
        let secret = Secret::new("rmm_secret");
        let digest = secret.digest();
        tx.tokens.expect_insert().times(1).returning(move |token| {
            assert_eq!(token.digest, digest);
            assert!(!format!("{token:?}").contains("rmm_secret"));
            Err(StoreError::Unavailable("enough".into()))
        });
        let _ = create_token(&mut tx, now(), &a_caller(1, Role::User), request(), &secret);
    }
}
