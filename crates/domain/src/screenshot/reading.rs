//! Finding pictures.

use thiserror::Error;

use super::Screenshot;
use crate::ids::{ScreenshotId, UserId};
use crate::ports::{StoreError, Transaction};
use crate::save::Save;

/// A screenshot as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownScreenshot {
    /// The screenshot.
    pub screenshot: Screenshot,
    /// Whether other users may fetch it: they may where they may fetch what it shows.
    pub is_public: bool,
}

/// There is no such screenshot, or the user may not see what it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Screenshot not found")]
pub struct ScreenshotNotFound;

/// Why a screenshot could not be had.
#[derive(Debug, Error)]
pub enum ScreenshotError {
    /// There is none for this user.
    #[error(transparent)]
    NotFound(#[from] ScreenshotNotFound),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A screenshot: the user's own, one that a newer took the place of and those of forks included, or the present one of
/// another's public save or state.
///
/// # Errors
/// See [`ScreenshotError`]; that of a deleted save or state is not found.
pub fn find(
    tx: &mut dyn Transaction,
    user: UserId,
    id: ScreenshotId,
) -> Result<ShownScreenshot, ScreenshotError> {
    let screenshot = tx.screenshots().find(id)?.ok_or(ScreenshotNotFound)?;
    let Some(version) = screenshot.version else {
        return match screenshot.user == user {
            true => Ok(ShownScreenshot { screenshot, is_public: false }),
            false => Err(ScreenshotNotFound.into()),
        };
    };
    let save = tx.saves().by_version(version)?.ok_or(ScreenshotNotFound)?;
    let is_public = is_public(&save, id);
    if save.is_deleted() || !(save.key.user == user || is_public) {
        return Err(ScreenshotNotFound.into());
    }
    Ok(ShownScreenshot { screenshot, is_public })
}

/// A picture that was replaced is its owner's alone: they cannot take back what they do not see.
fn is_public(save: &Save, id: ScreenshotId) -> bool {
    let is_present = save.version.screenshot.as_ref().is_some_and(|present| present.id == id);
    save.is_public && is_present && !save.version.standing.is_fork()
}
