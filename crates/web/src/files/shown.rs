//! What lists say of a file's name and place.

use memcard_domain::ids::{GameId, UserId};
use memcard_domain::save::FileName;
use memcard_domain::time::Timestamp;

/// The sections whose files are shown alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Saves.
    Saves,
    /// States.
    States,
    /// Screenshots.
    Screenshots,
}

impl Section {
    const fn name(self) -> &'static str {
        match self {
            Self::Saves => "saves",
            Self::States => "states",
            Self::Screenshots => "screenshots",
        }
    }

    /// Where the bytes are, from the server's root. The instant changes with them, for clients that cache by address.
    pub(crate) fn download_path(self, id: i32, at: Timestamp) -> String {
        format!("/api/{}/{id}/content?timestamp={}", self.name(), at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

/// A file's name in parts, and a folder for people to read: the bytes are kept under their digest.
pub(crate) struct ShownFile {
    pub(crate) file_name: String,
    pub(crate) file_name_no_tags: String,
    pub(crate) file_name_no_ext: String,
    pub(crate) file_extension: String,
    pub(crate) file_path: String,
    pub(crate) full_path: String,
}

impl ShownFile {
    /// The user's file of that name and game.
    pub(crate) fn new(section: Section, user: UserId, game: GameId, name: &FileName) -> Self {
        let file_path = format!("users/{user}/{}/{game}", section.name());
        Self {
            file_name: name.as_str().to_owned(),
            file_name_no_tags: name.base_name().to_owned(),
            file_name_no_ext: name.stem().to_owned(),
            file_extension: name.extension().to_owned(),
            full_path: format!("{file_path}/{name}"),
            file_path,
        }
    }
}
