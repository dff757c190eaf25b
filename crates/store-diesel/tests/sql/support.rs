//! Fresh databases for one test each.

use std::any::Any;
use std::sync::Arc;

use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};
use memcard_testkit::PostgresDatabase;
use memcard_testkit::contract::Fresh;
use tokio_postgres::Client;

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

    /// Closes the database; what it was in stays until the answer is dropped.
    pub(crate) fn close(self) -> Box<dyn Any> {
        drop(self.database);
        self.keeper
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.keeper.is::<PostgresDatabase>()
    }

    /// A connection beside the store's own, on PostgreSQL.
    pub(crate) async fn beside(&self) -> Client {
        self.keeper.downcast_ref::<PostgresDatabase>().unwrap().connect().await
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
