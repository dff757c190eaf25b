//! Sync: what a device should do, decided without comparing clocks.
//!
//! [`decision`] is the heart: one pure total function, its table a table in the code. Negotiation plans with it, the
//! upload guard ([`save`](crate::save)) enforces it.

pub mod decision;

mod base;
mod session;

pub use base::{Base, FileTimes, Holding, Named, Point, Tracking};
pub use session::{AlreadyEnded, NamedFile, NewSession, ReportedOperations, SessionStatus, SyncSession};
