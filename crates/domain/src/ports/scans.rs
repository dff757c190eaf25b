//! Scans of the library, beside everything else that a server does.

use crate::catalogue::ScanStatus;
use crate::time::Timestamp;

/// Runs scans of the library, one at a time.
pub trait LibraryScans: Send + Sync {
    /// Begins a scan and says so; one that is running goes on instead. Atomic: of any number of callers one begins it.
    fn start(&self, now: Timestamp) -> ScanStatus;

    /// How the scan that began last stands.
    fn status(&self) -> ScanStatus;
}
