//! What the tests of every crate share: one contract suite per port, builders of stories, a clock that stands still,
//! secrets that can be drawn again.
//!
//! A dev-dependency only. Invariants: nothing here knows an adapter; a contract rule says what the port's
//! documentation says and nothing that only one adapter does.
//!
//! | module | what for |
//! |---|---|
//! | [`contract`] | the rules of each port, and how an adapter's tests hook them |
//! | [`builders`] | users, devices, games, versions: what a test does not say is filled in sensibly |
//! | [`Multipart`] | upload bodies, well-formed or not |
//! | [`PostgresDatabase`] | a database of a test's own |
//! | [`FixedClock`], [`SeededSecrets`], [`QuickPasswords`] | ports whose answers a test decides |
#![deny(missing_docs)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "this crate is made of tests: an expectation that fails is how a rule fails"
)]

pub mod builders;
pub mod contract;

mod clock;
mod multipart;
mod passwords;
mod postgres;
mod secrets;

pub use clock::FixedClock;
pub use multipart::{BOUNDARY, Multipart};
pub use passwords::QuickPasswords;
pub use postgres::PostgresDatabase;
pub use secrets::SeededSecrets;
