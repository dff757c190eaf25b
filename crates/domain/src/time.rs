//! Time as the rules see it: instants in UTC with microsecond precision.

use chrono::{DateTime, SubsecRound, Utc};

/// An instant in UTC. Values that enter the domain are cut to microseconds ([`micros`]), because that is what every
/// store keeps: an instant read back equals the one written.
pub type Timestamp = DateTime<Utc>;

/// Cuts an instant to whole microseconds.
pub fn micros(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}

/// The first instant after both `now` and `latest`, in microseconds: how `updated_at` stays strictly increasing
/// whatever the clock does.
pub fn after(latest: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let now = micros(now);
    match latest {
        Some(latest) if latest >= now => latest + chrono::Duration::microseconds(1),
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_or_runs_back_still_gives_a_later_instant() {
        let at = DateTime::from_timestamp(1_000, 0).unwrap();
        let one = after(None, at);
        let two = after(Some(one), at);
        let three = after(Some(two), at - chrono::Duration::days(365));
        assert!(one < two && two < three);
    }
}
