//! Games and where they belong.

use memcard_domain::catalogue::{
    FoundFile, FoundGame, Game, GameHashes, GameSource, NewGame, NewGameFile, NewPlatform, Platform,
};
use memcard_domain::ids::PlatformId;
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::time::Timestamp;

use super::at;

/// A platform whose folder, slug and name are alike.
pub fn a_platform(folder: &str) -> NewPlatform {
    NewPlatform {
        slug: folder.to_owned(),
        fs_slug: folder.to_owned(),
        name: folder.to_uppercase(),
        created_at: at(0),
    }
}

/// A game of one file that a scan found, written to when the story begins.
pub fn a_found_game(fs_name: &str, size: u64) -> FoundGame {
    a_found_folder(fs_name, &[(fs_name, size)])
}

/// A game that a scan found, with the paths and sizes of its files.
pub fn a_found_folder(fs_name: &str, files: &[(&str, u64)]) -> FoundGame {
    let file =
        |(path, size): &(&str, u64)| FoundFile { path: (*path).to_owned(), size: *size, modified_at: at(0) };
    FoundGame { fs_name: fs_name.to_owned(), files: files.iter().map(file).collect() }
}

/// A file that a game has now, written to when the story begins.
pub fn a_game_file(path: &str, size: u64) -> NewGameFile {
    NewGameFile { path: path.to_owned(), size, modified_at: at(0), hashes: GameHashes::default() }
}

/// A game on `gba`: `Golden Sun`, found in the library when the story begins.
pub fn a_game() -> GameBuilder {
    GameBuilder {
        folder: "gba".to_owned(),
        name: "Golden Sun".to_owned(),
        fs_name: "Golden Sun (USA).gba".to_owned(),
        size: 8 << 20,
        hashes: GameHashes::default(),
        source: GameSource::Library,
        created_at: at(0),
    }
}

/// See [`a_game`].
#[derive(Debug, Clone)]
#[must_use]
pub struct GameBuilder {
    folder: String,
    name: String,
    fs_name: String,
    size: u64,
    hashes: GameHashes,
    source: GameSource,
    created_at: Timestamp,
}

impl GameBuilder {
    /// With another name; the file is named after it.
    pub fn named(self, name: &str) -> Self {
        let file = format!("{name}.gba");
        Self { name: name.to_owned(), ..self }.in_file(&file)
    }

    /// In another file.
    pub fn in_file(mut self, fs_name: &str) -> Self {
        self.fs_name = fs_name.to_owned();
        self
    }

    /// On another platform.
    pub fn on(mut self, folder: &str) -> Self {
        self.folder = folder.to_owned();
        self
    }

    /// Of another size.
    pub fn of_size(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// With known hashes.
    pub fn with_hashes(mut self, hashes: GameHashes) -> Self {
        self.hashes = hashes;
        self
    }

    /// Known from elsewhere.
    pub fn known_from(mut self, source: GameSource) -> Self {
        self.source = source;
        self
    }

    /// Added at another time.
    pub fn added(mut self, at: Timestamp) -> Self {
        self.created_at = at;
        self
    }

    /// The game to be inserted on that platform.
    pub fn build(self, platform: PlatformId) -> NewGame {
        NewGame {
            platform,
            name: self.name,
            fs_name: self.fs_name,
            size: self.size,
            hashes: self.hashes,
            source: self.source,
            created_at: self.created_at,
        }
    }

    /// Inserts the game, and its platform where that is not there yet.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<Game, StoreError> {
        let platform: Platform = tx.catalogue().find_or_insert_platform(&a_platform(&self.folder))?;
        let (game, _) = tx.catalogue().find_or_insert_game(&self.build(platform.id))?;
        Ok(game)
    }
}
