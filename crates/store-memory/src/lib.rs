//! Every port of the domain in memory: for tests, for programs that embed the rules, and for whoever wants to see what
//! a store has to do without a database in the way.
//!
//! Invariants: nothing outlives the process; nothing waits but who listens for events, so every other future is ready at
//! its first poll, and none needs a runtime; what is kept obeys the same uniqueness, foreign keys and order as in a database.
//!
//! | type | port |
//! |---|---|
//! | [`MemoryStore`] | [`UnitOfWork`](memcard_domain::ports::UnitOfWork) and all repositories |
//! | [`MemoryPairings`] | [`PairingStore`](memcard_domain::ports::PairingStore) |
//! | [`MemoryPairCodes`] | [`PairCodes`](memcard_domain::ports::PairCodes) |
//! | [`MemoryCounter`] | [`EventCounter`](memcard_domain::ports::EventCounter) |
//! | [`MemoryEvents`] | [`Events`](memcard_domain::ports::Events): also what a server of one process uses |
//! | [`MemoryBlobs`] | [`BlobStore`](memcard_domain::ports::BlobStore), [`BlobUpkeep`](memcard_domain::ports::BlobUpkeep) |
//! | [`MemoryLibrary`] | [`LibraryFolder`](memcard_domain::ports::LibraryFolder) |
//! | [`MemoryScans`] | [`LibraryScans`](memcard_domain::ports::LibraryScans) |
//!
//! Time, randomness and passwords are ports too; tests find theirs in `memcard-testkit`.
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

mod blobs;
mod counter;
mod events;
mod library;
mod pair_codes;
mod pairings;
mod repositories;
mod scans;
mod store;
mod tables;

use memcard_domain::ports::BoxFuture;

pub use blobs::MemoryBlobs;
pub use counter::MemoryCounter;
pub use events::MemoryEvents;
pub use library::MemoryLibrary;
pub use pair_codes::MemoryPairCodes;
pub use pairings::MemoryPairings;
pub use scans::MemoryScans;
pub use store::MemoryStore;

/// A future that does its work at the first poll and is ready then.
fn ready<'a, T>(work: impl FnOnce() -> T + Send + 'a) -> BoxFuture<'a, T> {
    Box::pin(async move { work() })
}
