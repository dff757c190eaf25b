//! What platforms and games are called, from the names of their folders and files.

use super::Game;
use super::platforms::known_platform;
use crate::save::without_tags;

/// A text as a slug: its letters and digits in lower case, everything between them one hyphen. A text without any is
/// taken as it is.
pub fn slugify(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|symbol: char| !symbol.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() { text.to_owned() } else { slug }
}

/// The slug of a platform by its folder's name: a known one's, or the folder's own.
pub(super) fn platform_slug(folder: &str) -> String {
    known_platform(folder).map_or_else(|| slugify(folder), |known| known.slug.to_owned())
}

/// The display name of a platform by its folder's name: a known one's, or the folder's own.
pub(super) fn platform_name(folder: &str) -> String {
    known_platform(folder).map_or(folder, |known| known.name).to_owned()
}

/// The display name of a game: its file's name without extension and tags.
pub(super) fn game_name(file_name: &str) -> String {
    without_tags(split(file_name).0).to_owned()
}

impl Game {
    /// The file's name without its extension.
    pub fn stem(&self) -> &str {
        split(&self.fs_name).0
    }

    /// What follows the last dot of the file's name, without it; empty if there is none.
    pub fn extension(&self) -> &str {
        split(&self.fs_name).1
    }

    /// The stem without the `(…)` and `[…]` groups at its end: what save files are matched by.
    pub fn base_name(&self) -> &str {
        without_tags(self.stem())
    }
}

/// Stem and extension of a game's file. What follows a dot and could not be an extension belongs to the stem, since a
/// game of several files is a folder (`Dr. Mario`).
fn split(file_name: &str) -> (&str, &str) {
    match file_name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && is_extension(extension) => (stem, extension),
        _ => (file_name, ""),
    }
}

fn is_extension(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|symbol| symbol.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_platform_is_called_as_it_is_known_or_as_its_folder() {
        for (folder, slug, name) in [
            ("gba", "gba", "Game Boy Advance"),
            ("GBA", "gba", "Game Boy Advance"),
            ("megadrive", "genesis", "Sega Mega Drive/Genesis"),
            ("My Homebrew", "my-homebrew", "My Homebrew"),
        ] {
            assert_eq!((platform_slug(folder).as_str(), platform_name(folder).as_str()), (slug, name));
        }
    }

    #[test]
    fn a_game_is_called_as_its_file_without_extension_and_tags() {
        for (file, name) in [
            ("Golden Sun (USA) [!].gba", "Golden Sun"),
            ("Dr. Mario (World).nes", "Dr. Mario"),
            ("Dr. Mario", "Dr. Mario"),
            ("Final Fantasy VII (Disc 1).chd", "Final Fantasy VII"),
            (".hidden", ".hidden"),
        ] {
            assert_eq!(game_name(file), name, "{file}");
        }
    }

    #[test]
    fn a_folder_s_dot_begins_no_extension() {
        for (file, parts) in [
            ("Golden Sun (USA).gba", ("Golden Sun (USA)", "gba")),
            ("Dr. Mario", ("Dr. Mario", "")),
            ("Super Mario Bros. 3 (USA)", ("Super Mario Bros. 3 (USA)", "")),
            ("noext", ("noext", "")),
        ] {
            assert_eq!(split(file), parts, "{file}");
        }
    }

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug_and_never_empty(text in ".{1,40}") {
            let slug = slugify(&text);
            prop_assert!(!slug.is_empty());
            prop_assert_eq!(slugify(&slug), slug);
        }
    }
}
