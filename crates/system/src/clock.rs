//! The machine's clock.

use chrono::Utc;
use memcard_domain::ports::Clock;
use memcard_domain::time::{Timestamp, micros};

/// The machine's clock, cut to microseconds. It may be set back; no rule depends on that it is not.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port's adapter: whoever else needs the time asks it"
    )]
    fn now(&self) -> Timestamp {
        micros(Utc::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_no_more_than_microseconds() {
        // Cut or not, one reading in a thousand has no nanoseconds by chance; a hundred have not.
        for _ in 0..100 {
            let now = SystemClock.now();
            assert_eq!(now, micros(now));
        }
    }
}
