//! File names: for display and for clients; never used as a path (storage names are digests).

use std::fmt;

use thiserror::Error;

use crate::time::Timestamp;

/// Most bytes of a name: what file systems take.
const LONGEST: usize = 255;
/// Most bytes of an extension. What follows a title's last dot may be longer, and is no extension then.
const LONGEST_EXTENSION: usize = 64;

/// A save's file name: the last component of what was sent, control characters replaced, dots and white space at its end
/// dropped, 1 to 255 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

/// Why a file name was refused. The texts go on from what the file is called: `Save file has no filename`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidFileName {
    /// Nothing is left of it.
    #[error("has no filename")]
    Missing,
    /// Longer than 255 bytes.
    #[error("name is longer than 255 bytes")]
    TooLong,
}

impl FileName {
    /// Takes a name as sent; folders before it (`/` or `\`) are dropped.
    ///
    /// # Errors
    /// See [`InvalidFileName`].
    pub fn new(sent: &str) -> Result<Self, InvalidFileName> {
        let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
        let printable: String =
            last.chars().map(|symbol| if symbol.is_control() { '_' } else { symbol }).collect();
        let name = printable.trim_start();
        let name = name.trim_end_matches(|symbol: char| symbol == '.' || symbol.is_whitespace()).to_owned();
        match name.as_str() {
            "" => Err(InvalidFileName::Missing),
            name if name.len() > LONGEST => Err(InvalidFileName::TooLong),
            _ => Ok(Self(name)),
        }
    }

    /// Takes a name that was stored.
    pub fn from_store(name: String) -> Self {
        Self(name)
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last dot, without it; empty if there is none, or if that is longer than 64 bytes.
    pub fn extension(&self) -> &str {
        self.split().1
    }

    /// The name without its extension.
    pub fn stem(&self) -> &str {
        self.split().0
    }

    /// The stem without the `(…)` and `[…]` groups at its end.
    pub fn base_name(&self) -> &str {
        without_tags(self.stem())
    }

    /// The name a slot stores it under: the instant's tag ` [YYYY-MM-DD_HH-MM-SS]` (UTC) before the extension, instead
    /// of an older one. A stem that leaves no room for it is cut.
    #[must_use]
    pub fn tagged(&self, at: Timestamp) -> Self {
        let (stem, extension) = self.split();
        Self::joined(without_instant_tag(stem), &at.format(" [%Y-%m-%d_%H-%M-%S]").to_string(), extension)
    }

    /// The name with ` (tag)` before the extension, cut where both would be longer than 255 bytes.
    #[must_use]
    pub(super) fn beside(&self, tag: &str) -> Self {
        let (stem, extension) = self.split();
        let harmless =
            |symbol: char| if symbol.is_control() || "/\\".contains(symbol) { '_' } else { symbol };
        let tag: String = tag.chars().map(harmless).collect();
        Self::joined(stem, &format!(" ({tag})"), extension)
    }

    /// A stem, cut where it leaves no room for the rest, with a tag and an extension.
    fn joined(stem: &str, tag: &str, extension: &str) -> Self {
        let dot = if extension.is_empty() { "" } else { "." };
        let room = LONGEST.saturating_sub(tag.len() + dot.len() + extension.len());
        let stem = &stem[..stem.floor_char_boundary(room)];
        Self(format!("{stem}{tag}{dot}{extension}"))
    }

    fn split(&self) -> (&str, &str) {
        match self.0.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && extension.len() <= LONGEST_EXTENSION => {
                (stem, extension)
            }
            _ => (&self.0, ""),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stem without the `(…)` and `[…]` groups at its end; itself if nothing else is in it.
pub(crate) fn without_tags(stem: &str) -> &str {
    let mut base = stem.trim_end();
    loop {
        let open = match base.chars().last() {
            Some(')') => base.rfind('('),
            Some(']') => base.rfind('['),
            _ => None,
        };
        match open {
            Some(open) if !base[..open].trim().is_empty() => base = base[..open].trim_end(),
            _ => return base,
        }
    }
}

fn without_instant_tag(stem: &str) -> &str {
    const SHAPE: &[u8] = b" [dddd-dd-dd_dd-dd-dd]";
    let Some(start) = stem.len().checked_sub(SHAPE.len()) else { return stem };
    let fits = stem.as_bytes()[start..].iter().zip(SHAPE).all(|(symbol, shape)| match shape {
        b'd' => symbol.is_ascii_digit(),
        other => symbol == other,
    });
    if fits { &stem[..start] } else { stem }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> FileName {
        FileName::new(text).unwrap()
    }

    #[test]
    fn the_parts_of_a_name_are_those_of_the_contract() {
        let save = name("Game (USA) (Rev 1) [!].srm");
        assert_eq!(save.extension(), "srm");
        assert_eq!(save.stem(), "Game (USA) (Rev 1) [!]");
        assert_eq!(save.base_name(), "Game");
        assert_eq!(name("(only tags)").base_name(), "(only tags)");
        assert_eq!(name(".srm").stem(), ".srm");
    }

    #[test]
    fn a_slot_s_tag_replaces_an_older_one() {
        let at = DateTime::from_timestamp(1_788_517_947, 0).unwrap();
        let once = name("Game (USA).srm").tagged(at);
        assert_eq!(once.as_str(), "Game (USA) [2026-09-04_10-32-27].srm");
        let twice = once.tagged(at + chrono::Duration::seconds(1));
        assert_eq!(twice.as_str(), "Game (USA) [2026-09-04_10-32-28].srm");
        assert_eq!(name("noext").tagged(at).as_str(), "noext [2026-09-04_10-32-27]");
    }

    #[test]
    fn a_name_beside_another_tells_of_both_and_keeps_base_name_and_extension() {
        let save = name("Game (USA).srm");
        let copy = save.beside("Phone");
        assert_eq!(copy.as_str(), "Game (USA) (Phone).srm");
        assert_eq!((copy.base_name(), copy.extension()), (save.base_name(), save.extension()));
        assert_eq!(name("noext").beside("a/b\\c\n").as_str(), "noext (a_b_c_)");
        let long = name(&format!("{}.srm", "é".repeat(125))).beside("Phone");
        assert!(long.as_str().len() <= 255 && long.as_str().ends_with("é (Phone).srm"), "{long}");
    }

    #[test]
    fn folders_are_dropped_and_nothing_is_no_name() {
        assert_eq!(name("../../etc/passwd").as_str(), "passwd");
        assert_eq!(name("..\\..\\boot.ini").as_str(), "boot.ini");
        assert_eq!(name("a\nb\0.srm").as_str(), "a_b_.srm");
        for missing in ["", " ", ".", "..", "a/", "x/.."] {
            assert_eq!(FileName::new(missing), Err(InvalidFileName::Missing), "{missing:?}");
        }
        assert_eq!(FileName::new(&"x".repeat(300)), Err(InvalidFileName::TooLong));
        assert!(FileName::new(&"x".repeat(255)).is_ok());
    }

    #[test]
    fn a_name_as_it_is_kept_is_taken_as_it_is() {
        for sent in ["a\u{3000}.", "a. \u{3000}", " a. .", "a .srm ."] {
            let kept = name(sent);
            assert_eq!(name(kept.as_str()), kept, "{sent:?}");
        }
    }

    #[test]
    fn a_name_is_not_too_long_with_a_slot_s_tag_either() {
        let at = DateTime::from_timestamp(1_788_517_947, 0).unwrap();
        let tagged = name(&format!("{}.srm", "ゼ".repeat(80))).tagged(at);
        assert_eq!(tagged.as_str(), format!("{} [2026-09-04_10-32-27].srm", "ゼ".repeat(76)));
        assert_eq!(tagged.tagged(at), tagged);
        let title = format!("What. {}", "x".repeat(200));
        assert_eq!(name(&title).extension(), "");
        assert_eq!(name(&title).tagged(at).as_str(), format!("{title} [2026-09-04_10-32-27]"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_harmless_name_or_a_clear_error(text in ".{0,300}", seconds in 0i64..4_000_000_000) {
            if let Ok(name) = FileName::new(&text) {
                prop_assert!(!name.as_str().contains(['/', '\\', '\0', '\n']));
                prop_assert!(!name.as_str().is_empty() && name.as_str().len() <= 255);
                let at = DateTime::from_timestamp(seconds, 0).unwrap();
                let tagged = name.tagged(at);
                prop_assert_eq!(tagged.tagged(at), tagged.clone());
                prop_assert_eq!(tagged.extension(), name.extension());
                prop_assert!(name.stem().starts_with(name.base_name()));
            }
        }
    }
}
