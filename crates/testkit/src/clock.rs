//! A clock that stands still until a test moves it.

use std::sync::{Mutex, PoisonError};

use chrono::Duration;
use memcard_domain::ports::Clock;
use memcard_domain::time::{Timestamp, micros};

/// A [`Clock`] that a test sets. Like every clock it tells whole microseconds.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(micros(now)))
    }

    /// Moves it to `now`, back as well as forth.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = micros(now);
    }

    /// Moves it by `by`, back where that is negative.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = micros(*now + by);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builders::at;

    #[test]
    fn it_stands_until_it_is_moved() {
        let clock = FixedClock::new(at(0));
        assert_eq!((clock.now(), clock.now()), (at(0), at(0)));
        clock.advance(Duration::minutes(2));
        assert_eq!(clock.now(), at(2));
        clock.set(at(-5));
        assert_eq!(clock.now(), at(-5));
    }

    #[test]
    fn it_tells_whole_microseconds() {
        let clock = FixedClock::new(at(0) + Duration::nanoseconds(999));
        assert_eq!(clock.now(), at(0));
        clock.advance(Duration::nanoseconds(999));
        assert_eq!(clock.now(), at(0));
    }
}
