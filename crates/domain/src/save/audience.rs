//! Who may fetch a save beside its owner.

use super::editing::{EditError, check_edit};
use super::reading::SyncedSave;
use crate::ids::{SaveId, UserId};
use crate::ports::Transaction;

/// Who may fetch a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Its owner.
    Owner,
    /// Every user of the server.
    Everyone,
}

/// Changes who may fetch the save: what its row holds now and whatever it holds later. Idempotent.
///
/// # Errors
/// The user has no such save, or it is a fork.
pub fn set_audience(
    tx: &mut dyn Transaction,
    user: UserId,
    id: SaveId,
    audience: Audience,
) -> Result<SyncedSave, EditError> {
    let game = check_edit(tx, user, None, id)?.key.game;
    tx.saves().lock_game(user, game)?;
    let save = check_edit(tx, user, None, id)?;
    let is_public = audience == Audience::Everyone;
    tx.saves().set_public(id, is_public)?;
    Ok(SyncedSave { save: super::Save { is_public, ..save }, device_syncs: Vec::new() })
}
