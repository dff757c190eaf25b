//! Whether what moved a head was allowed to.

use memcard_api::saves::Version;

use crate::SimulationError;
use crate::contents::ContentId;
use crate::history::{History, content_of};
use crate::report::{Happening, Loss};
use crate::season::Season;
use crate::wire::{Answer, Sent};

/// Why a head may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A device sends its file.
    Upload,
    /// The same, a second time.
    Copy,
    /// A device sends its file, and its player said to overwrite.
    Overwrite,
    /// The owner wants it so, on no device.
    Explicit,
}

impl Season<'_> {
    /// Delivers a request that may move a slot's head, and looks at what it did.
    pub(crate) async fn watch(
        &mut self,
        device: Option<usize>,
        owner: usize,
        game: usize,
        act: Act,
        sent: &Sent,
    ) -> Result<Answer, SimulationError> {
        let before = self.history(owner, game).await?;
        let answer = self.deliver(sent).await?;
        let after = self.history(owner, game).await?;
        if let (Some(old), Some(new)) = (before.head(), after.head())
            && old.version_id != new.version_id
        {
            self.judge(device, game, act, old, new, &after);
        }
        Ok(answer)
    }

    fn judge(
        &mut self,
        device: Option<usize>,
        game: usize,
        act: Act,
        old: &Version,
        new: &Version,
        after: &History,
    ) {
        let (Some(was), Some(is)) = (content_of(old, &self.contents), content_of(new, &self.contents)) else {
            self.report.lose(Loss::Disorder, "a head has a content that nobody ever wrote");
            return;
        };
        if was == is {
            return;
        }
        let how = format!("{act:?} by {device:?} replaced {was} (version {}) by {is}", old.version_id);
        if after.version(old.version_id).is_some_and(|version| version.state == "set_aside") {
            self.report.count(Happening::SetAside);
        } else if !device.is_some_and(|device| self.devices[device].cards[game].held.contains(&was)) {
            self.report.lose(Loss::LostUpdate, &how);
        }
        if matches!(act, Act::Upload | Act::Copy) && !self.is_based_on(was, new, after) {
            self.report.lose(Loss::DoubleWin, &how);
        }
        if act == Act::Copy {
            self.report.lose(Loss::Replay, &how);
        }
    }

    /// Whether a head derives from the content of the one it replaced, or from one that was deleted.
    fn is_based_on(&self, replaced: ContentId, head: &Version, after: &History) -> bool {
        let parent = head.parent_id.and_then(|parent| after.version(parent));
        parent.is_some_and(|parent| {
            content_of(parent, &self.contents) == Some(replaced) || parent.state == "deleted"
        })
    }
}
