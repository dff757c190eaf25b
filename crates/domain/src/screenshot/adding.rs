//! Taking pictures in: with what they show, or alone.

use thiserror::Error;

use super::{NewScreenshot, Picture, Screenshot, ShownScreenshot};
use crate::catalogue::GameNotFound;
use crate::ids::{GameId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::{Save, SaveFilter, StateFilter};
use crate::time::{self, Timestamp};

/// Why a picture was not taken in.
#[derive(Debug, Error)]
pub enum AddError {
    /// There is no such game.
    #[error(transparent)]
    GameNotFound(#[from] GameNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes in a picture of a game. It becomes that of the user's newest listed state whose name without extension is the
/// picture's, failing that of such a save, in place of the one it has; failing both it stands alone.
///
/// # Errors
/// See [`AddError`].
pub fn add(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    game: GameId,
    picture: &Picture,
) -> Result<ShownScreenshot, AddError> {
    tx.catalogue().game(game)?.ok_or(GameNotFound(game))?;
    tx.saves().lock_game(user, game)?;
    Ok(match of_same_stem(tx, user, game, picture)? {
        Some(mut save) => {
            let screenshot = attach(tx, now, &mut save, picture)?;
            ShownScreenshot { screenshot, is_public: save.is_public }
        }
        None => {
            let alone = NewScreenshot {
                user,
                game,
                version: None,
                picture: picture.clone(),
                created_at: time::micros(now),
            };
            ShownScreenshot { screenshot: tx.screenshots().insert(&alone)?, is_public: false }
        }
    })
}

/// Makes a picture that of the save's or state's version. The game is locked by whoever calls. A picture sent again is
/// not kept twice.
pub(crate) fn attach(
    tx: &mut dyn Transaction,
    now: Timestamp,
    save: &mut Save,
    picture: &Picture,
) -> Result<Screenshot, StoreError> {
    if let Some(same) = save.version.screenshot.as_ref().filter(|present| present.picture == *picture) {
        return Ok(same.clone());
    }
    let screenshot = tx.screenshots().insert(&NewScreenshot {
        user: save.key.user,
        game: save.key.game,
        version: Some(save.version.id),
        picture: picture.clone(),
        created_at: time::micros(now),
    })?;
    save.version.screenshot = Some(screenshot.clone());
    Ok(screenshot)
}

fn of_same_stem(
    tx: &mut dyn Transaction,
    user: UserId,
    game: GameId,
    picture: &Picture,
) -> Result<Option<Save>, StoreError> {
    let is_meant = |save: &Save| save.file_name.stem() == picture.file_name.stem();
    let states = tx.saves().list_states(&StateFilter { user, game: Some(game), platform: None })?;
    if let Some(state) = states.into_iter().find(is_meant) {
        return Ok(Some(state));
    }
    let saves = tx.saves().list(&SaveFilter { user, game: Some(game), platform: None, slot: None })?;
    Ok(saves.into_iter().find(is_meant))
}
