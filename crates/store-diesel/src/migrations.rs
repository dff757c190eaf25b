//! The schema's history, compiled into the crate: the same names in both databases.
//!
//! **Invariants:** nothing is applied unless somebody asks; two processes that ask at once follow one another; on SQLite
//! all that one call applies is applied or nothing is, on PostgreSQL each migration is.

use std::error::Error as StdError;

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationName, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use memcard_domain::ports::StoreError;
use thiserror::Error;

use crate::connection::{AnyConnection, PostgresConnection, Session};
use crate::database::Database;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The key of PostgreSQL's advisory lock around migrations: `memcard` in ASCII.
const LOCK: i64 = 0x6d_656d_6361_7264;

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its folder's name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Applies every migration that is not applied yet, oldest first; gives their names.
///
/// # Errors
/// [`StoreError::Unavailable`], or [`StoreError::Backend`] where a migration failed or the database has one that this
/// program does not know: a newer version has been at it, and what it holds might be misread.
pub async fn run(database: &Database) -> Result<Vec<String>, StoreError> {
    carry_out(database, Action::Run).await
}

/// Undoes the migration that was applied last; gives its name, none if none is applied. What the migration added is
/// lost with what is in it.
///
/// # Errors
/// As [`run`].
pub async fn revert(database: &Database) -> Result<Option<String>, StoreError> {
    Ok(carry_out(database, Action::Revert).await?.pop())
}

/// Undoes the migration that was applied last and applies it again; gives its name, none if none is applied.
///
/// # Errors
/// As [`run`].
pub async fn redo(database: &Database) -> Result<Option<String>, StoreError> {
    Ok(carry_out(database, Action::Redo).await?.pop())
}

/// Every migration of this program, oldest first, and whether the database has it.
///
/// # Errors
/// As [`run`].
pub async fn status(database: &Database) -> Result<Vec<MigrationStatus>, StoreError> {
    database
        .on_writer(|session| {
            let listed = match session.connection() {
                AnyConnection::Sqlite(connection) => unlocked(connection).and_then(|c| list(c, &SQLITE)),
                AnyConnection::Postgres(connection) => list(connection, &POSTGRES),
            };
            listed.map_err(StoreError::Backend)
        })
        .await
}

#[derive(Clone, Copy)]
enum Action {
    Run,
    Revert,
    Redo,
}

type Outcome<T> = Result<T, Box<dyn StdError + Send + Sync>>;

async fn carry_out(database: &Database, action: Action) -> Result<Vec<String>, StoreError> {
    database
        .on_writer(move |session: &mut Session| {
            let done = match session.connection() {
                AnyConnection::Sqlite(connection) => on_sqlite(connection, action),
                AnyConnection::Postgres(connection) => on_postgres(connection, action),
            };
            done.map_err(StoreError::Backend)
        })
        .await
}

/// One transaction around everything. Foreign keys are off meanwhile, as rebuilding a table needs, and checked at the
/// end.
fn on_sqlite(connection: &mut SqliteConnection, action: Action) -> Outcome<Vec<String>> {
    unlocked(connection)?.batch_execute("PRAGMA foreign_keys = OFF")?;
    let done = connection.immediate_transaction(|connection| {
        let names = perform(connection, &SQLITE, action).map_err(Failure)?;
        check_foreign_keys(connection).map_err(Failure)?;
        Ok::<_, Failure>(names)
    });
    connection.batch_execute("PRAGMA foreign_keys = ON")?;
    done.map_err(|failure| failure.0)
}

fn on_postgres(connection: &mut PostgresConnection, action: Action) -> Outcome<Vec<String>> {
    connection.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    let done = perform(connection, &POSTGRES, action);
    let unlocked = connection.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"));
    let names = done?;
    unlocked?;
    Ok(names)
}

/// The last transaction may have left the connection read-only.
fn unlocked(connection: &mut SqliteConnection) -> Outcome<&mut SqliteConnection> {
    connection.batch_execute("PRAGMA query_only = OFF")?;
    Ok(connection)
}

/// The database has a migration that is not among ours.
#[derive(Debug, Error)]
#[error("migration {0} was applied by a newer version of this program")]
struct NewerDatabase(String);

/// What stopped a migration, in a form that diesel's transactions pass on.
struct Failure(Box<dyn StdError + Send + Sync>);

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self(Box::new(error))
    }
}

fn perform<DB, C>(connection: &mut C, source: &EmbeddedMigrations, action: Action) -> Outcome<Vec<String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let (reverted, applied) = match action {
        Action::Run => (Vec::new(), pending(connection, source)?),
        Action::Revert => (last_applied(connection, source)?, Vec::new()),
        Action::Redo => (last_applied(connection, source)?, last_applied(connection, source)?),
    };
    for migration in &reverted {
        connection.revert_migration(migration.as_ref())?;
    }
    for migration in &applied {
        connection.run_migration(migration.as_ref())?;
    }
    let touched = if applied.is_empty() { reverted } else { applied };
    Ok(touched.iter().map(|migration| migration.name().to_string()).collect())
}

type Migrations<DB> = Vec<Box<dyn Migration<DB>>>;

fn pending<DB, C>(connection: &mut C, source: &EmbeddedMigrations) -> Outcome<Migrations<DB>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut applied = connection.applied_migrations()?;
    let mut migrations = MigrationSource::<DB>::migrations(source)?;
    let known: Vec<_> = migrations.iter().map(|migration| migration.name().version().as_owned()).collect();
    migrations.retain(|migration| !applied.contains(&migration.name().version().as_owned()));
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    applied.retain(|version| !known.contains(version));
    match applied.pop() {
        None => Ok(migrations),
        Some(unknown) => Err(Box::new(NewerDatabase(unknown.to_string()))),
    }
}

/// The last applied migration, alone; empty if none is applied.
fn last_applied<DB, C>(connection: &mut C, source: &EmbeddedMigrations) -> Outcome<Migrations<DB>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let Some(last) = connection.applied_migrations()?.into_iter().max() else { return Ok(Vec::new()) };
    let mut migrations = MigrationSource::<DB>::migrations(source)?;
    migrations.retain(|migration| migration.name().version() == last);
    if migrations.is_empty() {
        return Err(Box::new(NewerDatabase(last.to_string())));
    }
    Ok(migrations)
}

fn list<DB, C>(connection: &mut C, source: &EmbeddedMigrations) -> Outcome<Vec<MigrationStatus>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let applied = connection.applied_migrations()?;
    let mut migrations = MigrationSource::<DB>::migrations(source)?;
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    let status = |name: &dyn MigrationName| MigrationStatus {
        name: name.to_string(),
        applied: applied.contains(&name.version().as_owned()),
    };
    Ok(migrations.iter().map(|migration| status(migration.name())).collect())
}

fn check_foreign_keys(connection: &mut SqliteConnection) -> Outcome<()> {
    #[derive(QueryableByName)]
    struct Violation {
        #[diesel(sql_type = Text)]
        table: String,
    }
    let violations: Vec<Violation> =
        diesel::sql_query("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check").load(connection)?;
    if violations.is_empty() {
        return Ok(());
    }
    let tables: Vec<String> = violations.into_iter().map(|violation| violation.table).collect();
    Err(format!("rows of {} would refer to nothing", tables.join(", ")).into())
}
