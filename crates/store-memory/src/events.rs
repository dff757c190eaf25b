//! Events within one process.
//!
//! Invariants: a ring of the last [`KEPT_EVENTS`] and nothing per listener; cursors of another ring, as of the server
//! before it was started anew, are told apart.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_listener::Event as Signal;
use memcard_domain::event::{Event, Listener};
use memcard_domain::ports::{BoxFuture, Cursor, Events, Heard, KEPT_EVENTS, MOST_HEARD, Secrets, StoreError};

use crate::ready;

/// Events in memory.
#[derive(Debug)]
pub struct MemoryEvents {
    ring: Mutex<Ring>,
    /// Notified after each change of the ring.
    changed: Signal,
}

#[derive(Debug)]
struct Ring {
    /// What its cursors begin with.
    name: String,
    /// How many events there were before the oldest that is kept.
    dropped: u64,
    kept: VecDeque<Event>,
    is_closed: bool,
}

impl MemoryEvents {
    /// Nothing has happened yet.
    pub fn new(secrets: &dyn Secrets) -> Self {
        let name = secrets.uuid().simple().to_string();
        let ring = Ring { name, dropped: 0, kept: VecDeque::new(), is_closed: false };
        Self { ring: Mutex::new(ring), changed: Signal::new() }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, listener: Listener, after: Cursor) -> Heard {
        let mut after = after;
        loop {
            // Listened to before the look, so that nothing that comes between is slept through.
            let changed = self.changed.listen();
            match self.ring().look(listener, &after) {
                Look::Heard(heard) => return heard,
                Look::NothingUntil(latest) => after = latest,
            }
            changed.await;
        }
    }
}

impl Events for MemoryEvents {
    fn publish(&self, events: Vec<Event>) -> BoxFuture<'_, ()> {
        ready(move || {
            self.ring().append(events);
            self.changed.notify(usize::MAX);
        })
    }

    fn latest(&self) -> BoxFuture<'_, Result<Cursor, StoreError>> {
        ready(|| Ok(self.ring().latest()))
    }

    fn next(&self, listener: Listener, after: Cursor) -> BoxFuture<'_, Result<Heard, StoreError>> {
        Box::pin(async move { Ok(self.wait(listener, after).await) })
    }

    fn close(&self) {
        self.ring().is_closed = true;
        self.changed.notify(usize::MAX);
    }
}

/// What the ring has for a listener now.
enum Look {
    Heard(Heard),
    /// Nothing for them up to there.
    NothingUntil(Cursor),
}

impl Ring {
    fn append(&mut self, events: Vec<Event>) {
        if self.is_closed {
            return;
        }
        for event in events {
            if self.kept.len() == KEPT_EVENTS {
                self.kept.pop_front();
                self.dropped += 1;
            }
            self.kept.push_back(event);
        }
    }

    fn look(&self, listener: Listener, after: &Cursor) -> Look {
        if self.is_closed {
            return Look::Heard(Heard::Over);
        }
        let Some(first) = self.index_after(after) else { return Look::Heard(Heard::Missed(self.latest())) };
        let new = self.kept.iter().enumerate().skip(first);
        let heard = new.filter(|(_, event)| listener.hears(event)).take(MOST_HEARD);
        let heard: Vec<_> =
            heard.map(|(index, event)| (self.cursor_after(index + 1), event.clone())).collect();
        if heard.is_empty() { Look::NothingUntil(self.latest()) } else { Look::Heard(Heard::Events(heard)) }
    }

    fn latest(&self) -> Cursor {
        self.cursor_after(self.kept.len())
    }

    /// After so many of the kept events.
    fn cursor_after(&self, kept: usize) -> Cursor {
        Cursor(format!("{}-{}", self.name, self.dropped + kept as u64))
    }

    /// Where the event after the cursor is; `None` if that is not known any more, or never was.
    fn index_after(&self, cursor: &Cursor) -> Option<usize> {
        let (name, number) = cursor.0.rsplit_once('-')?;
        let index = number.parse::<u64>().ok()?.checked_sub(self.dropped)?;
        let index = usize::try_from(index).ok()?;
        (name == self.name && index <= self.kept.len()).then_some(index)
    }
}
