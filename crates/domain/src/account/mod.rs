//! Accounts: who may do what, and with which credential.
//!
//! Invariants: a client token never grants more than its owner may do now; only an interactive login approves
//! pairings, makes tokens or changes a password; there is always an enabled administrator.

mod authenticate;
mod caller;
mod client_token;
pub(crate) mod code;
mod handing_out;
mod log_in;
mod login;
mod pair_code;
mod password;
mod recall;
mod role;
mod scope;
mod set_up;
mod tokens;
mod user;
mod users;

pub use authenticate::{AuthenticateError, NOTE_EVERY, Shown, authenticate};
pub use caller::{Caller, Credential, Forbidden};
pub use client_token::{
    ClientToken, InvalidExpiry, MAX_LIVE_TOKENS, NewClientToken, TokenExpiry, generate_token,
};
pub use handing_out::{ExchangeError, ExchangedToken, exchange, is_offered, offer_token};
pub use log_in::{
    BrowserLogin, IssueError, IssuedTokens, LogInError, RefreshError, issue_access_token, log_in_browser,
    log_out, refresh,
};
pub use login::{
    ACCESS_TOKEN_LIFE, BROWSER_ABSOLUTE_LIFE, BROWSER_IDLE_LIFE, Login, LoginKind, NewLogin,
    REFRESH_TOKEN_LIFE, csrf_token,
};
pub use pair_code::{PAIR_CODE_LIFE, PairCode};
pub use password::{MAX_PASSWORD_BYTES, PasswordError, check_password};
pub use recall::recall;
pub use role::{Role, UnknownRole};
pub use scope::{Scope, ScopeSet, UnknownScope};
pub use set_up::{SetUp, SetUpError, is_set_up, set_up};
pub(crate) use tokens::require_room;
pub use tokens::{
    CreateTokenError, InvalidToken, TokenError, TokenNotFound, TokenRequest, TooManyTokens, create_token,
    delete_any_token, delete_token, list_all_tokens, list_tokens, regenerate_token,
};
pub use user::{InvalidUser, NewUser, PasswordHash, User, Username};
pub use users::{
    AccountPatch, AddUserError, DeleteUserError, EditUserError, LastAdmin, ListUsersError, NameTaken,
    NewAccount, UserNotFound, add_user, delete_user, edit_user, list_users,
};
