//! Pictures.

use memcard_domain::ids::{GameId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::FileName;
use memcard_domain::screenshot::{ImageKind, NewScreenshot, Picture, Screenshot};

use super::{at, content_of};

/// A PNG that stands alone, taken in at the story's beginning.
pub fn a_screenshot(user: UserId, game: GameId) -> ScreenshotBuilder {
    let new = NewScreenshot { user, game, version: None, picture: picture_of(b"picture"), created_at: at(0) };
    ScreenshotBuilder(new)
}

fn picture_of(bytes: &[u8]) -> Picture {
    let content = content_of(bytes);
    Picture {
        file_name: FileName::from_store("Golden Sun (USA).png".to_owned()),
        digest: content.digest,
        size: content.size,
        kind: Some(ImageKind::Png),
    }
}

/// See [`a_screenshot`].
#[derive(Debug, Clone)]
#[must_use]
pub struct ScreenshotBuilder(NewScreenshot);

impl ScreenshotBuilder {
    /// Of the version.
    pub fn of(mut self, version: VersionId) -> Self {
        self.0.version = Some(version);
        self
    }

    /// Another picture.
    pub fn with_picture(mut self, picture: Picture) -> Self {
        self.0.picture = picture;
        self
    }

    /// With these bytes.
    pub fn of_bytes(self, bytes: &[u8]) -> Self {
        self.with_picture(picture_of(bytes))
    }

    /// The screenshot to be inserted.
    pub fn build(self) -> NewScreenshot {
        self.0
    }

    /// Inserts the screenshot.
    ///
    /// # Errors
    /// What the store says.
    pub fn insert(self, tx: &mut dyn Transaction) -> Result<Screenshot, StoreError> {
        tx.screenshots().insert(&self.0)
    }
}
