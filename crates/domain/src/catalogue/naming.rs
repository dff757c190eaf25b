//! What platforms and games are called, from the names of their folders and files.

use super::Game;
use crate::save::without_tags;

/// Display names of common platforms by slug.
const KNOWN: &[(&str, &str)] = &[
    ("3do", "3DO Interactive Multiplayer"),
    ("3ds", "Nintendo 3DS"),
    ("amiga", "Commodore Amiga"),
    ("amstrad-cpc", "Amstrad CPC"),
    ("arcade", "Arcade"),
    ("atari2600", "Atari 2600"),
    ("atari5200", "Atari 5200"),
    ("atari7800", "Atari 7800"),
    ("c64", "Commodore 64"),
    ("colecovision", "ColecoVision"),
    ("dc", "Dreamcast"),
    ("dos", "DOS"),
    ("dreamcast", "Dreamcast"),
    ("famicom", "Family Computer"),
    ("fds", "Family Computer Disk System"),
    ("gamegear", "Game Gear"),
    ("gb", "Game Boy"),
    ("gba", "Game Boy Advance"),
    ("gbc", "Game Boy Color"),
    ("gc", "Nintendo GameCube"),
    ("genesis", "Sega Genesis"),
    ("intellivision", "Intellivision"),
    ("jaguar", "Atari Jaguar"),
    ("lynx", "Atari Lynx"),
    ("mastersystem", "Master System"),
    ("megadrive", "Mega Drive"),
    ("msx", "MSX"),
    ("n64", "Nintendo 64"),
    ("nds", "Nintendo DS"),
    ("neo-geo-cd", "Neo Geo CD"),
    ("neo-geo-pocket", "Neo Geo Pocket"),
    ("neo-geo-pocket-color", "Neo Geo Pocket Color"),
    ("neogeo", "Neo Geo"),
    ("nes", "Nintendo Entertainment System"),
    ("ngc", "Nintendo GameCube"),
    ("ngp", "Neo Geo Pocket"),
    ("ngpc", "Neo Geo Pocket Color"),
    ("pc-98", "PC-98"),
    ("pcengine", "PC Engine"),
    ("pico-8", "PICO-8"),
    ("pokemini", "Pokémon mini"),
    ("ps", "PlayStation"),
    ("ps2", "PlayStation 2"),
    ("ps3", "PlayStation 3"),
    ("psp", "PlayStation Portable"),
    ("psvita", "PlayStation Vita"),
    ("psx", "PlayStation"),
    ("saturn", "Sega Saturn"),
    ("scummvm", "ScummVM"),
    ("sega32", "Sega 32X"),
    ("segacd", "Sega CD"),
    ("sfam", "Super Famicom"),
    ("sfc", "Super Famicom"),
    ("sg1000", "SG-1000"),
    ("sms", "Master System"),
    ("snes", "Super Nintendo Entertainment System"),
    ("switch", "Nintendo Switch"),
    ("tg16", "TurboGrafx-16"),
    ("vectrex", "Vectrex"),
    ("virtualboy", "Virtual Boy"),
    ("wii", "Wii"),
    ("wiiu", "Wii U"),
    ("win", "Windows"),
    ("wonderswan", "WonderSwan"),
    ("wonderswan-color", "WonderSwan Color"),
    ("x68000", "Sharp X68000"),
    ("xbox", "Xbox"),
    ("xbox360", "Xbox 360"),
    ("zxs", "ZX Spectrum"),
];

/// A text as a slug: its letters and digits in lower case, everything between them one hyphen. A text without any is
/// taken as it is.
pub fn slugify(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|symbol: char| !symbol.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    if slug.is_empty() { text.to_owned() } else { slug }
}

/// The display name of a platform by its folder's name: a known one's, or the folder's own.
pub(super) fn platform_name(folder: &str) -> String {
    let slug = slugify(folder);
    KNOWN.iter().find(|(known, _)| *known == slug).map_or(folder, |(_, name)| name).to_owned()
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
        for (folder, name) in [
            ("gba", "Game Boy Advance"),
            ("GBA", "Game Boy Advance"),
            ("Neo Geo Pocket", "Neo Geo Pocket"),
            ("My Homebrew", "My Homebrew"),
        ] {
            assert_eq!(platform_name(folder), name, "{folder}");
        }
    }

    #[test]
    fn the_table_is_sorted_by_slugs_that_are_slugs() {
        assert!(KNOWN.is_sorted_by(|one, next| one.0 < next.0));
        for (slug, _) in KNOWN {
            assert_eq!(slugify(slug), *slug);
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
