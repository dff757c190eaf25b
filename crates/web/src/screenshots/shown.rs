//! Screenshots as clients see them.

use memcard_api::screenshots as wire;
use memcard_domain::screenshot::Screenshot;

use crate::files::{Section, ShownFile};

/// A screenshot as it is shown.
pub(crate) fn show_screenshot(screenshot: Screenshot, is_public: bool) -> wire::Screenshot {
    let Screenshot { id, user, game, version, picture, created_at } = screenshot;
    let file = ShownFile::new(Section::Screenshots, user, game, &picture.file_name);
    wire::Screenshot {
        id: id.0,
        rom_id: game.0,
        user_id: user.0,
        file_name: file.file_name,
        file_name_no_tags: file.file_name_no_tags,
        file_name_no_ext: file.file_name_no_ext,
        file_extension: file.file_extension,
        file_path: file.file_path,
        file_size_bytes: picture.size,
        full_path: file.full_path,
        download_path: Section::Screenshots.download_path(id.0, created_at),
        missing_from_fs: false,
        created_at: created_at.into(),
        updated_at: created_at.into(),
        is_gallery: version.is_none(),
        is_public,
    }
}
