//! One connection to either database, and the transaction that runs on it.
//!
//! **Invariant:** transactions are begun and ended here and nowhere else; a transaction in which a statement failed is
//! never committed, because PostgreSQL would answer such a commit with success and keep nothing.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection as _;
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use memcard_domain::ports::{Access, StoreError};
use thiserror::Error;

use crate::error::{self, Stored};
use crate::postgres::LaneRuntime;

/// A PostgreSQL connection that blocks its thread.
pub(crate) type PostgresConnection = AsyncConnectionWrapper<AsyncPgConnection, LaneRuntime>;

/// A connection to one of the two databases.
#[expect(clippy::large_enum_variant, reason = "there are only as many as lanes, and they are seldom moved")]
pub(crate) enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PostgresConnection),
}

/// Runs one query text on whichever database it is: the text is compiled once per backend. Errors become
/// [`StoreError`]s and doom the transaction. `|c: Db|` names the backend too, for `into_boxed::<Db>()`.
macro_rules! on_backend {
    ($session:expr, |$c:ident| $query:expr) => {{
        let session: &mut $crate::connection::Session = $session;
        let result = match session.connection() {
            $crate::connection::AnyConnection::Sqlite($c) => $query,
            $crate::connection::AnyConnection::Postgres($c) => $query,
        };
        session.noted(result)
    }};
    ($session:expr, |$c:ident: $Db:ident| $query:expr) => {{
        let session: &mut $crate::connection::Session = $session;
        let result = match session.connection() {
            $crate::connection::AnyConnection::Sqlite($c) => {
                type $Db = diesel::sqlite::Sqlite;
                $query
            }
            $crate::connection::AnyConnection::Postgres($c) => {
                type $Db = diesel::pg::Pg;
                $query
            }
        };
        session.noted(result)
    }};
}
pub(crate) use on_backend;

/// A connection with what happened on it.
pub(crate) struct Session {
    connection: AnyConnection,
    health: Health,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    /// Nothing went wrong in the present transaction.
    Good,
    /// A statement failed: the present transaction can only be rolled back.
    Failed,
    /// The database is gone; only a new connection helps.
    Lost,
}

/// How a transaction ended.
pub(crate) enum Ending<T, E> {
    Committed(T),
    RolledBack(E),
    /// The work panicked, with this, and was rolled back.
    Panicked(Box<dyn Any + Send>),
}

/// The work swallowed an error and asked for a commit.
#[derive(Debug, Error)]
#[error("a statement failed earlier in the transaction")]
struct DoomedTransaction;

impl Session {
    pub(crate) const fn new(connection: AnyConnection) -> Self {
        Self { connection, health: Health::Good }
    }

    pub(crate) const fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Whether only a new connection helps.
    pub(crate) fn is_lost(&self) -> bool {
        self.health == Health::Lost
    }

    /// The connection, if the database is PostgreSQL: for what only it needs.
    pub(crate) const fn postgres(&mut self) -> Option<&mut PostgresConnection> {
        match &mut self.connection {
            AnyConnection::Sqlite(_) => None,
            AnyConnection::Postgres(connection) => Some(connection),
        }
    }

    /// Takes note of how a statement ended.
    pub(crate) fn noted<T>(&mut self, result: QueryResult<T>) -> Stored<T> {
        result.map_err(|failure| {
            if self.is_lost_after(&failure) {
                self.health = Health::Lost;
                return error::unavailable(failure);
            }
            self.health = Health::Failed;
            error::of_statement(failure)
        })
    }

    /// A backend that is told to stop says so in an error like any other, in the server's language: whether it still
    /// answers is the question.
    fn is_lost_after(&mut self, failure: &DieselError) -> bool {
        let AnyConnection::Postgres(connection) = &mut self.connection else { return false };
        match failure {
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            ) => true,
            DieselError::DatabaseError(DatabaseErrorKind::Unknown, _) => {
                connection.batch_execute("").is_err()
            }
            _ => false,
        }
    }

    /// Runs statements that return nothing.
    pub(crate) fn batch(&mut self, statements: &str) -> Stored<()> {
        on_backend!(self, |c| c.batch_execute(statements))
    }

    /// Begins a transaction.
    ///
    /// On SQLite a writer takes the write lock at once: one that began as a reader would fail when another wrote
    /// meanwhile. On PostgreSQL a writer sees what others committed before each statement, so that what it reads after
    /// it got a row lock is current; a reader sees one state throughout, as on SQLite.
    pub(crate) fn begin(&mut self, access: Access) -> Stored<()> {
        self.health = Health::Good;
        let begin = match (&self.connection, access) {
            (AnyConnection::Sqlite(_), Access::Read) => "PRAGMA query_only = ON; BEGIN",
            (AnyConnection::Sqlite(_), Access::Write) => "PRAGMA query_only = OFF; BEGIN IMMEDIATE",
            (AnyConnection::Postgres(_), Access::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (AnyConnection::Postgres(_), Access::Write) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        self.batch(begin)
    }

    /// Runs the work in the transaction that was begun, and ends it.
    pub(crate) fn finish<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Stored<Ending<T, E>> {
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Ok(Ok(value)) => self.commit().map(|()| Ending::Committed(value)),
            Ok(Err(refusal)) => {
                self.roll_back();
                Ok(Ending::RolledBack(refusal))
            }
            Err(panic) => {
                self.roll_back();
                Ok(Ending::Panicked(panic))
            }
        }
    }

    fn commit(&mut self) -> Stored<()> {
        let committed = match self.health {
            Health::Good => self.batch("COMMIT"),
            Health::Failed | Health::Lost => Err(StoreError::Backend(Box::new(DoomedTransaction))),
        };
        if committed.is_err() {
            self.roll_back();
        }
        committed
    }

    /// Rolls back. A connection that cannot even do that is of no more use, unless SQLite has rolled back by itself, as
    /// it does when the disk is full.
    fn roll_back(&mut self) {
        let rolled_back = match &mut self.connection {
            AnyConnection::Sqlite(connection) => connection.batch_execute("ROLLBACK"),
            AnyConnection::Postgres(connection) => connection.batch_execute("ROLLBACK"),
        };
        if let Err(failure) = rolled_back
            && !failure.to_string().contains("no transaction is active")
        {
            tracing::warn!(error = %failure, "a transaction could not be rolled back; its connection is closed");
            self.health = Health::Lost;
        }
    }
}
