//! Which part of a body is wanted (RFC 9110 § 14).

use std::ops::Range;

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes were asked for and none of them is there.
    Unsatisfiable,
}

/// Reads a `Range` header for a body of `size` bytes. Anything but one range of bytes is answered with the whole body,
/// as § 14.2 allows: several ranges are how small requests ask for huge answers.
pub(super) fn wanted(header: &str, size: u64) -> Wanted {
    let Some(range) = header.trim().strip_prefix("bytes=") else { return Wanted::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return Wanted::Whole };
    match (position(first), position(last)) {
        (Some(Some(first)), Some(None)) => part(first..size, size),
        (Some(Some(first)), Some(Some(last))) if first <= last => {
            part(first..last.saturating_add(1).min(size), size)
        }
        (Some(None), Some(Some(suffix))) => part(size.saturating_sub(suffix)..size, size),
        _ => Wanted::Whole,
    }
}

fn part(range: Range<u64>, size: u64) -> Wanted {
    if range.is_empty() || range.start >= size { Wanted::Unsatisfiable } else { Wanted::Part(range) }
}

/// A position, `Some(None)` where it is left out, `None` where it is none.
fn position(text: &str) -> Option<Option<u64>> {
    match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_honoured_and_anything_else_is_the_whole() {
        for (header, size, expected) in [
            ("bytes=0-", 10, Wanted::Part(0..10)),
            ("bytes=3-5", 10, Wanted::Part(3..6)),
            ("bytes=3-3", 10, Wanted::Part(3..4)),
            ("bytes=3-99", 10, Wanted::Part(3..10)),
            ("bytes=9-", 10, Wanted::Part(9..10)),
            ("bytes=-4", 10, Wanted::Part(6..10)),
            ("bytes=-99", 10, Wanted::Part(0..10)),
            ("bytes=10-", 10, Wanted::Unsatisfiable),
            ("bytes=10-12", 10, Wanted::Unsatisfiable),
            ("bytes=-0", 10, Wanted::Unsatisfiable),
            ("bytes=0-", 0, Wanted::Unsatisfiable),
            ("bytes=0-18446744073709551615", 10, Wanted::Part(0..10)),
            ("bytes=5-3", 10, Wanted::Whole),
            ("bytes=-", 10, Wanted::Whole),
            ("bytes=a-b", 10, Wanted::Whole),
            ("bytes=+1-2", 10, Wanted::Whole),
            ("bytes=0-1,3-4", 10, Wanted::Whole),
            ("bytes=99999999999999999999-", 10, Wanted::Whole),
            ("items=0-1", 10, Wanted::Whole),
            ("", 10, Wanted::Whole),
        ] {
            assert_eq!(wanted(header, size), expected, "{header} of {size}");
        }
    }
}
