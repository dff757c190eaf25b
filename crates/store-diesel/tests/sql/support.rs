//! Fresh databases for one test each.

use std::any::Any;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::thread;

use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};
use memcard_testkit::contract::Fresh;
use tokio_postgres::{Client, NoTls};

/// A migrated database, and what goes with it.
pub(crate) struct Opened {
    // Dropped first: a database closes before its folder or server-side database goes.
    pub(crate) database: Database,
    pub(crate) url: DatabaseUrl,
    keeper: Box<dyn Any>,
}

impl Opened {
    async fn new(url: &str, keeper: impl Any) -> Self {
        let url: DatabaseUrl = url.parse().unwrap();
        let database = Database::open(&url, Options::default()).await.unwrap();
        migrations::run(&database).await.unwrap();
        Self { database, url, keeper: Box::new(keeper) }
    }

    /// As a contract suite takes it.
    pub(crate) fn into_fresh<P: ?Sized>(self, port: impl FnOnce(Database) -> Arc<P>) -> Fresh<P> {
        Fresh::new(port(self.database)).kept_by(self.keeper)
    }
}

/// An SQLite file in a folder of its own.
pub(crate) async fn sqlite_file() -> Option<Opened> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("data/memcard.db").display());
    Some(Opened::new(&url, folder).await)
}

/// An SQLite database in memory.
pub(crate) async fn sqlite_memory() -> Option<Opened> {
    Some(Opened::new("sqlite::memory:", ()).await)
}

/// A PostgreSQL database of its own on the test server, `None` (and a line that says so) without one.
pub(crate) async fn postgres() -> Option<Opened> {
    let database = PostgresDatabase::create().await?;
    let url = database.url.clone();
    Some(Opened::new(&url, database).await)
}

const VARIABLE: &str = "MEMCARD_TEST_POSTGRES_URL";

/// A database on the test server, dropped with this value.
pub(crate) struct PostgresDatabase {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl PostgresDatabase {
    pub(crate) async fn create() -> Option<Self> {
        let server = server()?;
        let name = format!("memcard_test_{:016x}", RandomState::new().hash_one(0));
        admin(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        Some(Self { url: url_of(&server, &name), name })
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let Some(server) = server() else { return };
        let drop_it = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime may be the one that drops this value.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { admin(&server).await.batch_execute(&drop_it).await.unwrap() });
        });
        assert!(dropping.join().is_ok() || thread::panicking(), "the test's database could not be dropped");
    }
}

/// A connection of an administrator beside the store's own.
pub(crate) async fn admin(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A superuser's URL of a server whose databases may come and go.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of servers by their environment; they have no other"
)]
pub(crate) fn server() -> Option<String> {
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
    let (authority, _) = address.rsplit_once('/').unwrap();
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{authority}/{database}{parameters}")
}

/// One rule of this adapter, as one test per database.
macro_rules! on_every_database {
    ($rule:ident) => {
        mod $rule {
            use crate::support;

            fn check<O: Future<Output = Option<support::Opened>>>(open: impl FnOnce() -> O) {
                let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    if let Some(opened) = open().await {
                        super::$rule(&opened).await;
                    }
                });
            }

            #[test]
            fn sqlite_file() {
                check(support::sqlite_file);
            }

            #[test]
            fn sqlite_memory() {
                check(support::sqlite_memory);
            }

            #[test]
            fn postgres() {
                check(support::postgres);
            }
        }
    };
}
pub(crate) use on_every_database;
