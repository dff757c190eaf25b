//! A caller after a while: whether what they showed is still good.

use super::{Caller, ClientToken, Credential, Login, User};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// The caller as they are now; `None` where what they showed is no longer good: it has ended or was revoked, or the user
/// is gone, disabled or has another password.
///
/// # Errors
/// What the store says.
pub fn recall(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
) -> Result<Option<Caller>, StoreError> {
    let user = tx.users().find(caller.user.id)?.filter(|user| user.enabled);
    let Some(user) = user else { return Ok(None) };
    let credential = credential_now(tx, now, caller, &user)?;
    Ok(credential.map(|credential| Caller { user, credential }))
}

fn credential_now(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    user: &User,
) -> Result<Option<Credential>, StoreError> {
    let is_good = match caller.credential {
        Credential::Basic => user.password == caller.user.password,
        Credential::Browser { login, .. } | Credential::AccessToken { login, .. } => {
            let login = tx.logins().find(login)?;
            login.is_some_and(|login: Login| login.is_live(now))
        }
        Credential::ClientToken { token, .. } => {
            let token = tx.tokens().find(token)?;
            token.is_some_and(|token: ClientToken| token.is_live(now))
        }
    };
    Ok(is_good.then(|| caller.credential.clone()))
}
