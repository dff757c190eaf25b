//! The handle to a database.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use memcard_domain::ports::{Access, BoxFuture, Rollback, StoreError, UnitOfWork, Work};

use crate::connection::{Ending, Session};
use crate::error::Stored;
use crate::lanes::{Connector, Lane, LaneGroup};
use crate::sqlite::Role;
use crate::statements::StatementCounter;
use crate::transaction::DieselTransaction;
use crate::url::{DatabaseUrl, Target};

/// How many lanes a database gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Connections to PostgreSQL, and so transactions at once. 16 by default.
    pub postgres_lanes: NonZeroUsize,
    /// Connections that read an SQLite file beside the one that writes. By default one per processor, 2 to 4.
    pub sqlite_readers: NonZeroUsize,
}

impl Default for Options {
    fn default() -> Self {
        const POSTGRES_LANES: NonZeroUsize = NonZeroUsize::new(16).unwrap();
        const FEWEST: NonZeroUsize = NonZeroUsize::new(2).unwrap();
        const MOST: NonZeroUsize = NonZeroUsize::new(4).unwrap();
        let processors = available_parallelism().unwrap_or(FEWEST);
        Self { postgres_lanes: POSTGRES_LANES, sqlite_readers: processors.clamp(FEWEST, MOST) }
    }
}

/// A database: the domain's [`UnitOfWork`], [`PairingStore`](memcard_domain::ports::PairingStore),
/// [`PairCodes`](memcard_domain::ports::PairCodes) and [`EventCounter`](memcard_domain::ports::EventCounter).
///
/// Cheap to clone. When the last clone is dropped, the drop waits for what was begun, closes the connections, and so
/// folds an SQLite file's log back into it.
#[derive(Clone)]
pub struct Database {
    lanes: Arc<Lanes>,
}

/// Readers are dropped first: the connection that is closed last folds SQLite's log back into the file.
struct Lanes {
    readers: Option<LaneGroup>,
    writers: LaneGroup,
    counter: StatementCounter,
}

impl Database {
    /// Opens a database and makes sure that it can be reached. An SQLite file is made if it is not there, with its
    /// folders and readable by its owner alone. Nothing is applied: see [`migrations`](crate::migrations).
    ///
    /// Needs no async runtime of a certain kind, or in a certain state: all I/O is on threads of its own.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn open(url: &DatabaseUrl, options: Options) -> Result<Self, StoreError> {
        let lanes = Lanes::start(url, options)?;
        lanes.writers.send(|lane| lane.run(|_| Ok(()))).await?;
        Ok(Self { lanes: Arc::new(lanes) })
    }

    /// How many statements the database was sent since it was opened, those that begin and end transactions included.
    /// What a request costs shows in how much it rises; a use case whose statements grow with the rows it is about is a
    /// fault.
    pub fn statements(&self) -> u64 {
        self.lanes.counter.count()
    }

    /// Runs work in one transaction; the inner result is the work's own.
    pub(crate) async fn transact_on<T, E, F>(&self, access: Access, work: F) -> Stored<Result<T, E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    {
        let group = match (access, &self.lanes.readers) {
            (Access::Read, Some(readers)) => readers,
            _ => &self.lanes.writers,
        };
        match group.send(move |lane: &mut Lane| lane.transact(access, work)).await? {
            Ending::Committed(value) => Ok(Ok(value)),
            Ending::RolledBack(refusal) => Ok(Err(refusal)),
            Ending::Panicked(panic) => resume_unwind(panic),
        }
    }

    /// Runs one atomic operation, the whole of a port's method.
    pub(crate) async fn atomically<T, F>(&self, access: Access, operation: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Stored<T> + Send + 'static,
    {
        self.transact_on(access, operation).await?
    }

    /// Runs work on a writer's connection outside any transaction.
    pub(crate) async fn on_writer<T, F>(&self, work: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session) -> Stored<T> + Send + 'static,
    {
        self.lanes.writers.send(move |lane: &mut Lane| lane.run(work)).await
    }
}

impl UnitOfWork for Database {
    fn execute(&self, access: Access, work: Work) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let ended =
                self.transact_on(access, move |session| work(&mut DieselTransaction::new(session))).await?;
            match ended {
                // A rollback that was asked for is what the work wanted: no failure of the store.
                Ok(()) | Err(Rollback) => Ok(()),
            }
        })
    }
}

impl Lanes {
    fn start(url: &DatabaseUrl, options: Options) -> Stored<Self> {
        let counter = StatementCounter::default();
        let start = |name, connector, lanes| LaneGroup::start(name, &connector, &counter, lanes);
        let (readers, writers) = match url.target() {
            Target::SqliteFile(path) => {
                let file = |role| Connector::SqliteFile { path: path.clone(), role };
                let readers = start("sqlite-reader", file(Role::Reader), options.sqlite_readers.get())?;
                (Some(readers), start("sqlite-writer", file(Role::Writer), 1)?)
            }
            Target::SqliteMemory => (None, start("sqlite", Connector::SqliteMemory, 1)?),
            Target::Postgres(config) => {
                let connector = Connector::Postgres(config.clone());
                (None, start("postgres", connector, options.postgres_lanes.get())?)
            }
        };
        Ok(Self { readers, writers, counter })
    }
}
