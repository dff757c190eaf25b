//! Accounts: who may do what, and with which credential.
//!
//! Invariants: a client token never grants more than its owner may do now; only an interactive login approves
//! pairings, makes tokens or changes a password.

mod caller;
mod client_token;
pub(crate) mod code;
mod login;
mod pair_code;
mod role;
mod scope;
mod user;

pub use caller::{Caller, Credential, Forbidden};
pub use client_token::{
    ClientToken, InvalidExpiry, MAX_LIVE_TOKENS, NewClientToken, TokenExpiry, generate_token,
};
pub use login::{
    ACCESS_TOKEN_LIFE, BROWSER_ABSOLUTE_LIFE, BROWSER_IDLE_LIFE, Login, LoginKind, NewLogin,
    REFRESH_TOKEN_LIFE, csrf_token,
};
pub use pair_code::{PAIR_CODE_LIFE, PairCode};
pub use role::{Role, UnknownRole};
pub use scope::{Scope, ScopeSet, UnknownScope};
pub use user::{InvalidUser, NewUser, PasswordHash, User, Username};
