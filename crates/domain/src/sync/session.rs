//! Sync sessions: one negotiation and what followed from it. Losing, completing or cancelling a session never changes
//! a save; completing it may make evidence strong.

use thiserror::Error;

use crate::ids::{DeviceId, SessionId, SlotId, UserId};
use crate::save::ContentHash;
use crate::time::Timestamp;

/// One sync of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncSession {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Which device's.
    pub device: DeviceId,
    /// Where it stands.
    pub status: SessionStatus,
    /// Uploads, downloads and conflicts that were planned.
    pub operations_planned: u32,
    /// Operations done, as counted or as the client said.
    pub operations_completed: u32,
    /// Operations failed, as the client said.
    pub operations_failed: u32,
    /// Why it failed.
    pub error_message: Option<String>,
    /// When it began.
    pub initiated_at: Timestamp,
    /// When it reached an end state.
    pub completed_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionStatus {
    /// Made, not begun.
    Pending,
    /// Begun.
    InProgress,
    /// Done. Terminal.
    Completed,
    /// Broken off by an error. Terminal.
    Failed,
    /// Replaced by a newer one. Terminal.
    Cancelled,
}

impl SessionStatus {
    /// Every status.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::InProgress, Self::Completed, Self::Failed, Self::Cancelled];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether no arrow leaves it.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// The session has ended already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Session is already {}", .0.name())]
pub struct AlreadyEnded(pub SessionStatus);

/// What a client says it did; absent numbers keep the counted ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReportedOperations {
    /// Operations done.
    pub completed: Option<u32>,
    /// Operations failed.
    pub failed: Option<u32>,
}

impl SyncSession {
    /// The client is done.
    ///
    /// # Errors
    /// The session has ended already.
    pub fn complete(self, reported: ReportedOperations, now: Timestamp) -> Result<Self, AlreadyEnded> {
        let completed = reported.completed.unwrap_or(self.operations_completed);
        let failed = reported.failed.unwrap_or(self.operations_failed);
        let ended = self.end(SessionStatus::Completed, now)?;
        Ok(Self { operations_completed: completed, operations_failed: failed, ..ended })
    }

    /// A newer session of the device takes its place.
    ///
    /// # Errors
    /// The session has ended already.
    pub fn cancel(self, now: Timestamp) -> Result<Self, AlreadyEnded> {
        self.end(SessionStatus::Cancelled, now)
    }

    /// It broke off.
    ///
    /// # Errors
    /// The session has ended already.
    pub fn fail(self, message: String, now: Timestamp) -> Result<Self, AlreadyEnded> {
        Ok(Self { error_message: Some(message), ..self.end(SessionStatus::Failed, now)? })
    }

    /// One more operation is done; an ended session stays as it is.
    #[must_use]
    pub fn count_operation(self, now: Timestamp) -> Self {
        if self.status.is_terminal() {
            return self;
        }
        Self { operations_completed: self.operations_completed.saturating_add(1), updated_at: now, ..self }
    }

    fn end(self, status: SessionStatus, now: Timestamp) -> Result<Self, AlreadyEnded> {
        if self.status.is_terminal() {
            return Err(AlreadyEnded(self.status));
        }
        Ok(Self { status, completed_at: Some(now), updated_at: now, ..self })
    }
}

/// A session to be inserted: begun at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// Which device's.
    pub device: DeviceId,
    /// Operations planned.
    pub operations_planned: u32,
    /// Now.
    pub initiated_at: Timestamp,
}

/// What a client named in a negotiation, kept so that the upload that follows can be held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The slot it names.
    pub slot: SlotId,
    /// The hash it names.
    pub content_hash: Option<ContentHash>,
    /// The file's time, by the device's clock.
    pub file_time: Timestamp,
    /// The file's size in bytes.
    pub size: u64,
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn session() -> SyncSession {
        SyncSession {
            id: SessionId(1),
            user: UserId(1),
            device: DeviceId(Uuid::nil()),
            status: SessionStatus::InProgress,
            operations_planned: 3,
            operations_completed: 0,
            operations_failed: 0,
            error_message: None,
            initiated_at: at(0),
            completed_at: None,
            updated_at: at(0),
        }
    }

    #[test]
    fn a_session_that_has_ended_says_how() {
        let done = session().complete(ReportedOperations::default(), at(1)).unwrap();
        assert_eq!(done.completed_at, Some(at(1)));
        let again = done.complete(ReportedOperations::default(), at(2)).unwrap_err();
        assert_eq!(again.to_string(), "Session is already COMPLETED");
    }

    #[test]
    fn numbers_a_client_sends_replace_the_counted_ones_and_absent_ones_keep_them() {
        let counted = session().count_operation(at(1)).count_operation(at(1));
        let kept =
            counted.clone().complete(ReportedOperations { completed: None, failed: Some(1) }, at(2)).unwrap();
        assert_eq!((kept.operations_completed, kept.operations_failed), (2, 1));
        let said = counted.complete(ReportedOperations { completed: Some(5), failed: None }, at(2)).unwrap();
        assert_eq!((said.operations_completed, said.operations_failed), (5, 0));
    }

    proptest! {
        #[test]
        fn a_terminal_status_is_never_left(steps in proptest::collection::vec(0u8..4, 0..12)) {
            let mut session = session();
            for (index, step) in steps.into_iter().enumerate() {
                let now = at(index as i64 + 1);
                let before = session.clone();
                let next = match step {
                    0 => before.clone().complete(ReportedOperations::default(), now),
                    1 => before.clone().cancel(now),
                    2 => before.clone().fail("gone".to_owned(), now),
                    _ => Ok(before.clone().count_operation(now)),
                };
                if before.status.is_terminal() {
                    prop_assert!(next.as_ref().map_or(true, |next| *next == before));
                }
                if let Ok(next) = next {
                    prop_assert_eq!(next.status.is_terminal(), next.completed_at.is_some());
                    session = next;
                }
            }
        }
    }
}
