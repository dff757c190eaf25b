//! Opening PostgreSQL: tokio-postgres on a small runtime of the lane's own, so that a query wakes no other thread and
//! the store works under any executor.
//!
//! Connections are made without TLS: PostgreSQL is expected on the same machine or a trusted network. A URL that
//! demands TLS (`sslmode=require`) is refused by the driver rather than served in the clear.

use std::cell::Cell;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::BlockOn;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, NoTls};

use crate::connection::{PostgresConnection, Session};
use crate::error::{Stored, unavailable};

/// How long making a connection may take, where the URL does not say.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The runtime that a connection's I/O runs on, only while its thread waits for an answer.
pub(crate) struct LaneRuntime(Runtime);

thread_local! {
    /// diesel-async makes the runtime of a wrapped connection itself; this is where it finds the one that the
    /// connection was made on.
    static HANDED_OVER: Cell<Option<Runtime>> = const { Cell::new(None) };
}

impl BlockOn for LaneRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[expect(
        clippy::expect_used,
        reason = "connections are only wrapped in `connect`, which hands a runtime over"
    )]
    fn get_runtime() -> Self {
        Self(HANDED_OVER.take().expect("a runtime was handed over"))
    }
}

/// Makes a connection.
pub(crate) fn connect(config: &Config) -> Stored<PostgresConnection> {
    let mut config = config.clone();
    if config.get_application_name().is_none() {
        config.application_name("memcard");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    let runtime = Builder::new_current_thread().enable_all().build().map_err(unavailable)?;
    let connection = runtime.block_on(async {
        let (client, connection) = config.connect(NoTls).await.map_err(unavailable)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(unavailable)
    })?;
    HANDED_OVER.set(Some(runtime));
    Ok(PostgresConnection::from(connection))
}

/// Makes every other transaction that takes the lock of this name wait until this one ends. SQLite needs no such lock:
/// its writers follow one another.
pub(crate) fn lock_name(session: &mut Session, name: &str) -> Stored<()> {
    let Some(connection) = session.postgres() else { return Ok(()) };
    let locked = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(name)
        .execute(connection);
    session.noted(locked).map(drop)
}

/// Takes the lock of this name if nobody has it; `false` if somebody has.
pub(crate) fn try_lock_name(session: &mut Session, name: &str) -> Stored<bool> {
    #[derive(QueryableByName)]
    struct Verdict {
        #[diesel(sql_type = Bool)]
        gained: bool,
    }
    let Some(connection) = session.postgres() else { return Ok(true) };
    let verdict = diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS gained")
        .bind::<Text, _>(name)
        .get_result::<Verdict>(connection);
    Ok(session.noted(verdict)?.gained)
}
