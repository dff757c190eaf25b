//! Scans that somebody else runs.

use std::mem;
use std::sync::{Mutex, PoisonError};

use memcard_domain::catalogue::{ScanReport, ScanStatus};
use memcard_domain::ports::LibraryScans;
use memcard_domain::time::Timestamp;

/// Keeps how a scan stands, and runs none: who embeds the rules does so, and says how it goes.
#[derive(Debug, Default)]
pub struct MemoryScans {
    status: Mutex<ScanStatus>,
}

impl MemoryScans {
    /// No scan yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how the running scan ended.
    pub fn end(&self, now: Timestamp, outcome: Result<ScanReport, String>) {
        self.change(|status| status.ended(now, outcome));
    }

    fn change(&self, change: impl FnOnce(ScanStatus) -> ScanStatus) -> ScanStatus {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        *status = change(mem::take(&mut status));
        status.clone()
    }
}

impl LibraryScans for MemoryScans {
    fn start(&self, now: Timestamp) -> ScanStatus {
        self.change(|status| status.begun(now))
    }

    fn status(&self) -> ScanStatus {
        self.change(|status| status)
    }
}
