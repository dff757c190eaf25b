//! Accounts and tokens between domain and wire.

use memcard_api::accounts as api;
use memcard_domain::account::{Caller, ClientToken, Role, ScopeSet, TokenExpiry, User};
use memcard_domain::secret::Secret;

use crate::error::{ApiError, invalid_member};

/// A user as others see them.
pub(super) fn user(user: &User) -> api::User {
    api::User {
        id: user.id.0,
        username: user.username.to_string(),
        email: user.email.clone(),
        enabled: user.enabled,
        role: user.role.to_string(),
        oauth_scopes: names(user.scopes()),
        avatar_path: String::new(),
        last_login: user.last_login_at.map(Into::into),
        last_active: user.last_active_at.map(Into::into),
        created_at: user.created_at.into(),
        updated_at: user.updated_at.into(),
        current_device_id: None,
    }
}

/// The caller as they see themselves.
pub(super) fn caller(caller: &Caller) -> api::User {
    let current_device_id = caller.current_device().map(|device| device.0);
    api::User { current_device_id, ..user(&caller.user) }
}

/// A client token without its secret.
pub(super) fn token(token: &ClientToken) -> api::ClientToken {
    api::ClientToken {
        id: token.id.0,
        name: token.name.clone(),
        scopes: names(token.scopes),
        expires_at: token.expires_at.map(Into::into),
        last_used_at: token.last_used_at.map(Into::into),
        created_at: token.created_at.into(),
        user_id: token.user.0,
        device_id: token.device.map(|device| device.0),
    }
}

/// A client token with its secret.
pub(super) fn token_with_secret(bare: &ClientToken, secret: &Secret) -> api::ClientTokenWithSecret {
    api::ClientTokenWithSecret { token: token(bare), raw_token: secret.expose().to_owned() }
}

/// Reads a role.
///
/// # Errors
/// 422 for another name.
pub(super) fn read_role(name: &str) -> Result<Role, ApiError> {
    name.parse().map_err(|error| invalid_member("role", error))
}

/// Reads a list of scopes; duplicates fold.
///
/// # Errors
/// 422, naming the member, for a name that is no scope.
pub(crate) fn read_scopes(member: &str, names: &[String]) -> Result<ScopeSet, ApiError> {
    ScopeSet::parse(names.iter().map(String::as_str)).map_err(|error| invalid_member(member, error))
}

/// Reads how long a token shall live; left out, for ever.
///
/// # Errors
/// 422 with the text that clients show.
pub(crate) fn read_expiry(name: Option<&str>) -> Result<TokenExpiry, ApiError> {
    name.map_or(Ok(TokenExpiry::default()), str::parse).map_err(ApiError::invalid_text)
}

fn names(scopes: ScopeSet) -> Vec<String> {
    scopes.names().into_iter().map(str::to_owned).collect()
}
