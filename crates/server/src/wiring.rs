//! Wiring: which adapter stands behind which port.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::{BlobUpkeep, Ports};
use memcard_library::{DiskLibrary, ScanJob};
use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};
use memcard_store_memory::MemoryEvents;
use memcard_system::{Argon2Passwords, OsSecrets, SystemClock};

use crate::data_folder::DataFolder;

/// What was opened.
pub(crate) struct Opened {
    /// For the use cases of users.
    pub(crate) ports: Ports,
    /// The same blobs, for whoever looks after them.
    pub(crate) upkeep: Arc<dyn BlobUpkeep>,
    /// The same scans, for whoever runs them.
    pub(crate) scans: Arc<ScanJob>,
}

/// Opens the database, with every migration applied, and the blobs, and puts them behind the ports.
pub(crate) async fn open(data: &DataFolder, database: Option<&str>) -> Result<Opened> {
    let url = database.map_or_else(|| data.database_url(), str::to_owned);
    let url: DatabaseUrl = url.parse().context("cannot read the database's address")?;
    let database = Database::open(&url, Options::default()).await.context("cannot open the database")?;
    for migration in migrations::run(&database).await.context("cannot bring the database up to date")? {
        tracing::info!(migration, "migration applied");
    }
    let blobs = Arc::new(FolderBlobs::open(data.root()).context("cannot open the folder of saves")?);
    let secrets = Arc::new(OsSecrets);
    let passwords = Argon2Passwords::new(secrets.clone()).context("cannot prepare password hashing")?;
    let code_key = data.code_key(secrets.as_ref())?;
    let database = Arc::new(database);
    let scans = Arc::new(ScanJob::new());
    let ports = Ports {
        store: database.clone(),
        blobs: blobs.clone(),
        pairings: database.clone(),
        pair_codes: database.clone(),
        counter: database,
        events: Arc::new(MemoryEvents::new(secrets.as_ref())),
        passwords: Arc::new(passwords),
        library: Arc::new(DiskLibrary),
        scans: scans.clone(),
        // There is no adapter yet: push_pull mode is off on every server.
        ssh: None,
        clock: Arc::new(SystemClock),
        secrets,
        code_key,
    };
    Ok(Opened { ports, upkeep: blobs, scans })
}
