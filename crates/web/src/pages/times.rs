//! How long ago something was, for people.

use chrono::Duration;
use memcard_domain::time::Timestamp;

/// `just now`, `5 minutes ago`, `3 days ago`. What lies ahead (clocks differ) is just now.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let passed = now - at;
    let (count, unit) = match passed {
        _ if passed < Duration::seconds(5) => return "just now".to_owned(),
        _ if passed < Duration::minutes(1) => (passed.num_seconds(), "second"),
        _ if passed < Duration::hours(1) => (passed.num_minutes(), "minute"),
        _ if passed < Duration::days(1) => (passed.num_hours(), "hour"),
        _ => (passed.num_days(), "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn the_largest_whole_unit_is_named() {
        for (seconds, expected) in [
            (-30, "just now"),
            (4, "just now"),
            (5, "5 seconds ago"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (86_400 * 40, "40 days ago"),
        ] {
            let at = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
            assert_eq!(ago(at, at + Duration::seconds(seconds)), expected, "{seconds}");
        }
    }
}
