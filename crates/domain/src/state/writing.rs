//! New bytes for states. They always win: no device holds a state, so that nobody else's is in the way.

use std::collections::BTreeMap;

use thiserror::Error;

use super::reading::{StateError, StateNotFound, find};
use crate::catalogue::{GameNotFound, note_played};
use crate::ids::{GameId, StateId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::{Content, Draft, FileName, LockedSlot, Save, SlotKey, SlotPlace, VersionKind, Visibility};
use crate::screenshot::{self, Picture};
use crate::time::Timestamp;

/// A state whose bytes were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateUpload {
    /// Whose.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// The emulator that wrote it.
    pub emulator: Option<String>,
    /// The name that was sent.
    pub file_name: FileName,
    /// What the stored bytes are.
    pub content: Content,
    /// A picture of it.
    pub screenshot: Option<Picture>,
}

/// What shall take the place of what a state has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateEdit {
    /// Other bytes, and a picture of them.
    Content {
        /// What the stored bytes are.
        content: Content,
        /// A picture of them.
        screenshot: Option<Picture>,
    },
    /// Another picture of the same bytes.
    Screenshot(Picture),
}

/// Why a state was not taken in.
#[derive(Debug, Error)]
pub enum UploadError {
    /// There is no such game.
    #[error(transparent)]
    GameNotFound(#[from] GameNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a state was not changed.
#[derive(Debug, Error)]
pub enum EditError {
    /// The user has no such state.
    #[error(transparent)]
    NotFound(StateNotFound),
    /// Its bytes were replaced: what is in the history stays as it is.
    #[error("State was replaced by a newer one and cannot be changed")]
    Replaced,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StateError> for EditError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::NotFound(error) => Self::NotFound(error),
            StateError::Store(error) => Self::Store(error),
        }
    }
}

/// Takes a state in: a new row, or, where the game has one of that emulator and name, that row with new bytes. The same
/// bytes again change nothing but the picture.
///
/// # Errors
/// See [`UploadError`].
pub fn upload(tx: &mut dyn Transaction, now: Timestamp, upload: &StateUpload) -> Result<Save, UploadError> {
    tx.catalogue().game(upload.game)?.ok_or(GameNotFound(upload.game))?;
    Ok(keep(tx, now, upload, VersionKind::WebUpload)?)
}

/// Puts other bytes, or another picture, in the place of what a state has. Its id and name stay.
///
/// # Errors
/// See [`EditError`].
pub fn edit(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: StateId,
    edit: StateEdit,
) -> Result<Save, EditError> {
    let game = find(tx, user, id)?.key.game;
    tx.saves().lock_game(user, game)?;
    let mut state = find(tx, user, id)?;
    match edit {
        StateEdit::Screenshot(picture) => {
            screenshot::attach(tx, now, &mut state, &picture)?;
            Ok(state)
        }
        StateEdit::Content { .. } if state.visibility != Visibility::Visible => Err(EditError::Replaced),
        StateEdit::Content { content, screenshot } => {
            let Save { file_name, emulator, .. } = state;
            let upload = StateUpload { user, game, emulator, file_name, content, screenshot };
            Ok(keep(tx, now, &upload, VersionKind::EditInPlace)?)
        }
    }
}

fn keep(
    tx: &mut dyn Transaction,
    now: Timestamp,
    upload: &StateUpload,
    kind: VersionKind,
) -> Result<Save, StoreError> {
    let place = SlotPlace::of_state(&upload.file_name, upload.emulator.as_deref());
    let key = SlotKey { user: upload.user, game: upload.game, place };
    let slot = LockedSlot::lock(tx, now, &key)?;
    let mut state = match slot.head() {
        Some(head) if head.version.content.digest == upload.content.digest => head.clone(),
        _ => {
            note_played(tx, upload.user, &BTreeMap::from([(upload.game, now)]))?;
            slot.advance(tx, &upload.draft(kind), slot.row_of_next_head(), None)?
        }
    };
    if let Some(picture) = &upload.screenshot {
        screenshot::attach(tx, now, &mut state, picture)?;
    }
    Ok(state)
}

impl StateUpload {
    fn draft(&self, kind: VersionKind) -> Draft {
        Draft {
            content: self.content,
            origin: None,
            parent: None,
            kind,
            file_name: self.file_name.clone(),
            emulator: self.emulator.clone().filter(|name| !name.is_empty()),
        }
    }
}
