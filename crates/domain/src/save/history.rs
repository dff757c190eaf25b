//! The history: every version that ever was, and what it is now.

use std::collections::HashSet;

use thiserror::Error;

use super::{ForkState, HistoryFilter, Save, Standing, Visibility};
use crate::ids::{UserId, VersionId};
use crate::ports::{StoreError, Transaction};

/// A version with what it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The version and the row that names it.
    pub save: Save,
    /// What it is.
    pub state: VersionState,
}

/// What a version is in its slot. Where several apply, the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VersionState {
    /// It was refused and never became head itself.
    Fork(ForkState),
    /// The slot stands at it.
    Head,
    /// Its row was deleted.
    Deleted,
    /// It was head and replaced by somebody who is not strongly known to have held it.
    SetAside,
    /// Autocleanup took it from the lists.
    Cleaned,
    /// Another version took its place under its old id.
    Replaced,
    /// It is listed, behind the head.
    Line,
}

impl VersionState {
    /// What the version is, of a slot that stands at `head`.
    pub fn of(save: &Save, head: Option<VersionId>) -> Self {
        match (save.version.standing, save.visibility) {
            (Standing::Fork(state), _) => Self::Fork(state),
            _ if head == Some(save.version.id) => Self::Head,
            (_, Visibility::Deleted) => Self::Deleted,
            _ if save.version.set_aside.is_some() => Self::SetAside,
            (_, Visibility::Cleaned) => Self::Cleaned,
            (_, Visibility::Replaced) => Self::Replaced,
            (_, Visibility::Visible) => Self::Line,
        }
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fork(state) => Standing::Fork(state).name(),
            Self::Head => "head",
            Self::Deleted => "deleted",
            Self::SetAside => "set_aside",
            Self::Cleaned => "cleaned",
            Self::Replaced => "replaced",
            Self::Line => "line",
        }
    }
}

/// The user has no such version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Version with ID {0} not found")]
pub struct VersionNotFound(pub VersionId);

/// Retention took the version's bytes; what is left is that it was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("The bytes of version {0} are no longer held")]
pub struct BytesGone(pub VersionId);

/// Why nothing could be done with a version.
#[derive(Debug, Error)]
pub enum VersionError {
    /// The user has no such version.
    #[error(transparent)]
    NotFound(#[from] VersionNotFound),
    /// Its bytes are gone.
    #[error(transparent)]
    Gone(#[from] BytesGone),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every version of a game or of one of its slots, greatest `updated_at` first: forks, replaced, set aside, hidden and
/// deleted ones included.
///
/// # Errors
/// What the store says.
pub fn history(tx: &mut dyn Transaction, filter: &HistoryFilter) -> Result<Vec<HistoryEntry>, StoreError> {
    let saves = tx.saves().list_history(filter)?;
    // A slot's head is its newest listed version.
    let mut slots = HashSet::new();
    let with_state = |save: Save| {
        let is_head = save.is_listed() && slots.insert(save.version.slot);
        let state = VersionState::of(&save, is_head.then_some(save.version.id));
        HistoryEntry { save, state }
    };
    Ok(saves.into_iter().map(with_state).collect())
}

/// A version whose bytes are about to be sent to their owner. Forks and deleted ones have theirs too.
///
/// # Errors
/// See [`VersionError`].
pub fn serve_version(tx: &mut dyn Transaction, user: UserId, id: VersionId) -> Result<Save, VersionError> {
    Ok(held(own(tx, user, id)?)?)
}

/// A version of a save of the user's, whatever became of it; no state's.
pub(super) fn own(tx: &mut dyn Transaction, user: UserId, id: VersionId) -> Result<Save, VersionError> {
    let save = tx.saves().by_version(id)?.filter(|save| save.key.user == user && !save.is_state());
    Ok(save.ok_or(VersionNotFound(id))?)
}

/// The version, if its bytes are held.
pub(super) fn held(save: Save) -> Result<Save, BytesGone> {
    if save.version.held { Ok(save) } else { Err(BytesGone(save.version.id)) }
}

/// The version that a row holds now, with what it is.
pub(super) fn entry(tx: &mut dyn Transaction, save: Save) -> Result<HistoryEntry, StoreError> {
    let head = tx.saves().slot(&save.key)?.and_then(|slot| slot.head);
    let state = VersionState::of(&save, head);
    Ok(HistoryEntry { save, state })
}
