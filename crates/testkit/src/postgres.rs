//! A PostgreSQL database of a test's own, on the server that the tests were told of.

use std::hash::{BuildHasher as _, RandomState};
use std::thread;

use tokio_postgres::{Client, NoTls};

/// What names the server: a superuser's URL of one whose databases may come and go.
const VARIABLE: &str = "MEMCARD_TEST_POSTGRES_URL";

/// A database on the test server, dropped with this value.
#[derive(Debug)]
pub struct PostgresDatabase {
    /// Its URL.
    pub url: String,
    /// Its name.
    pub name: String,
}

impl PostgresDatabase {
    /// Makes an empty database; `None`, and a line that says so, where the tests know no server.
    ///
    /// # Panics
    /// Where `CI=true` and there is no server, or the server fails.
    pub async fn create() -> Option<Self> {
        let server = server()?;
        let name = format!("memcard_test_{:016x}", RandomState::new().hash_one(0));
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
        Some(Self { url: url_of(&server, &name), name })
    }

    /// A connection beside the store's own, as an administrator has one.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let Some(server) = server() else { return };
        let drop_it = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime may be the one that drops this value.
        let dropping = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                connect(&server).await.batch_execute(&drop_it).await.expect("it is dropped");
            });
        });
        assert!(dropping.join().is_ok() || thread::panicking(), "the test's database could not be dropped");
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of servers by their environment; they have no other"
)]
#[expect(clippy::print_stdout, reason = "a test that skips says so")]
fn server() -> Option<String> {
    if let Ok(url) = std::env::var(VARIABLE) {
        return Some(url);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{VARIABLE} has to be set in CI");
    println!("skipped: {VARIABLE} is not set");
    None
}

/// The same server, another database.
fn url_of(server: &str, database: &str) -> String {
    let (address, parameters) = server.split_once('?').map_or((server, None), |(one, two)| (one, Some(two)));
    let (authority, _) = address.rsplit_once('/').expect("a URL that names a database");
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{authority}/{database}{parameters}")
}
