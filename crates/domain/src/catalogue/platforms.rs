//! Common platforms, and the names that folders give them.
//!
//! Invariant: a name stands for one platform, whatever its case and the signs between its words.

/// A platform that people have games of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KnownPlatform {
    /// The slug clients know it by.
    pub(super) slug: &'static str,
    /// Display name.
    pub(super) name: &'static str,
    /// What else its folders are called. Slug and name need not be repeated.
    aliases: &'static [&'static str],
}

/// The platform that a folder's name stands for. A maker's name before it (`Sega - Saturn`) counts for nothing.
pub(super) fn known_platform(folder: &str) -> Option<&'static KnownPlatform> {
    by_name(folder).or_else(|| by_name(folder.split_once(" - ")?.1))
}

fn by_name(name: &str) -> Option<&'static KnownPlatform> {
    let key = key(name);
    KNOWN.iter().find(|known| known.names().any(|name| self::key(name) == key))
}

/// What names are compared by: their letters and digits.
fn key(name: &str) -> String {
    name.chars().filter(|symbol| symbol.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl KnownPlatform {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.slug, self.name].into_iter().chain(self.aliases.iter().copied())
    }
}

const fn known(slug: &'static str, name: &'static str, aliases: &'static [&'static str]) -> KnownPlatform {
    KnownPlatform { slug, name, aliases }
}

const KNOWN: &[KnownPlatform] = &[
    // Nintendo
    known("nes", "Nintendo Entertainment System", &["fc", "famicom", "family-computer", "nintendo"]),
    known("fds", "Famicom Disk System", &["family-computer-disk-system"]),
    known(
        "snes",
        "Super Nintendo Entertainment System",
        &["sfc", "sfam", "super-famicom", "super-nintendo", "snesna", "sneshd"],
    ),
    known("satellaview", "Satellaview", &["bsx"]),
    known("sufami-turbo", "Sufami Turbo", &["sufami"]),
    known("n64", "Nintendo 64", &[]),
    known("64dd", "Nintendo 64DD", &["n64dd"]),
    known("ngc", "Nintendo GameCube", &["gc", "gcn", "gamecube"]),
    known("wii", "Wii", &["nintendo-wii", "wiiware"]),
    known("wiiu", "Wii U", &["nintendo-wii-u"]),
    known("switch", "Nintendo Switch", &["nsw"]),
    known("switch-2", "Nintendo Switch 2", &["nsw2"]),
    known("gb", "Game Boy", &["dmg", "sgb", "super-game-boy"]),
    known("gbc", "Game Boy Color", &[]),
    known("gba", "Game Boy Advance", &["gbah"]),
    known("nds", "Nintendo DS", &["ds"]),
    known("nintendo-dsi", "Nintendo DSi", &["dsi"]),
    known("3ds", "Nintendo 3DS", &["n3ds"]),
    known("virtualboy", "Virtual Boy", &["vb", "nintendo-virtual-boy"]),
    known("pokemon-mini", "Pokémon mini", &["pokemini", "pkmini", "nintendo-pokemon-mini"]),
    known("g-and-w", "Game & Watch", &["gw", "game-and-watch"]),
    // Sony
    known("psx", "PlayStation", &["ps", "ps1", "playstation-1"]),
    known("ps2", "PlayStation 2", &[]),
    known("ps3", "PlayStation 3", &["ps3-psn"]),
    known("ps4", "PlayStation 4", &[]),
    known("ps5", "PlayStation 5", &[]),
    known("psp", "PlayStation Portable", &["psp-minis", "psp-psn"]),
    known("psvita", "PlayStation Vita", &["vita"]),
    // Sega
    known("sg1000", "SG-1000", &["sega-sg-1000"]),
    known("sms", "Sega Master System", &["mastersystem", "mark3", "sega-mark-iii"]),
    known(
        "genesis",
        "Sega Mega Drive/Genesis",
        &["md", "gen", "megadrive", "sega-mega-drive", "sega-genesis", "mega-drive-genesis", "megadrivejp"],
    ),
    known("segacd", "Sega CD", &["megacd", "sega-mega-cd", "mega-cd-sega-cd", "megacdjp", "scd"]),
    known("sega32", "Sega 32X", &["32x", "sega32xna", "sega32xjp"]),
    known("saturn", "Sega Saturn", &["ss", "saturnjp"]),
    known("dc", "Dreamcast", &["sega-dreamcast"]),
    known("gamegear", "Sega Game Gear", &["gg"]),
    known("sega-pico", "Sega Pico", &[]),
    // Microsoft
    known("xbox", "Xbox", &["microsoft-xbox"]),
    known("xbox360", "Xbox 360", &["microsoft-xbox-360", "xbla"]),
    // NEC
    known("tg16", "TurboGrafx-16/PC Engine", &["pce", "pcengine", "turbografx-16"]),
    known(
        "turbografx-cd",
        "TurboGrafx-CD/PC Engine CD",
        &["pcecd", "pcenginecd", "tgcd", "turbografx-16-cd"],
    ),
    known("supergrafx", "PC Engine SuperGrafx", &["sgx"]),
    known("pc-fx", "PC-FX", &[]),
    known("pc-8800-series", "PC-8800", &["pc88", "pc-8801"]),
    known("pc-9800-series", "PC-9800", &["pc98", "pc-9801"]),
    // SNK
    known("neogeoaes", "Neo Geo AES", &["neogeo", "aes"]),
    known("neogeomvs", "Neo Geo MVS", &["mvs"]),
    known("neo-geo-cd", "Neo Geo CD", &["ngcd", "neogeocdjp"]),
    known("neo-geo-pocket", "Neo Geo Pocket", &["ngp"]),
    known("neo-geo-pocket-color", "Neo Geo Pocket Color", &["ngpc"]),
    // Atari
    known("atari2600", "Atari 2600", &["a2600", "2600", "vcs"]),
    known("atari5200", "Atari 5200", &["a5200", "5200"]),
    known("atari7800", "Atari 7800", &["a7800", "7800"]),
    known("lynx", "Atari Lynx", &[]),
    known("jaguar", "Atari Jaguar", &[]),
    known("atari-jaguar-cd", "Atari Jaguar CD", &["jaguarcd"]),
    known("atari8bit", "Atari 8-bit", &["atari800", "atari-xe", "atarixegs"]),
    known("atari-st", "Atari ST", &[]),
    // Bandai, and other consoles and handhelds
    known("wonderswan", "WonderSwan", &["ws", "wswan"]),
    known("wonderswan-color", "WonderSwan Color", &["wsc", "wswanc"]),
    known("3do", "3DO Interactive Multiplayer", &["3do-interactive"]),
    known("philips-cd-i", "Philips CD-i", &["cdi", "cdimono1"]),
    known("colecovision", "ColecoVision", &["coleco"]),
    known("intellivision", "Intellivision", &["intv"]),
    known("vectrex", "Vectrex", &[]),
    known("odyssey-2", "Magnavox Odyssey 2", &["o2em", "videopac", "videopacplus"]),
    known("fairchild-channel-f", "Fairchild Channel F", &["channelf"]),
    known("astrocade", "Bally Astrocade", &["astrocde"]),
    known("creativision", "CreatiVision", &["crvision"]),
    known("supervision", "Watara Supervision", &[]),
    known("gamate", "Gamate", &[]),
    known("mega-duck-slash-cougar-boy", "Mega Duck/Cougar Boy", &["megaduck"]),
    known("game-dot-com", "Game.com", &["tiger-game-com"]),
    known("ngage", "N-Gage", &["nokia-n-gage"]),
    known("arduboy", "Arduboy", &[]),
    known("uzebox", "Uzebox", &[]),
    // Home computers
    known("amiga", "Commodore Amiga", &["amiga500", "amiga600", "amiga1200"]),
    known("amiga-cd32", "Amiga CD32", &["cd32"]),
    known("commodore-cdtv", "Commodore CDTV", &["amigacdtv", "cdtv"]),
    known("c64", "Commodore 64", &[]),
    known("c128", "Commodore 128", &[]),
    known("vic-20", "Commodore VIC-20", &[]),
    known("c-plus-4", "Commodore Plus/4", &["plus4"]),
    known("cpet", "Commodore PET", &["pet"]),
    known("acpc", "Amstrad CPC", &["cpc"]),
    known("zxs", "ZX Spectrum", &["sinclair-zx-spectrum", "spectrum"]),
    known("zx81", "Sinclair ZX81", &[]),
    known("msx", "MSX", &["msx1", "microsoft-msx"]),
    known("msx2", "MSX2", &["microsoft-msx2"]),
    known("sharp-x68000", "Sharp X68000", &["x68000", "x68k"]),
    known("x1", "Sharp X1", &[]),
    known("fm-towns", "FM Towns", &["fujitsu-fm-towns"]),
    known("fm-7", "FM-7", &["fujitsu-fm-7"]),
    known("appleii", "Apple II", &["apple2"]),
    known("apple-iigs", "Apple IIGS", &["apple2gs"]),
    known("mac", "Macintosh", &["macos", "apple-macintosh"]),
    known("bbcmicro", "BBC Microcomputer System", &["bbc"]),
    known("acorn-archimedes", "Acorn Archimedes", &["archimedes"]),
    known("acorn-electron", "Acorn Electron", &["electron"]),
    known("ti-99", "TI-99/4A", &[]),
    known("trs-80-color-computer", "TRS-80 Color Computer", &["coco"]),
    known("dragon-32-slash-64", "Dragon 32/64", &["dragon32"]),
    known("oric", "Oric", &["oricatmos"]),
    known("thomson-mo5", "Thomson MO5", &["thomson", "moto"]),
    // What games are made for without a machine of its own
    known("arcade", "Arcade", &["mame", "fbneo", "fba", "cps1", "cps2", "cps3", "naomi", "atomiswave"]),
    known("dos", "DOS", &["msdos"]),
    known("win", "Windows", &["pc"]),
    known("linux", "Linux", &[]),
    known("android", "Android", &[]),
    known("browser", "Web browser", &["flash"]),
    known("scummvm", "ScummVM", &[]),
    known("openbor", "OpenBOR", &[]),
    known("pico", "PICO-8", &["p8"]),
    known("tic-80", "TIC-80", &["tic"]),
    known("wasm-4", "WASM-4", &[]),
    known("easyrpg", "EasyRPG", &["rpgmaker"]),
    known("z-machine", "Z-machine", &["infocom"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::slugify;
    use super::*;

    #[test]
    fn a_name_stands_for_one_platform_and_a_slug_is_a_slug() {
        let mut owners = BTreeMap::new();
        for platform in KNOWN {
            assert_eq!(slugify(platform.slug), platform.slug);
            for name in platform.names() {
                let before = owners.insert(key(name), platform.slug);
                assert!(
                    before.is_none_or(|slug| slug == platform.slug),
                    "{name}: {before:?} and {platform:?}"
                );
            }
        }
        assert!(KNOWN.len() >= 100, "{} platforms", KNOWN.len());
    }

    #[test]
    fn an_alias_says_what_slug_and_name_do_not() {
        for platform in KNOWN {
            let own = [key(platform.slug), key(platform.name)];
            for alias in platform.aliases {
                assert!(!own.contains(&key(alias)), "{alias} of {}", platform.slug);
                let alike = platform.aliases.iter().filter(|other| key(other) == key(alias));
                assert_eq!(alike.count(), 1, "{alias} of {}", platform.slug);
            }
        }
    }

    #[test]
    fn folders_are_known_by_slug_name_and_alias_in_any_spelling() {
        for (folder, slug) in [
            ("gba", "gba"),
            ("GBA", "gba"),
            ("Game Boy Advance", "gba"),
            ("Nintendo - Game Boy Advance", "gba"),
            ("gb", "gb"),
            ("snes", "snes"),
            ("sfc", "snes"),
            ("Super Famicom", "snes"),
            ("psx", "psx"),
            ("ps1", "psx"),
            ("Sony - PlayStation", "psx"),
            ("n64", "n64"),
            ("nds", "nds"),
            ("megadrive", "genesis"),
            ("genesis", "genesis"),
            ("Sega - Mega Drive - Genesis", "genesis"),
            ("MAME", "arcade"),
            ("neo_geo_pocket", "neo-geo-pocket"),
            ("pico-8", "pico"),
        ] {
            assert_eq!(known_platform(folder).map(|known| known.slug), Some(slug), "{folder}");
        }
        for folder in ["My Homebrew", "gb-hacks", "roms", "-", ""] {
            assert_eq!(known_platform(folder), None, "{folder}");
        }
    }
}
