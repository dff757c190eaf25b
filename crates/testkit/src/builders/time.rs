//! When stories happen.

use chrono::{DateTime, Duration};
use memcard_domain::time::Timestamp;

/// 2026-09-04T10:32:27.123457Z: with microseconds, because stores keep them.
const BEGINNING_MICROS: i64 = 1_788_517_947_123_457;

/// So many minutes after the story begins; before it, where negative.
pub fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::microseconds(BEGINNING_MICROS) + Duration::minutes(minutes)
}
