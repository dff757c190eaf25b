//! Declaring a game: how a client syncs a game that the server has no file of.

use thiserror::Error;

use super::naming::{game_name, platform_name, platform_slug, slugify};
use super::{Game, GameHashes, GameSource, NewGame, NewPlatform, Platform};
use crate::account::{Caller, Forbidden, Scope};
use crate::ports::{StoreError, Transaction};
use crate::time::Timestamp;

/// A game that a client declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// The platform's slug or folder name, at most 100 characters.
    pub platform_slug: String,
    /// The file's name, 1 to 255 bytes, without folders.
    pub file_name: String,
    /// Display name; the file's without extension and tags where none is given.
    pub name: Option<String>,
    /// Known hashes of the file, in any case.
    pub hashes: GameHashes,
}

/// What a declaration may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidDeclaration {
    /// The platform has no letter or digit in it, or is too long.
    #[error("platform_slug must have a letter or digit and at most 100 characters")]
    PlatformSlug,
    /// The file's name is empty, too long, or names a folder.
    #[error("file_name must have 1 to 255 bytes and name no folder")]
    FileName,
    /// The display name is too long.
    #[error("name must have at most 255 characters")]
    Name,
    /// A hash is none of its kind.
    #[error("{0} must be hexadecimal and of the right length")]
    Hash(&'static str),
}

/// Why a game was not declared.
#[derive(Debug, Error)]
pub enum DeclareError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A field may not be so.
    #[error(transparent)]
    Invalid(#[from] InvalidDeclaration),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The game of that platform and file name, added if it is not known: of any number of callers one adds it, and all get
/// it. A known game stays as it is, whatever is said of it. Needs `devices.write` or `roms.user.write`.
///
/// # Errors
/// See [`DeclareError`].
pub fn declare(
    tx: &mut dyn Transaction,
    now: Timestamp,
    caller: &Caller,
    declaration: Declaration,
) -> Result<Game, DeclareError> {
    caller.require(Scope::DevicesWrite).or_else(|_| caller.require(Scope::RomsUserWrite))?;
    let declaration = declaration.checked()?;
    let platform = platform_for(tx, now, &declaration.platform_slug)?;
    let Declaration { file_name, name, hashes, .. } = declaration;
    let game = NewGame {
        platform: platform.id,
        name: name.unwrap_or_else(|| game_name(&file_name)),
        fs_name: file_name,
        size: 0,
        hashes,
        source: GameSource::Declared,
        created_at: now,
    };
    Ok(tx.catalogue().find_or_insert_game(&game)?.0)
}

/// The platform that is known by that folder's name or by any name of its slug, or a new one.
fn platform_for(tx: &mut dyn Transaction, now: Timestamp, named: &str) -> Result<Platform, StoreError> {
    let slug = platform_slug(named);
    let known = tx.catalogue().platforms(None)?.into_iter().map(|(platform, _)| platform);
    let fits = |platform: &Platform| platform.fs_slug == named || platform.slug == slug;
    let (same, alike): (Vec<_>, Vec<_>) = known.filter(fits).partition(|platform| platform.fs_slug == named);
    match same.into_iter().chain(alike).next() {
        Some(platform) => Ok(platform),
        None => {
            let name = platform_name(named);
            let platform = NewPlatform { slug, fs_slug: slugify(named), name, created_at: now };
            tx.catalogue().find_or_insert_platform(&platform)
        }
    }
}

impl Declaration {
    fn checked(self) -> Result<Self, InvalidDeclaration> {
        let slug = self.platform_slug.trim();
        if !slug.contains(char::is_alphanumeric) || slug.chars().count() > 100 {
            return Err(InvalidDeclaration::PlatformSlug);
        }
        if !is_file_name(&self.file_name) {
            return Err(InvalidDeclaration::FileName);
        }
        let name = self.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| name.chars().count() > 255) {
            return Err(InvalidDeclaration::Name);
        }
        let hashes = self.hashes.normalised().map_err(InvalidDeclaration::Hash)?;
        Ok(Self { platform_slug: slug.to_owned(), file_name: self.file_name, name, hashes })
    }
}

fn is_file_name(text: &str) -> bool {
    let names_folder = text.contains(['/', '\\']) || matches!(text, "." | "..");
    (1..=255).contains(&text.len()) && !names_folder && !text.chars().any(char::is_control)
}
