//! Everything the rules need from outside, as traits. Adapters implement them and know nothing of HTTP; each port has
//! one contract suite in `memcard-testkit`, run against every adapter.
//!
//! | port | what for | atomic |
//! |---|---|---|
//! | [`UnitOfWork`], [`Transaction`] and its repositories | everything durable but bytes | a whole use case |
//! | [`BlobStore`] | the bytes of saves | finishing one write |
//! | [`BlobUpkeep`] | looking after them | removing one blob |
//! | [`PairingStore`] | pairing flows | each method |
//! | [`PairCodes`] | one-time codes for client tokens | each method |
//! | [`EventCounter`] | how often something happened lately | each method |
//! | [`Events`] | what happened, told to whoever listens | each method |
//! | [`Passwords`] | slow hashes | – |
//! | [`SshSync`] | devices that the server reaches | – |
//! | [`LibraryFolder`] | the games on disk | – |
//! | [`LibraryScans`] | scans of them beside requests | beginning one |
//! | [`Clock`], [`Secrets`] | time, randomness | – |

mod blobs;
mod counter;
mod events;
mod library;
#[cfg(test)]
pub(crate) mod mocks;
mod pairing;
mod passwords;
mod repositories;
mod scans;
mod ssh;
mod transaction;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

pub use blobs::{BlobError, BlobReader, BlobStore, BlobUpkeep, BlobUsage, BlobWriter, StoredBlob, Swept};
pub use counter::{CounterKey, EventCounter, Recent};
pub use events::{Cursor, Events, Heard, KEPT_EVENTS, MOST_HEARD};
pub use library::{
    Archive, ArchivedFile, FoundGames, FoundPlatforms, GameReader, LibraryBytes, LibraryError, LibraryFile,
    LibraryFolder,
};
pub use pairing::{PairCodes, PairingStore, Swap, TakenCode};
pub use passwords::{PasswordVerdict, Passwords, PasswordsError};
pub use repositories::{
    BaseRepository, CatalogueRepository, DeviceRepository, LoginRepository, PlayRepository, SaveRepository,
    ScreenshotRepository, SessionRepository, TokenRepository, UpkeepRepository, UserRepository,
};
pub use scans::LibraryScans;
pub use ssh::{SshPublicKey, SshSync};
pub use transaction::{Access, Rollback, StoreError, Transaction, UnitOfWork, UnitOfWorkExt, Work};

use crate::pairing::CodeKey;
use crate::time::Timestamp;

/// A boxed future, so that async ports are object-safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Every port a server has, for the use cases that span several of them. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Everything durable but bytes.
    pub store: Arc<dyn UnitOfWork>,
    /// The bytes of saves.
    pub blobs: Arc<dyn BlobStore>,
    /// Pairing flows.
    pub pairings: Arc<dyn PairingStore>,
    /// One-time codes for client tokens.
    pub pair_codes: Arc<dyn PairCodes>,
    /// How often something happened lately.
    pub counter: Arc<dyn EventCounter>,
    /// What happened, told to whoever listens.
    pub events: Arc<dyn Events>,
    /// Slow hashes.
    pub passwords: Arc<dyn Passwords>,
    /// The games on disk.
    pub library: Arc<dyn LibraryFolder>,
    /// Scans of them.
    pub scans: Arc<dyn LibraryScans>,
    /// Devices that the server reaches over SSH; `None` unless the administrator allowed that.
    pub ssh: Option<Arc<dyn SshSync>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub secrets: Arc<dyn Secrets>,
    /// The server's key for short codes.
    pub code_key: CodeKey,
}

/// The time.
pub trait Clock: Send + Sync {
    /// Now, in whole microseconds.
    fn now(&self) -> Timestamp;
}

/// Randomness fit for secrets.
pub trait Secrets: Send + Sync {
    /// Fills the bytes from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);

    /// A random UUID (version 4, RFC 9562 § 5.4).
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
