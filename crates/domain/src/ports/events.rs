//! Events between those who make them and those who listen.

use std::fmt;

use super::{BoxFuture, StoreError};
use crate::event::{Event, Listener};

/// How many of the last events are kept for those who come back.
pub const KEPT_EVENTS: usize = 4096;

/// Most events that are heard at once.
pub const MOST_HEARD: usize = 64;

/// Tells events to whoever listens. A listener holds nothing but a cursor, so that a slow one costs nothing; it pulls
/// what follows, and learns when that is gone.
pub trait Events: Send + Sync {
    /// Appends events in that order and wakes who waits for them. After it was closed nothing happens. Best effort: an
    /// adapter that cannot keep them says so in its log, and whoever committed what they tell of goes on.
    fn publish(&self, events: Vec<Event>) -> BoxFuture<'_, ()>;

    /// Where a listener stands who has heard everything so far.
    fn latest(&self) -> BoxFuture<'_, Result<Cursor, StoreError>>;

    /// Waits until there is something after the cursor that the listener hears. Dropping the future loses nothing.
    ///
    /// # Errors
    /// What the adapter says.
    fn next(&self, listener: Listener, after: Cursor) -> BoxFuture<'_, Result<Heard, StoreError>>;

    /// Ends it for everybody: from now on every [`next`](Self::next) answers [`Heard::Over`] at once, those that wait
    /// too.
    fn close(&self);
}

/// A place among the events: after one of them, or before the first. Opaque: the adapter that gave it out reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What was published and is for them, oldest first, each with the place after it: 1 to [`MOST_HEARD`].
    Events(Vec<(Cursor, Event)>),
    /// The cursor is none that was given out here, or more than the last [`KEPT_EVENTS`] were published after it, so
    /// that some may be lost. Go on from this one.
    Missed(Cursor),
    /// There will be no more.
    Over,
}
