//! Counting recent events, for limits. What is too many is a rule of the domain (see
//! [`limit`](crate::limit)), not of the adapter.

use chrono::Duration;

use super::{BoxFuture, StoreError};
use crate::time::Timestamp;

/// Counts what happened lately, by key. Each method is atomic; keys are forgotten when their window has passed.
pub trait EventCounter: Send + Sync {
    /// Notes one event at `now` and says what happened within the window, this one included.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn record(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>>;

    /// What happened within the window.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn recent(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>>;

    /// Forgets what happened under the key.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn forget(&self, key: CounterKey) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// What is counted: a kind of event and whom it is counted against.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey {
    /// The kind of event.
    pub event: &'static str,
    /// An account, an address, or empty for all together.
    pub subject: String,
}

/// What happened within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// How many events.
    pub events: u32,
    /// When the oldest of them was.
    pub oldest: Option<Timestamp>,
    /// When the newest of them was.
    pub newest: Option<Timestamp>,
}
