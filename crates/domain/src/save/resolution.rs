//! Resolving forks: their owner says which of two contents stays, or that both do.

use std::collections::HashSet;

use thiserror::Error;

use super::free_place::free_place;
use super::history::{self, BytesGone, HistoryEntry};
use super::locked_slot::{Draft, LockedSlot, Row};
use super::restoration::{derive, make_head};
use super::{ForkState, HistoryFilter, Save, SlotKey, Standing, VersionKind};
use crate::ids::{UserId, VersionId};
use crate::ports::{StoreError, Transaction};
use crate::sync::Tracking;
use crate::time::Timestamp;

/// What shall stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keep {
    /// The head. The fork is closed.
    Head,
    /// The fork: its content becomes the head, which is set aside.
    Fork,
    /// Both: the fork's content goes to a slot of its own, which syncs on no device until it is tracked there.
    Both,
}

/// A fork that is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What the fork is now.
    pub fork: HistoryEntry,
    /// What its slot stands at now.
    pub head: Option<HistoryEntry>,
    /// Where both stay: the fork's content in a slot of its own.
    pub copy: Option<HistoryEntry>,
}

/// The user has no such fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Fork with ID {0} not found")]
pub struct ForkNotFound(pub VersionId);

/// Why a fork was not resolved.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// The user has no such fork.
    #[error(transparent)]
    NotFound(#[from] ForkNotFound),
    /// It was resolved before, otherwise.
    #[error("Fork has been resolved otherwise")]
    ResolvedOtherwise,
    /// Its bytes are gone, so that only the head can be kept.
    #[error(transparent)]
    Gone(#[from] BytesGone),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Keep {
    /// What a fork is when it is resolved so.
    const fn closed(self) -> ForkState {
        match self {
            Self::Head => ForkState::KeptHead,
            Self::Fork => ForkState::KeptFork,
            Self::Both => ForkState::KeptBoth,
        }
    }

    /// Whether a fork in that state was resolved so. To delete a fork is to keep the head.
    fn is(self, state: ForkState) -> bool {
        state == self.closed() || (self == Self::Head && state == ForkState::Dismissed)
    }
}

/// Resolves a fork, and every open one of equal content with it. Resolving it the same way again changes nothing. Atomic.
///
/// # Errors
/// See [`ResolveError`].
pub fn resolve(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: VersionId,
    keep: Keep,
) -> Result<Resolution, ResolveError> {
    let (fork, _) = own_fork(tx, user, id)?;
    let slot = LockedSlot::lock(tx, now, &fork.key)?;
    // Until the lock was held, somebody else could resolve it.
    match own_fork(tx, user, id)? {
        (fork, ForkState::Open) => close(tx, now, &slot, fork, keep)?,
        (_, state) if keep.is(state) => {}
        _ => return Err(ResolveError::ResolvedOtherwise),
    }
    let (fork, _) = own_fork(tx, user, id)?;
    resolution(tx, fork, keep)
}

fn own_fork(
    tx: &mut dyn Transaction,
    user: UserId,
    id: VersionId,
) -> Result<(Save, ForkState), ResolveError> {
    let save = tx.saves().by_version(id)?.filter(|save| save.key.user == user);
    match save.map(|save| (save.version.standing, save)) {
        Some((Standing::Fork(state), save)) => Ok((save, state)),
        _ => Err(ForkNotFound(id).into()),
    }
}

fn close(
    tx: &mut dyn Transaction,
    now: Timestamp,
    slot: &LockedSlot,
    fork: Save,
    keep: Keep,
) -> Result<(), ResolveError> {
    let content = fork.version.content;
    match keep {
        Keep::Head => {}
        Keep::Fork => {
            make_head(tx, slot, &history::held(fork)?, VersionKind::Merge)?;
        }
        Keep::Both => copy(tx, now, &history::held(fork)?)?,
    }
    Ok(slot.close_forks(tx, &content, keep.closed())?)
}

/// Gives the fork's content a slot of its own.
fn copy(tx: &mut dyn Transaction, now: Timestamp, fork: &Save) -> Result<(), StoreError> {
    let (place, file_name) = free_place(tx, fork)?;
    let slot = LockedSlot::lock(tx, now, &SlotKey { place, ..fork.key.clone() })?;
    tx.saves().set_slot_tracking(slot.slot().id, Tracking::Untracked)?;
    let draft = Draft { file_name, ..Draft::of(fork, VersionKind::Merge) };
    derive(tx, &slot, fork, &draft, Row::New)?;
    Ok(())
}

fn resolution(tx: &mut dyn Transaction, fork: Save, keep: Keep) -> Result<Resolution, ResolveError> {
    let slot = tx.saves().slot(&fork.key)?;
    let head = slot.and_then(|slot| slot.head).map(|head| tx.saves().by_version(head)).transpose()?.flatten();
    let copy = match keep {
        Keep::Both => copy_of(tx, &fork)?,
        Keep::Head | Keep::Fork => None,
    };
    Ok(Resolution {
        fork: history::entry(tx, fork)?,
        head: head.map(|head| history::entry(tx, head)).transpose()?,
        copy: copy.map(|copy| history::entry(tx, copy)).transpose()?,
    })
}

/// The version that the fork, or one of equal content that was closed with it, began a slot of its own with: nothing else
/// derives from a version of another slot.
fn copy_of(tx: &mut dyn Transaction, fork: &Save) -> Result<Option<Save>, StoreError> {
    let filter = HistoryFilter { user: fork.key.user, game: fork.key.game, slot: None };
    let history = tx.saves().list_history(&filter)?;
    let (own, other): (Vec<Save>, Vec<Save>) =
        history.into_iter().partition(|save| save.version.slot == fork.version.slot);
    let is_equal = |save: &&Save| save.version.content.is_equal(&fork.version.content);
    let equal: HashSet<VersionId> = own.iter().filter(is_equal).map(|save| save.version.id).collect();
    Ok(other.into_iter().find(|save| save.version.parent.is_some_and(|parent| equal.contains(&parent))))
}
