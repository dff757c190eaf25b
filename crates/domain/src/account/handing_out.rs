//! Handing an existing client token to a device by a pair code.
//!
//! Invariants: a code is good once and for a minute; the token gets a fresh secret when the code is exchanged, so that
//! nothing kept on the server would let anybody in. Since that is a new secret, only an interactive login may offer.

use thiserror::Error;

use super::tokens::{self, TokenError, TokenNotFound};
use super::{Caller, ClientToken, PAIR_CODE_LIFE, PairCode, Scope, generate_token};
use crate::ids::TokenId;
use crate::limit::{EXCHANGES, LimitError, Limited, network};
use crate::pairing::UserCode;
use crate::ports::{Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::Secret;
use crate::time::Timestamp;

/// A token that was handed out, with its secret, which is shown here and never again.
#[derive(Debug, Clone)]
pub struct ExchangedToken {
    /// The token.
    pub token: ClientToken,
    /// Its new secret.
    pub secret: Secret,
}

/// Why a code bought no token.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// It is none, was used before or has ended.
    #[error("Invalid or expired pairing code")]
    InvalidCode,
    /// Its token was deleted or has ended.
    #[error("Token no longer exists")]
    TokenGone,
    /// Its token's owner is disabled.
    #[error("Token owner is disabled")]
    OwnerDisabled,
    /// There were too many attempts from this address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LimitError> for ExchangeError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::Limited(limited),
            LimitError::Store(store) => Self::Store(store),
        }
    }
}

/// Makes a code for one of the caller's tokens, good for [`PAIR_CODE_LIFE`]; an earlier one of the token is dead. Needs
/// `me.write` and an interactive login.
///
/// # Errors
/// See [`TokenError`].
pub async fn offer_token(ports: &Ports, caller: &Caller, id: TokenId) -> Result<Secret, TokenError> {
    caller.require(Scope::MeWrite)?;
    caller.require_interactive()?;
    let now = ports.clock.now();
    let owner = caller.clone();
    let token = ports.store.read(move |tx| tokens::own_token(tx, &owner, id)).await?;
    if !token.is_live(now) {
        return Err(TokenNotFound.into());
    }
    let code = PairCode::generate(&*ports.secrets);
    let stands_for = PairCode { token: token.id, user: token.user };
    ports.pair_codes.put(ports.code_key.digest(code.expose()), stands_for, now + PAIR_CODE_LIFE).await?;
    Ok(code)
}

/// Whether a code, as typed, could be exchanged now.
///
/// # Errors
/// What the store says.
pub async fn is_offered(ports: &Ports, typed: &str) -> Result<bool, StoreError> {
    match UserCode::parse(typed) {
        Some(code) => ports.pair_codes.is_live(code.digest(&ports.code_key), ports.clock.now()).await,
        None => Ok(false),
    }
}

/// Exchanges a code, as typed, for its token with a fresh secret. The code is used up, whatever becomes of the token.
///
/// # Errors
/// See [`ExchangeError`].
pub async fn exchange(ports: &Ports, typed: &str, address: &str) -> Result<ExchangedToken, ExchangeError> {
    let now = ports.clock.now();
    EXCHANGES.admit(&*ports.counter, network(address), now).await?;
    let code = UserCode::parse(typed).ok_or(ExchangeError::InvalidCode)?;
    let taken = ports.pair_codes.take(code.digest(&ports.code_key), now).await?;
    let stands_for = taken.ok_or(ExchangeError::InvalidCode)?;
    let secret = generate_token(&*ports.secrets);
    let given = secret.clone();
    let token = ports.store.transact(move |tx| hand_out(tx, now, stands_for, &given)).await?;
    Ok(ExchangedToken { token, secret })
}

fn hand_out(
    tx: &mut dyn Transaction,
    now: Timestamp,
    stands_for: PairCode,
    secret: &Secret,
) -> Result<ClientToken, ExchangeError> {
    tx.users().lock(stands_for.user)?;
    let token = tx.tokens().find(stands_for.token)?.filter(|token| token.user == stands_for.user);
    let token = token.filter(|token| token.is_live(now)).ok_or(ExchangeError::TokenGone)?;
    if tx.users().find(stands_for.user)?.is_none_or(|owner| !owner.enabled) {
        return Err(ExchangeError::OwnerDisabled);
    }
    tokens::give_secret(tx, token, secret)?.ok_or(ExchangeError::TokenGone)
}
