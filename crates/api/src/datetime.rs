//! Instants on the wire (contract § 0, rule 4).

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{Datelike as _, Duration, NaiveDateTime, Timelike as _, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Years that have four digits.
const YEARS: RangeInclusive<i32> = 0..=9999;

/// An instant. Written as RFC 3339 in UTC with an explicit `+00:00`, microseconds only if they are not zero: some
/// clients fail the whole answer without an offset. Read with 0 to 9 fraction digits and any offset; none means UTC.
///
/// What is read can be written so that every client knows it: years are 0 to 9999 (RFC 3339 § 5.6), in UTC as well, and a
/// leap second reads as the second after it, since most libraries refuse a sixtieth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A text that is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDateTime;

impl fmt::Display for InvalidDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a datetime such as 2026-09-04T11:12:27+00:00")
    }
}

impl std::error::Error for InvalidDateTime {}

impl From<chrono::DateTime<Utc>> for DateTime {
    fn from(at: chrono::DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl FromStr for DateTime {
    type Err = InvalidDateTime;

    fn from_str(text: &str) -> Result<Self, InvalidDateTime> {
        let at = read(text).ok_or(InvalidDateTime)?;
        let at = without_leap_second(at);
        if YEARS.contains(&at.year()) { Ok(Self(at)) } else { Err(InvalidDateTime) }
    }
}

fn read(text: &str) -> Option<chrono::DateTime<Utc>> {
    if let Ok(at) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|at| at.and_utc())
}

/// chrono tells a leap second by nanoseconds beyond a whole second.
fn without_leap_second(at: chrono::DateTime<Utc>) -> chrono::DateTime<Utc> {
    match at.nanosecond().checked_sub(1_000_000_000) {
        Some(nanoseconds) => at.with_nanosecond(nanoseconds).map_or(at, |at| at + Duration::seconds(1)),
        None => at,
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.0.nanosecond() / 1_000 == 0 {
            "%Y-%m-%dT%H:%M:%S+00:00"
        } else {
            "%Y-%m-%dT%H:%M:%S%.6f+00:00"
        };
        self.0.format(format).fmt(f)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for DateTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for DateTime {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc_with_offset_and_microseconds_only_if_there_are_any() {
        for (read, written) in [
            ("2026-09-04T11:12:27Z", "2026-09-04T11:12:27+00:00"),
            ("2026-09-04T11:12:27.000001Z", "2026-09-04T11:12:27.000001+00:00"),
            ("2026-09-04T11:12:27.5+02:00", "2026-09-04T09:12:27.500000+00:00"),
            ("2026-09-04T11:12:27.000000999Z", "2026-09-04T11:12:27+00:00"),
        ] {
            let at: DateTime = read.parse().unwrap();
            assert_eq!(serde_json::to_value(at).unwrap(), written, "{read}");
        }
    }

    #[test]
    fn instants_are_read_with_any_fraction_and_any_offset_and_without_one_as_utc() {
        for (text, nanoseconds) in [
            ("2026-09-04T11:12:27Z", 0),
            ("2026-09-04T11:12:27+00:00", 0),
            ("2026-09-04T13:12:27+02:00", 0),
            ("2026-09-04T05:42:27-05:30", 0),
            ("2026-09-04T11:12:27", 0),
            ("2026-09-04 11:12:27", 0),
            ("2026-09-04T11:12:27.1", 100_000_000),
            ("2026-09-04T11:12:27.123456Z", 123_456_000),
            ("2026-09-04T11:12:27.123456789+00:00", 123_456_789),
        ] {
            let read: DateTime = serde_json::from_value(text.into()).unwrap();
            let expected = chrono::DateTime::from_timestamp(1_788_520_347, nanoseconds).unwrap();
            assert_eq!(read.0, expected, "{text}");
        }
    }

    #[test]
    fn a_leap_second_reads_as_the_second_after_it() {
        for (read, written) in [
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
            ("2017-01-01T00:59:60.5+01:00", "2017-01-01T00:00:00.500000+00:00"),
            ("2016-12-31T23:59:60", "2017-01-01T00:00:00+00:00"),
        ] {
            let at: DateTime = read.parse().unwrap();
            assert_eq!(at.to_string(), written, "{read}");
        }
    }

    #[test]
    fn what_is_no_instant_or_cannot_be_written_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-09-04",
            "2026-13-04T11:12:27Z",
            "2026-09-04T25:12:27",
            "1788520347",
            "+12026-09-04T11:12:27",
            "-0001-09-04T11:12:27",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:60Z",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(text.parse::<DateTime>(), Err(InvalidDateTime), "{text}");
        }
    }
}
