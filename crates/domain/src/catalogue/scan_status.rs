//! How the scan of the library stands that began last, and beginning one.

use super::{ScanError, ScanReport};
use crate::account::{Caller, Forbidden, Scope};
use crate::ports::{Ports, StoreError, UnitOfWorkExt as _};
use crate::time::Timestamp;

/// How the scan that began last stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ScanStatus {
    /// None began since the server was started.
    #[default]
    Idle,
    /// It runs.
    Running {
        /// Since when.
        started_at: Timestamp,
        /// What it found and did so far.
        so_far: ScanReport,
    },
    /// It read the library to its end.
    Completed {
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Timestamp,
        /// What it found and did.
        report: ScanReport,
    },
    /// It ended before; what it had done is done, and the next one goes on from there.
    Failed {
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        ended_at: Timestamp,
        /// What it had found and done.
        so_far: ScanReport,
        /// Why it ended, for whoever administers the server.
        reason: String,
    },
}

impl ScanStatus {
    /// A scan that begins now, unless one runs, which goes on.
    #[must_use]
    pub fn begun(self, now: Timestamp) -> Self {
        match self {
            Self::Running { .. } => self,
            _ => Self::Running { started_at: now, so_far: ScanReport::default() },
        }
    }

    /// The running scan, further on; one that does not run stays as it is.
    #[must_use]
    pub fn gone_on(self, so_far: ScanReport) -> Self {
        match self {
            Self::Running { started_at, .. } => Self::Running { started_at, so_far },
            other => other,
        }
    }

    /// The running scan with its end; one that does not run stays as it is.
    #[must_use]
    pub fn ended(self, now: Timestamp, outcome: Result<ScanReport, String>) -> Self {
        match (self, outcome) {
            (Self::Running { started_at, .. }, Ok(report)) => {
                Self::Completed { started_at, ended_at: now, report }
            }
            (Self::Running { started_at, so_far }, Err(reason)) => {
                Self::Failed { started_at, ended_at: now, so_far, reason }
            }
            (other, _) => other,
        }
    }
}

/// Begins a scan, beside everything else that the server does; one that is running goes on instead. Needs `tasks.run`.
///
/// # Errors
/// See [`ScanError`]: what can be seen at once.
pub async fn start_scan(ports: &Ports, caller: &Caller) -> Result<ScanStatus, ScanError> {
    caller.require(Scope::TasksRun)?;
    let library = ports.store.read(|tx| tx.catalogue().library_folder()).await?.ok_or(ScanError::NoFolder)?;
    ports.library.platforms(&library).await?;
    Ok(ports.scans.start(ports.clock.now()))
}

/// How the scan stands that began last. Needs `tasks.run`.
///
/// # Errors
/// See [`Forbidden`].
pub fn scan_status(ports: &Ports, caller: &Caller) -> Result<ScanStatus, Forbidden> {
    caller.require(Scope::TasksRun)?;
    Ok(ports.scans.status())
}

/// Makes the folder the library: for whoever starts the server, who needs no account for it.
///
/// # Errors
/// See [`ScanError`]; a folder that cannot be read is not made the library.
pub async fn adopt_library(ports: &Ports, folder: String) -> Result<(), ScanError> {
    ports.library.platforms(&folder).await?;
    Ok(ports.store.transact(|tx| tx.catalogue().set_library_folder(Some(folder))).await?)
}

/// Begins a scan of the library, if there is one: for whoever starts the server.
///
/// # Errors
/// What the store says.
pub async fn scan_at_start(ports: &Ports) -> Result<(), StoreError> {
    if ports.store.read(|tx| tx.catalogue().library_folder()).await?.is_some() {
        ports.scans.start(ports.clock.now());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn one_runs_at_a_time_and_tells_how_far_it_is_and_how_it_ended() {
        let so_far = ScanReport { found: 3, ..ScanReport::default() };
        let running = ScanStatus::default().begun(at(1)).gone_on(so_far);
        assert_eq!(running, ScanStatus::Running { started_at: at(1), so_far });
        assert_eq!(running.clone().begun(at(2)), running);
        let report = ScanReport { found: 5, ..ScanReport::default() };
        let completed = running.clone().ended(at(3), Ok(report));
        assert_eq!(completed, ScanStatus::Completed { started_at: at(1), ended_at: at(3), report });
        let reason = "no disk".to_owned();
        let failed = running.ended(at(3), Err(reason.clone()));
        assert_eq!(failed, ScanStatus::Failed { started_at: at(1), ended_at: at(3), so_far, reason });
        let again = ScanStatus::Running { started_at: at(4), so_far: ScanReport::default() };
        assert_eq!((completed.begun(at(4)), failed.begun(at(4))), (again.clone(), again));
    }

    #[test]
    fn what_comes_after_the_end_changes_nothing() {
        let completed = ScanStatus::default().begun(at(1)).ended(at(2), Ok(ScanReport::default()));
        assert_eq!(completed.clone().gone_on(ScanReport { found: 3, ..ScanReport::default() }), completed);
        assert_eq!(completed.clone().ended(at(3), Err("late".to_owned())), completed);
    }
}
