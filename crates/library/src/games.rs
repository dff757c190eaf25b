//! Reading the games of a platform.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use memcard_domain::catalogue::{FoundFile, FoundGame};
use memcard_domain::ports::{BoxFuture, FoundGames, GameReader, LibraryError};
use memcard_domain::time::{Timestamp, micros};
use walkdir::{DirEntry, WalkDir};

use crate::blocking::blocking;
use crate::litter::is_passed_over;
use crate::root::{Library, is_absence, unreadable};

/// After how many files a piece ends, at the next game.
const FILES_AT_ONCE: usize = 256;

/// The games of a platform, by name: every file counts towards the entry of the platform's folder that it is in or is.
pub(crate) struct Games {
    /// Taken while a piece is being read.
    walk: Option<Walk>,
}

/// A walk over a platform's folder, in the order of names.
struct Walk {
    folder: PathBuf,
    entries: Box<dyn Iterator<Item = walkdir::Result<DirEntry>> + Send>,
    /// The game whose files are being read.
    game: Option<FoundGame>,
    /// Games that are there but cannot be read, since the last piece.
    unreadable: BTreeSet<String>,
    ended: bool,
}

/// What an entry of a walk turned out to be.
enum Entry {
    File { game: String, file: FoundFile },
    Unreadable { game: String },
    Nothing,
}

impl Games {
    /// Begins to read a platform's folder. Blocks.
    pub(crate) fn begin(library: &Library, platform_folder: &str) -> Result<Self, LibraryError> {
        let folder = library.games_of(platform_folder)?;
        // Without its list there is nothing to read, so this is no entry to pass over.
        std::fs::read_dir(&folder)
            .inspect_err(
                |error| tracing::warn!(folder = %folder.display(), %error, "a platform cannot be read"),
            )
            .map_err(unreadable)?;
        let library = library.clone();
        let walk = WalkDir::new(&folder).min_depth(1).follow_links(true).sort_by_file_name();
        let entries = walk.into_iter().filter_entry(move |entry| is_in(&library, entry));
        let walk = Walk {
            folder,
            entries: Box::new(entries),
            game: None,
            unreadable: BTreeSet::new(),
            ended: false,
        };
        Ok(Self { walk: Some(walk) })
    }

    async fn read(&mut self) -> Result<Option<FoundGames>, LibraryError> {
        let Some(mut walk) = self.walk.take().filter(|walk| !walk.ended) else { return Ok(None) };
        let (walk, found) = blocking(move || {
            let found = walk.piece();
            Ok((walk, found))
        })
        .await?;
        self.walk = Some(walk);
        Ok(Some(found))
    }
}

impl GameReader for Games {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<FoundGames>, LibraryError>> {
        Box::pin(self.read())
    }
}

impl Walk {
    /// The next games, each with all of its files.
    fn piece(&mut self) -> FoundGames {
        let mut games = Vec::new();
        let mut files = 0;
        while files < FILES_AT_ONCE || self.game.is_none() {
            let Some(entry) = self.entries.next() else {
                games.extend(self.game.take());
                self.ended = true;
                break;
            };
            match self.read(entry) {
                Entry::File { game, file } => {
                    files += 1;
                    match &mut self.game {
                        Some(begun) if begun.fs_name == game => begun.files.push(file),
                        _ => {
                            let begun = FoundGame { fs_name: game, files: vec![file] };
                            games.extend(self.game.replace(begun));
                        }
                    }
                }
                Entry::Unreadable { game } => {
                    self.unreadable.insert(game);
                }
                Entry::Nothing => {}
            }
        }
        let unreadable = std::mem::take(&mut self.unreadable);
        if let Some(begun) = self.game.as_ref().filter(|begun| unreadable.contains(&begun.fs_name)) {
            self.unreadable.insert(begun.fs_name.clone());
        }
        games.retain(|game: &FoundGame| !unreadable.contains(&game.fs_name));
        for game in &mut games {
            game.files.sort_by(|one, two| one.path.cmp(&two.path));
        }
        FoundGames { games, unreadable: unreadable.into_iter().collect() }
    }

    fn read(&self, entry: walkdir::Result<DirEntry>) -> Entry {
        let found = entry.and_then(|entry| Ok((entry.metadata()?, entry)));
        match found {
            Ok((metadata, entry)) if metadata.is_file() => self.file(&entry, &metadata),
            Ok(_) => Entry::Nothing,
            Err(error) => self.failure(&error),
        }
    }

    fn file(&self, entry: &DirEntry, metadata: &Metadata) -> Entry {
        let path = entry.path().strip_prefix(&self.folder).ok().and_then(Path::to_str);
        let Some(path) = path else { return Entry::Nothing };
        let game = path.split_once('/').map_or(path, |(game, _)| game).to_owned();
        let modified_at = modified_at(metadata);
        Entry::File { game, file: FoundFile { path: path.to_owned(), size: metadata.len(), modified_at } }
    }

    /// What is no longer there, and what leads back to where it is, is nothing; whatever else fails may be there.
    fn failure(&self, error: &walkdir::Error) -> Entry {
        tracing::warn!(%error, "passed over in the library: cannot be read");
        let is_nothing = error.loop_ancestor().is_some() || error.io_error().is_some_and(is_absence);
        let below = error.path().and_then(|path| path.strip_prefix(&self.folder).ok());
        let game = below.and_then(|path| path.components().next()?.as_os_str().to_str());
        match game {
            Some(game) if !is_nothing => Entry::Unreadable { game: game.to_owned() },
            _ => Entry::Nothing,
        }
    }
}

/// Whether an entry is the library's business.
fn is_in(library: &Library, entry: &DirEntry) -> bool {
    let path = entry.path().display();
    let Some(name) = entry.file_name().to_str() else {
        tracing::warn!(%path, "passed over in the library: the name is not UTF-8");
        return false;
    };
    if is_passed_over(name) {
        return false;
    }
    if entry.path_is_symlink() && !library.contains(entry.path()) {
        tracing::warn!(%path, "passed over in the library: the link leads out of it");
        return false;
    }
    true
}

/// When a file was last written to; 1970 where that is no date.
pub(crate) fn modified_at(metadata: &Metadata) -> Timestamp {
    let nanoseconds = u32::try_from(metadata.mtime_nsec()).unwrap_or_default();
    micros(Timestamp::from_timestamp(metadata.mtime(), nanoseconds).unwrap_or_default())
}
