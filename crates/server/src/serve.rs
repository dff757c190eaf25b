//! `serve`: start, tell where, run until told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use anyhow::{Context as _, Result};
use memcard_domain::ports::{Events, Ports, UnitOfWorkExt as _};
use memcard_domain::secret::Secret;
use memcard_domain::{account, catalogue};
use memcard_web::{AppState, PublicUrl, Settings};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ServeOptions;
use crate::data_folder::DataFolder;
use crate::sweeping;
use crate::wiring::{self, Opened};

/// How long requests under way may take after the signal to stop, in seconds.
const STOP_WITHIN: u64 = 30;

/// Runs the server until SIGINT or SIGTERM.
pub(crate) fn run(options: &ServeOptions) -> Result<()> {
    // The database's connections live on a multi-thread runtime of their own; actix's workers bring theirs.
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let data = DataFolder::open(&options.storage.data)?;
    let outcome = runtime.block_on(async {
        let Opened { ports, upkeep, scans } =
            wiring::open(&data, options.storage.database.as_deref()).await?;
        if let Some(folder) = &options.library {
            adopt_library(&ports, folder).await?;
        }
        let sweeping = sweeping::daily(ports.store.clone(), upkeep, options.storage.grace());
        tokio::spawn(sweeping);
        tokio::spawn(scans.run(ports.clone()));
        serve(ports, options).await
    });
    // A sweep and a scan may be broken off anywhere.
    runtime.shutdown_timeout(Duration::from_secs(STOP_WITHIN));
    outcome
}

async fn serve(ports: Ports, options: &ServeOptions) -> Result<()> {
    let public_url = options.public_url.as_deref().map(str::parse::<PublicUrl>).transpose()?;
    let set_up = ports.store.read(account::is_set_up).await?;
    let setup_token = (!set_up).then(|| Secret::random_hex(ports.secrets.as_ref()));
    let settings = Settings {
        public_url: public_url.clone(),
        trusted_proxies: options.trusted_proxy.clone(),
        max_body_bytes: options.max_body_bytes,
        setup_token: setup_token.as_ref().map(Secret::digest),
        ..Settings::new(env!("CARGO_PKG_VERSION"))
    };
    let events = Arc::clone(&ports.events);
    let state = AppState::new(ports.clone(), settings);
    let server = HttpServer::new(move || memcard_web::app(&state))
        .shutdown_timeout(STOP_WITHIN)
        .bind(options.listen)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = server.addrs().first().copied().unwrap_or(options.listen);
    announce(address, public_url.as_ref(), setup_token.as_ref())?;
    tokio::spawn(end_streams(events));
    catalogue::scan_at_start(&ports).await?;
    server.run().await.context("the server stopped")
}

/// Ends streams of events with the signal to stop: they would keep the server waiting for as long as it may. Requests
/// under way go on.
async fn end_streams(events: Arc<dyn Events>) {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
            events.close();
        }
        Err(error) => tracing::warn!(%error, "streams of events will keep the server from stopping early"),
    }
}

/// Tells on standard output where the server is, for people and for the proxy before it, and how to make the first account while there is none.
fn announce(address: SocketAddr, public_url: Option<&PublicUrl>, setup_token: Option<&Secret>) -> Result<()> {
    let origin = public_url.map_or_else(|| format!("http://{address}"), ToString::to_string);
    let mut out = std::io::stdout().lock();
    let listening = public_url.map(|_| format!(" (listening on {address})")).unwrap_or_default();
    writeln!(out, "Memcard is ready at {origin}/{listening}")?;
    if let Some(token) = setup_token {
        writeln!(out, "Make the first account at {origin}/setup?token={}", token.expose())?;
    }
    Ok(out.flush()?)
}

async fn adopt_library(ports: &Ports, folder: &Path) -> Result<()> {
    let folder =
        folder.canonicalize().with_context(|| format!("cannot find the library {}", folder.display()))?;
    let folder = folder.to_str().context("the library's path is no UTF-8")?.to_owned();
    catalogue::adopt_library(ports, folder).await.context("cannot read the library")
}
