//! Screenshots. A version names its present one; those that were replaced are found by id alone.

use memcard_domain::ids::ScreenshotId;
use memcard_domain::ports::ScreenshotRepository;
use memcard_domain::screenshot::{NewScreenshot, Screenshot};

use super::{MemoryTransaction, Stored};

impl ScreenshotRepository for MemoryTransaction {
    fn insert(&mut self, new: &NewScreenshot) -> Stored<Screenshot> {
        let tables = self.writable()?;
        tables.refers_to_user(new.user)?;
        tables.refers_to_game(new.game)?;
        tables.refers_to_version(new.version)?;
        let screenshot = Screenshot {
            id: ScreenshotId(tables.ids.screenshot.next()),
            user: new.user,
            game: new.game,
            version: new.version,
            picture: new.picture.clone(),
            created_at: new.created_at,
        };
        tables.screenshots.insert(screenshot.id, screenshot.clone());
        if let Some(version) = new.version.and_then(|version| tables.versions.get_mut(&version)) {
            version.screenshot = Some(screenshot.clone());
        }
        Ok(screenshot)
    }

    fn find(&mut self, id: ScreenshotId) -> Stored<Option<Screenshot>> {
        Ok(self.tables.screenshots.get(&id).cloned())
    }
}
