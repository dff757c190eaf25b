//! Where a server lives.

use std::path::{Path, PathBuf};

use memcard_testkit::PostgresDatabase;
use tempfile::TempDir;

use super::{Person, Server};

/// A data folder and a database. Both go with this value.
pub(crate) struct Home {
    data: TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Home {
    /// A folder of its own, with the database in it.
    pub(crate) fn with_sqlite() -> Self {
        Self { data: tempfile::tempdir().expect("a folder"), postgres: None }
    }

    /// A folder of its own and a database on PostgreSQL, if the tests know a server.
    pub(crate) async fn with_postgres() -> Option<Self> {
        let postgres = PostgresDatabase::create().await?;
        Some(Self { postgres: Some(postgres), ..Self::with_sqlite() })
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The database's URL, where it is not in the folder.
    pub(crate) fn database_url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|postgres| postgres.url.as_str())
    }

    /// Starts a server and waits until it says that it is ready.
    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Starts a server with more options.
    pub(crate) fn serve_with(&self, options: &[&str]) -> Server {
        Server::start(self, options)
    }

    /// Starts a server and makes its first account, which is an administrator's.
    pub(crate) async fn serve_with_account(&self) -> (Server, Person) {
        let server = self.serve();
        let admin = server.set_up("admin").await;
        (server, admin)
    }

    /// Whether somebody was given the first account here: later starts print no link for it.
    pub(super) fn is_set_up(&self) -> bool {
        self.set_up_mark().exists()
    }

    /// What tells so, beside the server's own files.
    pub(super) fn set_up_mark(&self) -> PathBuf {
        self.data().join(".set-up")
    }
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}
