//! Recent events by key, as many as their windows hold.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Duration;
use memcard_domain::ports::{BoxFuture, CounterKey, EventCounter, Recent, StoreError};
use memcard_domain::time::Timestamp;

use crate::ready;

/// How many keys are kept at least before those whose window has passed are looked for.
const FIRST_SWEEP: usize = 1024;

/// An event counter in memory.
#[derive(Debug, Default)]
pub struct MemoryCounter {
    kept: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    keys: BTreeMap<CounterKey, Events>,
    /// How many keys were left after the last sweep.
    swept_to: usize,
}

/// The events of one key, in the order of their time.
#[derive(Debug)]
struct Events {
    window: Duration,
    at: VecDeque<Timestamp>,
}

impl MemoryCounter {
    /// Nothing counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventCounter for MemoryCounter {
    fn record(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        ready(move || Ok(self.counted().record(key, window, now)))
    }

    fn recent(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        ready(move || {
            Ok(self.counted().keys.get(&key).map_or(Recent::default(), |events| events.within(window, now)))
        })
    }

    fn forget(&self, key: CounterKey) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(move || {
            self.counted().keys.remove(&key);
            Ok(())
        })
    }
}

impl Counted {
    fn record(&mut self, key: CounterKey, window: Duration, now: Timestamp) -> Recent {
        self.sweep(now);
        let events = self.keys.entry(key).or_insert_with(|| Events { window, at: VecDeque::new() });
        events.window = window;
        events.drop_passed(now);
        events.add(now);
        events.within(window, now)
    }

    /// Forgets keys whose window has passed, each time that their number has doubled: never all of them for one event.
    fn sweep(&mut self, now: Timestamp) {
        if self.keys.len() < FIRST_SWEEP.max(2 * self.swept_to) {
            return;
        }
        self.keys.retain(|_, events| events.within(events.window, now).events > 0);
        self.swept_to = self.keys.len();
    }
}

impl Events {
    /// Keeps the order even where the clock ran back.
    fn add(&mut self, now: Timestamp) {
        let place = self.at.partition_point(|at| *at <= now);
        self.at.insert(place, now);
    }

    fn drop_passed(&mut self, now: Timestamp) {
        let passed = self.at.partition_point(|at| *at <= now - self.window);
        self.at.drain(..passed);
    }

    fn within(&self, window: Duration, now: Timestamp) -> Recent {
        let first = self.at.partition_point(|at| *at <= now - window);
        let mut recent = self.at.range(first..);
        Recent {
            events: u32::try_from(recent.len()).unwrap_or(u32::MAX),
            oldest: recent.next().copied(),
            newest: self.at.range(first..).next_back().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use memcard_testkit::builders::at;

    use super::*;

    fn key(subject: usize) -> CounterKey {
        CounterKey { event: "knock", subject: subject.to_string() }
    }

    #[test]
    fn keys_are_forgotten_when_their_window_has_passed() {
        let mut counted = Counted::default();
        for subject in 0..FIRST_SWEEP {
            counted.record(key(subject), Duration::minutes(1), at(0));
        }
        assert_eq!(counted.keys.len(), FIRST_SWEEP);
        counted.record(key(0), Duration::minutes(1), at(1));
        assert_eq!(counted.keys.len(), 1);
    }

    #[test]
    fn keys_whose_window_is_open_are_kept_however_many() {
        let mut counted = Counted::default();
        for subject in 0..3 * FIRST_SWEEP {
            counted.record(key(subject), Duration::minutes(1), at(0));
        }
        assert_eq!(counted.keys.len(), 3 * FIRST_SWEEP);
    }

    #[test]
    fn a_clock_that_runs_back_keeps_the_order() {
        let mut counted = Counted::default();
        counted.record(key(0), Duration::minutes(9), at(5));
        let recent = counted.record(key(0), Duration::minutes(9), at(3));
        assert_eq!(recent, Recent { events: 2, oldest: Some(at(3)), newest: Some(at(5)) });
    }
}
