//! What lies in a folder without being anybody's.

/// Left behind by systems and their file managers, in lower case.
const LITTER: [&str; 9] = [
    // Windows
    "thumbs.db",
    "desktop.ini",
    "$recycle.bin",
    "system volume information",
    // macOS: a folder's icon, and the twin of an archive that was made there
    "icon\r",
    "__macosx",
    // Synology
    "@eadir",
    "#recycle",
    // ext file systems
    "lost+found",
];

/// Whether a name is hidden or litter.
pub(crate) fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || LITTER.contains(&name.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_names_and_litter_in_any_case_are_passed_over() {
        for name in [".DS_Store", "._Game.sfc", ".stfolder", "Thumbs.db", "desktop.INI", "@eaDir", "Icon\r"] {
            assert!(is_passed_over(name), "{name:?}");
        }
        for name in ["Game.sfc", "Icon", "Thumbs.db.sfc", "lost", "~Game.sfc", "$Game"] {
            assert!(!is_passed_over(name), "{name:?}");
        }
    }
}
