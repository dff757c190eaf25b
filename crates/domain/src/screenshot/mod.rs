//! Screenshots: pictures of saves and states, and pictures that stand alone.
//!
//! Invariants:
//! - a picture's bytes are never overwritten: a newer one of the same version takes its place in the lists, the older
//!   one keeps its id;
//! - whoever may not see a save or a state does not see its picture.

mod adding;
mod reading;

pub(crate) use adding::attach;
pub use adding::{AddError, add};
pub use reading::{ScreenshotError, ScreenshotNotFound, ShownScreenshot, find};

use crate::ids::{GameId, ScreenshotId, UserId, VersionId};
use crate::save::{Digest, FileName};
use crate::time::Timestamp;

/// Most bytes of one picture: 16 MiB.
pub const LARGEST_SCREENSHOT: u64 = 16 * 1024 * 1024;

/// A picture whose bytes are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The name that was sent.
    pub file_name: FileName,
    /// The blob's name.
    pub digest: Digest,
    /// Size in bytes.
    pub size: u64,
    /// What its bytes show it to be; `None` for none of the known kinds.
    pub kind: Option<ImageKind>,
}

/// The kinds of pictures that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// BMP.
    Bmp,
}

impl ImageKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::Webp, Self::Gif, Self::Bmp];

    /// The name in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A picture of a save's or a state's version, or of a game alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// Its id.
    pub id: ScreenshotId,
    /// Whose it is.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// The version it shows; `None` where it stands alone.
    pub version: Option<VersionId>,
    /// The picture.
    pub picture: Picture,
    /// When it was taken in.
    pub created_at: Timestamp,
}

/// A screenshot to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScreenshot {
    /// Whose it is.
    pub user: UserId,
    /// Of which game.
    pub game: GameId,
    /// The version it shows; `None` where it stands alone.
    pub version: Option<VersionId>,
    /// The picture.
    pub picture: Picture,
    /// When it was taken in.
    pub created_at: Timestamp,
}
