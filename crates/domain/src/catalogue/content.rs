//! The bytes of games, for clients that fetch what they do not have.

use thiserror::Error;

use super::{
    CatalogueError, FileNotFound, FilePlace, Game, GameFile, GameShape, GameSource, NoContent,
    PlatformNotFound, game,
};
use crate::account::{Caller, Scope};
use crate::ids::{GameFileId, GameId};
use crate::ports::{
    Archive, ArchivedFile, LibraryError, LibraryFile, Ports, StoreError, Transaction, UnitOfWorkExt as _,
};

/// The bytes of a game, ready to be read.
pub enum OpenContent {
    /// A file as it is.
    File {
        /// Its name.
        name: String,
        /// The file.
        file: Box<dyn LibraryFile>,
    },
    /// Several files in one archive.
    Archive {
        /// The archive's name.
        name: String,
        /// The archive.
        archive: Archive,
    },
}

/// Why there are no bytes.
#[derive(Debug, Error)]
pub enum ContentError {
    /// The catalogue says so.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The catalogue knows a file that is no longer there.
    #[error(transparent)]
    Gone(#[from] NoContent),
    /// The library could not be read.
    #[error(transparent)]
    Library(LibraryError),
}

impl From<StoreError> for ContentError {
    fn from(error: StoreError) -> Self {
        Self::Catalogue(error.into())
    }
}

/// Opens a game: its file, or all of its files in one archive. Needs `roms.read`.
///
/// # Errors
/// See [`ContentError`].
pub async fn open_game(ports: &Ports, caller: Caller, id: GameId) -> Result<OpenContent, ContentError> {
    let content = ports.store.read(move |tx| content(tx, &caller, id)).await?;
    open(ports, id, content).await
}

/// Opens one file of a game. Needs `roms.read`.
///
/// # Errors
/// See [`ContentError`].
pub async fn open_file(ports: &Ports, caller: Caller, id: GameFileId) -> Result<OpenContent, ContentError> {
    let (game, content) = ports.store.read(move |tx| file_content(tx, &caller, id)).await?;
    open(ports, game, content).await
}

async fn open(ports: &Ports, game: GameId, content: Content) -> Result<OpenContent, ContentError> {
    let opened = match content {
        Content::File { name, place } => {
            ports.library.open(place).await.map(|file| OpenContent::File { name, file })
        }
        Content::Archive { name, files } => {
            ports.library.archive(files).await.map(|archive| OpenContent::Archive { name, archive })
        }
    };
    opened.map_err(|error| match error {
        // The next scan will say so.
        LibraryError::NotFound(_) | LibraryError::NoSuchFile => NoContent(game).into(),
        error => ContentError::Library(error),
    })
}

/// What a client gets.
enum Content {
    File { name: String, place: FilePlace },
    Archive { name: String, files: Vec<ArchivedFile> },
}

fn content(tx: &mut dyn Transaction, caller: &Caller, id: GameId) -> Result<Content, CatalogueError> {
    let game = game(tx, caller, id)?;
    if game.source != GameSource::Library {
        return Err(NoContent(id).into());
    }
    let files = tx.catalogue().files(&[id])?;
    let folder = Folder::of(tx, &game)?;
    match (GameShape::of(&files), &*files) {
        (GameShape::MultipleFiles, files) => Ok(folder.archive(&game, files)),
        (_, [file]) => Ok(folder.file(file)),
        _ => Err(NoContent(id).into()),
    }
}

fn file_content(
    tx: &mut dyn Transaction,
    caller: &Caller,
    id: GameFileId,
) -> Result<(GameId, Content), CatalogueError> {
    caller.require(Scope::RomsRead)?;
    let file = tx.catalogue().file(id)?.ok_or(FileNotFound(id))?;
    let game = game(tx, caller, file.game)?;
    if game.source != GameSource::Library {
        return Err(FileNotFound(id).into());
    }
    Ok((game.id, Folder::of(tx, &game)?.file(&file)))
}

/// The folder that a game's files are in.
struct Folder {
    library: String,
    platform_folder: String,
}

impl Folder {
    fn of(tx: &mut dyn Transaction, game: &Game) -> Result<Self, CatalogueError> {
        let platform = tx.catalogue().platform(game.platform)?.ok_or(PlatformNotFound(game.platform))?;
        let library = tx.catalogue().library_folder()?.ok_or(NoContent(game.id))?;
        Ok(Self { library, platform_folder: platform.fs_slug })
    }

    fn place(&self, file: &GameFile) -> FilePlace {
        FilePlace {
            library: self.library.clone(),
            platform_folder: self.platform_folder.clone(),
            path: file.path.clone(),
        }
    }

    fn file(&self, file: &GameFile) -> Content {
        Content::File { name: file.name().to_owned(), place: self.place(file) }
    }

    fn archive(&self, game: &Game, files: &[GameFile]) -> Content {
        let archived =
            |file: &GameFile| ArchivedFile { name: file.path_in_game().to_owned(), place: self.place(file) };
        Content::Archive {
            name: format!("{}.zip", game.fs_name),
            files: files.iter().map(archived).collect(),
        }
    }
}
