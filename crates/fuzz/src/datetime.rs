//! Instants: an instant is read as the one that it is, whatever its fraction and offset; whatever is read is written as
//! clients know it, and reads as the same instant.

use arbitrary::{Arbitrary, Unstructured};
use chrono::{Datelike as _, FixedOffset};
use memcard_api::{DateTime, InvalidDateTime};

/// What clients know: years of four digits.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

/// A text from a client.
#[derive(Debug, Arbitrary)]
enum Input<'a> {
    /// Anything.
    Text(&'a str),
    /// Something that looks like an instant.
    Shaped(Shaped<'a>),
    /// An instant.
    Instant(Instant),
}

/// The parts of an instant's text, each of which may be wrong.
#[derive(Debug, Arbitrary)]
struct Shaped<'a> {
    year: i32,
    rest: [u8; 5],
    separator: char,
    fraction: Option<u64>,
    offset: &'a str,
}

/// An instant and how it is written.
#[derive(Debug, Arbitrary)]
struct Instant {
    seconds: i64,
    nanoseconds: u32,
    /// Of the fraction, modulo 10.
    digits: u8,
    offset: Offset,
}

#[derive(Debug, Arbitrary)]
enum Offset {
    /// None, which means UTC.
    None,
    /// The letter.
    Z,
    /// Minutes, modulo a day.
    Minutes(i16),
}

/// Makes an input of the bytes and checks it.
pub fn check(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Text(text)) => reads_as_it_writes(text),
        Ok(Input::Shaped(shaped)) => reads_as_it_writes(&shaped.text()),
        Ok(Input::Instant(instant)) => reads_as_it_is(&instant),
        Err(_) => {}
    }
}

fn reads_as_it_writes(text: &str) {
    let read = match text.parse::<DateTime>() {
        Ok(read) => read,
        Err(InvalidDateTime) => return,
    };
    let written = read.to_string();
    assert!(is_as_clients_know_it(&written), "{text:?}: {written}");
    let again: DateTime = written.parse().unwrap_or_else(|_| panic!("{text:?} was written {written}"));
    // Nanoseconds are not written.
    let lost = read.0 - again.0;
    assert!(lost >= chrono::Duration::zero() && lost < chrono::Duration::microseconds(1), "{text:?}: {lost}");
}

/// `YYYY-MM-DDTHH:MM:SS`, six digits of a fraction or none, `+00:00`; no second is the sixtieth.
fn is_as_clients_know_it(written: &str) -> bool {
    let shape = match written.len() {
        25 => "dddd-dd-ddTdd:dd:dd+00:00",
        32 => "dddd-dd-ddTdd:dd:dd.dddddd+00:00",
        _ => return false,
    };
    let fits = written.bytes().zip(shape.bytes()).all(|(symbol, shape)| match shape {
        b'd' => symbol.is_ascii_digit(),
        other => symbol == other,
    });
    fits && &written[17..19] < "60" && !written.contains(".000000")
}

fn reads_as_it_is(instant: &Instant) {
    let Some((text, at)) = instant.text() else { return };
    let read = text.parse();
    if YEARS.contains(&at.year()) {
        assert_eq!(read, Ok(DateTime(at)), "{text}");
        reads_as_it_writes(&text);
    } else {
        assert_eq!(read, Err(InvalidDateTime), "{text}");
    }
}

impl Instant {
    /// A text, and the instant that it means; none where the year is one that cannot be written, here or in UTC.
    fn text(&self) -> Option<(String, chrono::DateTime<chrono::Utc>)> {
        const YEAR_10_000: i64 = 253_402_300_800;
        let digits = u32::from(self.digits % 10);
        let nanoseconds = self.nanoseconds % 1_000_000_000;
        let unit = 10_u32.pow(9 - digits);
        // From a day before the year 0 to a day after 9999.
        let seconds =
            self.seconds.rem_euclid(YEAR_10_000 + 62_167_219_200 + 2 * 86_400) - 62_167_219_200 - 86_400;
        let at = chrono::DateTime::from_timestamp(seconds, nanoseconds / unit * unit)?;
        let (minutes, suffix) = match self.offset {
            Offset::None => (0, String::new()),
            Offset::Z => (0, "Z".to_owned()),
            Offset::Minutes(minutes) => {
                let minutes = i32::from(minutes) % (24 * 60);
                let sign = if minutes < 0 { '-' } else { '+' };
                (minutes, format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
            }
        };
        let local = at.with_timezone(&FixedOffset::east_opt(minutes * 60)?);
        if !YEARS.contains(&local.year()) {
            return None;
        }
        let fraction = match digits {
            0 => String::new(),
            digits => format!(".{:0width$}", nanoseconds / unit, width = digits as usize),
        };
        Some((format!("{}{fraction}{suffix}", local.format("%Y-%m-%dT%H:%M:%S")), at))
    }
}

impl Shaped<'_> {
    fn text(&self) -> String {
        let Self { year, rest: [month, day, hour, minute, second], separator, offset, .. } = self;
        let fraction = self.fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
        let (month, day) = (month % 14, day % 33);
        let (hour, minute, second) = (hour % 26, minute % 62, second % 62);
        format!("{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{offset}")
    }
}
