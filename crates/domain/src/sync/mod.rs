//! Sync: what a device should do, decided without comparing clocks.
//!
//! [`decision`] is the heart: one pure total function, its table a table in the code. [`facts`] reads what it needs
//! from stored versions, [`negotiate`] plans with it, and the guard ([`save::upload`](crate::save::upload))
//! enforces it.

pub mod decision;
pub mod facts;

mod base;
mod negotiate;
mod push_pull;
mod session;
mod sessions;

pub use base::{Base, FileTimes, Holding, Named, Point, Tracking};
pub use negotiate::{ClientFile, NegotiateError, Operation, Plan, ServerSide, negotiate};
pub use push_pull::{
    MISSING_SETTINGS, PushPullError, SshDisabled, SshKeyError, make_ssh_key, push_pull, remove_ssh_key,
};
pub use session::{AlreadyEnded, NamedFile, NewSession, ReportedOperations, SessionStatus, SyncSession};
pub use sessions::{CompleteError, SessionError, SessionNotFound, complete, session, sessions};
pub(crate) use sessions::{count_operation, running_session};
