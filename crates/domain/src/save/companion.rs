//! Companions: files that accompany a main save and must not compete with it for the slot.

use std::fmt;

/// Extensions of companion files: clock and cartridge files that emulators write beside the save itself.
pub const COMPANIONS: [&str; 4] = ["bcr", "rtc", "smpc", "nvm"];

/// What a file is beside its main save: one of [`COMPANIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Companion(&'static str);

impl Companion {
    /// The companion that a file of this extension is; `None` for a main save.
    pub fn of_extension(extension: &str) -> Option<Self> {
        COMPANIONS.into_iter().find(|known| known.eq_ignore_ascii_case(extension)).map(Self)
    }

    /// The extension, lower case.
    pub const fn extension(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Companion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
