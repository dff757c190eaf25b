//! How often a device may ask (RFC 8628 § 3.5). Pacing lives beside the decision and never changes it.

use chrono::Duration;

use crate::time::Timestamp;

/// Seconds between polls, as told to the device.
pub const INTERVAL: Duration = Duration::seconds(5);
const STEP: Duration = Duration::seconds(5);
const MOST: Duration = Duration::seconds(25);

/// What a flow remembers of its polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// When the device last asked; `None` before the first poll.
    pub last_poll: Option<Timestamp>,
    /// What was added to [`INTERVAL`] by `slow_down` answers.
    pub penalty: Duration,
}

/// Whether a poll came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It kept the interval.
    Kept,
    /// It came too soon: `slow_down`.
    TooSoon,
}

impl Pacing {
    /// Before the first poll.
    pub const NEW: Self = Self { last_poll: None, penalty: Duration::zero() };

    /// Takes note of a poll. The first is never too soon; each that is adds 5 s to the interval, 25 s at most, with
    /// 10 % grace; one that keeps the interval is in time again.
    #[must_use]
    pub fn poll(self, now: Timestamp) -> (Self, Pace) {
        let interval = INTERVAL + self.penalty;
        let too_soon = self.last_poll.is_some_and(|last| now - last < interval * 9 / 10);
        let penalty = if too_soon { (self.penalty + STEP).min(MOST) } else { self.penalty };
        let pace = if too_soon { Pace::TooSoon } else { Pace::Kept };
        (Self { last_poll: Some(now), penalty }, pace)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(tenths: i64) -> Timestamp {
        DateTime::from_timestamp_millis(tenths * 100).unwrap()
    }

    #[test]
    fn the_first_poll_is_never_too_soon() {
        assert_eq!(Pacing::NEW.poll(at(0)).1, Pace::Kept);
    }

    #[test]
    fn ten_percent_early_is_in_time_and_more_is_not() {
        let (pacing, _) = Pacing::NEW.poll(at(0));
        assert_eq!(pacing.poll(at(45)).1, Pace::Kept);
        assert_eq!(pacing.poll(at(44)).1, Pace::TooSoon);
    }

    #[test]
    fn impatience_adds_five_seconds_up_to_25_and_patience_is_answered_again() {
        let (mut pacing, _) = Pacing::NEW.poll(at(0));
        for step in 1..=10 {
            let (next, pace) = pacing.poll(at(step));
            assert_eq!(pace, Pace::TooSoon);
            assert_eq!(next.penalty, Duration::seconds((step * 5).min(25)));
            pacing = next;
        }
        assert_eq!(pacing.poll(at(10 + 300)).1, Pace::Kept);
    }
}
