//! The caller: an authenticated user with the credential they used.

use thiserror::Error;

use super::{Scope, ScopeSet, User};
use crate::ids::{DeviceId, LoginId, TokenId};

/// Who calls, by what, and what that may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// What they showed.
    pub credential: Credential,
}

/// What a caller showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A browser's session cookie.
    Browser {
        /// The login.
        login: LoginId,
        /// The user's "web" device for this browser.
        device: Option<DeviceId>,
    },
    /// Name and password in the request itself (RFC 7617).
    Basic,
    /// An access token from a password.
    AccessToken {
        /// The login.
        login: LoginId,
        /// What it was asked for.
        scopes: ScopeSet,
    },
    /// A client token.
    ClientToken {
        /// The token.
        token: TokenId,
        /// What it may do.
        scopes: ScopeSet,
        /// The device it is bound to.
        device: Option<DeviceId>,
    },
}

/// The caller lacks a scope, or the credential is of the wrong kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Forbidden {
    /// A scope is missing.
    #[error("missing scope {0}")]
    MissingScope(Scope),
    /// Only an interactive login may do this; a client token was shown (security.md, pairing 6).
    #[error("only an interactive login may do this")]
    NotInteractive,
}

impl Caller {
    /// The scopes in force: the credential's own, as far as its user still holds them.
    pub const fn scopes(&self) -> ScopeSet {
        let held = self.user.scopes();
        match &self.credential {
            Credential::Browser { .. } | Credential::Basic => held,
            Credential::AccessToken { scopes, .. } | Credential::ClientToken { scopes, .. } => {
                held.intersection(*scopes)
            }
        }
    }

    /// Demands a scope.
    ///
    /// # Errors
    /// [`Forbidden::MissingScope`].
    pub const fn require(&self, scope: Scope) -> Result<(), Forbidden> {
        if self.scopes().contains(scope) { Ok(()) } else { Err(Forbidden::MissingScope(scope)) }
    }

    /// Demands an interactive login: anything that came from a password.
    ///
    /// # Errors
    /// [`Forbidden::NotInteractive`].
    pub const fn require_interactive(&self) -> Result<(), Forbidden> {
        match self.credential {
            Credential::ClientToken { .. } => Err(Forbidden::NotInteractive),
            Credential::Browser { .. } | Credential::Basic | Credential::AccessToken { .. } => Ok(()),
        }
    }

    /// The device a bound token stands for, where the request names none.
    pub const fn bound_device(&self) -> Option<DeviceId> {
        match self.credential {
            Credential::ClientToken { device, .. } => device,
            _ => None,
        }
    }

    /// What `current_device_id` shows: the bound token's device or the browser's own.
    pub const fn current_device(&self) -> Option<DeviceId> {
        match self.credential {
            Credential::ClientToken { device, .. } | Credential::Browser { device, .. } => device,
            _ => None,
        }
    }
}
