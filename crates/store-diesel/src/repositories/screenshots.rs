//! Screenshots. Those of versions are read with them, see [`saves`](super::saves).

use diesel::prelude::*;
use memcard_domain::ids::{GameId, ScreenshotId, UserId, VersionId};
use memcard_domain::ports::ScreenshotRepository;
use memcard_domain::save::{Digest, FileName};
use memcard_domain::screenshot::{ImageKind, NewScreenshot, Picture, Screenshot};

use crate::connection::on_backend;
use crate::error::{Stored, big, bytes, known, unsigned};
use crate::schema::screenshots;
use crate::transaction::DieselTransaction;
use crate::types::DbInstant;

#[derive(Queryable, Selectable)]
#[diesel(table_name = screenshots)]
pub(super) struct ScreenshotRow {
    id: i32,
    user_id: i32,
    game_id: i32,
    version_id: Option<i32>,
    file_name: String,
    digest: Vec<u8>,
    size_bytes: i64,
    image_kind: Option<String>,
    created_at: DbInstant,
}

impl ScreenshotRow {
    pub(super) fn into_screenshot(self) -> Stored<Screenshot> {
        let kind = self
            .image_kind
            .map(|name| known("screenshots.image_kind", &name, ImageKind::from_name(&name)))
            .transpose()?;
        Ok(Screenshot {
            id: ScreenshotId(self.id),
            user: UserId(self.user_id),
            game: GameId(self.game_id),
            version: self.version_id.map(VersionId),
            picture: Picture {
                file_name: FileName::from_store(self.file_name),
                digest: Digest(bytes("screenshots.digest", &self.digest)?),
                size: unsigned("screenshots.size_bytes", self.size_bytes)?,
                kind,
            },
            created_at: self.created_at.0,
        })
    }
}

impl ScreenshotRepository for DieselTransaction<'_> {
    fn insert(&mut self, screenshot: &NewScreenshot) -> Stored<Screenshot> {
        if let Some(version) = screenshot.version {
            self.replace_present(version)?;
        }
        let picture = &screenshot.picture;
        let size = big(picture.size)?;
        let row: ScreenshotRow = on_backend!(self.session, |c| {
            diesel::insert_into(screenshots::table)
                .values((
                    screenshots::user_id.eq(screenshot.user.0),
                    screenshots::game_id.eq(screenshot.game.0),
                    screenshots::version_id.eq(screenshot.version.map(|version| version.0)),
                    screenshots::replaced.eq(false),
                    screenshots::file_name.eq(picture.file_name.as_str()),
                    screenshots::digest.eq(picture.digest.0.as_slice()),
                    screenshots::size_bytes.eq(size),
                    screenshots::image_kind.eq(picture.kind.map(ImageKind::name)),
                    screenshots::created_at.eq(DbInstant(screenshot.created_at)),
                ))
                .returning(ScreenshotRow::as_returning())
                .get_result(c)
        })?;
        row.into_screenshot()
    }

    fn find(&mut self, id: ScreenshotId) -> Stored<Option<Screenshot>> {
        let row: Option<ScreenshotRow> = on_backend!(self.session, |c| {
            screenshots::table.find(id.0).select(ScreenshotRow::as_select()).first(c).optional()
        })?;
        row.map(ScreenshotRow::into_screenshot).transpose()
    }
}

impl DieselTransaction<'_> {
    fn replace_present(&mut self, version: VersionId) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(screenshots::table)
                .filter(screenshots::version_id.eq(version.0).and(screenshots::replaced.eq(false)))
                .set(screenshots::replaced.eq(true))
                .execute(c)
        })?;
        Ok(())
    }
}
