//! Scans beside everything else that a server does.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use memcard_domain::catalogue::{self, ScanReport, ScanStatus};
use memcard_domain::ports::{LibraryScans, Ports};
use memcard_domain::time::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// After how many games more the log hears of a scan.
const LOGGED_EVERY: usize = 1_000;

/// Scans the library when it is asked to, one at a time, wherever [`run`](Self::run) is polled.
#[derive(Debug, Default)]
pub struct ScanJob {
    status: Mutex<ScanStatus>,
    asked: Notify,
}

impl ScanJob {
    /// No scan yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs scans as they are asked for, for ever. Dropped in the midst of one, it leaves a catalogue that the next one goes
    /// on from.
    pub async fn run(self: Arc<Self>, ports: Ports) -> Infallible {
        loop {
            self.asked.notified().await;
            // A task of its own, so that a panic ends one scan and not the server. It ends with the set.
            let mut running = JoinSet::new();
            let (job, used) = (Arc::clone(&self), ports.clone());
            running.spawn(async move { job.scan(&used).await });
            if let Some(Err(error)) = running.join_next().await {
                tracing::error!(%error, "a scan broke off");
                self.change(|status| status.ended(ports.clock.now(), Err(error.to_string())));
            }
        }
    }

    async fn scan(&self, ports: &Ports) {
        tracing::info!("scanning the library");
        let logged = Mutex::new(0);
        let progress = |so_far: ScanReport| {
            self.change(|status| status.gone_on(so_far));
            let mut logged = logged.lock().unwrap_or_else(PoisonError::into_inner);
            if so_far.found >= *logged + LOGGED_EVERY {
                *logged = so_far.found;
                tracing::info!(?so_far, "scanning the library");
            }
        };
        let outcome = catalogue::scan(ports, &progress).await;
        match &outcome {
            Ok(report) => tracing::info!(?report, "library scanned"),
            Err(error) => tracing::warn!(error = chain(error), "the library was not scanned to its end"),
        }
        let outcome = outcome.map_err(|error| chain(&error));
        self.change(|status| status.ended(ports.clock.now(), outcome));
    }

    fn change(&self, change: impl FnOnce(ScanStatus) -> ScanStatus) -> ScanStatus {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        *status = change(mem::take(&mut status));
        status.clone()
    }
}

impl LibraryScans for ScanJob {
    fn start(&self, now: Timestamp) -> ScanStatus {
        let mut is_new = false;
        let status = self.change(|status| {
            is_new = !matches!(status, ScanStatus::Running { .. });
            status.begun(now)
        });
        if is_new {
            self.asked.notify_one();
        }
        status
    }

    fn status(&self) -> ScanStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
