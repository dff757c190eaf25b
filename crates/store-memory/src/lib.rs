//! Every port of the domain in memory: for tests, for programs that embed the rules, and for whoever wants to see what
//! a store has to do without a database in the way.
//!
//! Invariants: nothing outlives the process; nothing waits, so every future is ready at its first poll and needs no
//! runtime; what is kept obeys the same uniqueness, foreign keys and order as in a database.
//!
//! | type | port |
//! |---|---|
//! | [`MemoryStore`] | [`UnitOfWork`](memcard_domain::ports::UnitOfWork) and all repositories |
//!
//! ```
//! use memcard_domain::ports::StoreError;
//! use memcard_store_memory::MemoryStore;
//!
//! let store = MemoryStore::new();
//! let users = store.read_now(|tx| tx.users().count())?;
//! assert_eq!(users, 0);
//! # Ok::<(), StoreError>(())
//! ```
#![deny(missing_docs)]

mod repositories;
mod store;
mod tables;

pub use store::MemoryStore;
