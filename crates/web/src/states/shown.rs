//! States as clients see them.

use memcard_api::states as wire;
use memcard_domain::save::Save;

use crate::files::{Section, ShownFile};
use crate::screenshots::show_screenshot;

/// A state as it is shown.
pub(super) fn show(state: Save) -> wire::State {
    let Save { id, key, file_name, version, .. } = state;
    let file = ShownFile::new(Section::States, key.user, key.game, &file_name);
    wire::State {
        id: id.0,
        rom_id: key.game.0,
        user_id: key.user.0,
        file_name: file.file_name,
        file_name_no_tags: file.file_name_no_tags,
        file_name_no_ext: file.file_name_no_ext,
        file_extension: file.file_extension,
        file_path: file.file_path,
        file_size_bytes: version.content.size,
        full_path: file.full_path,
        download_path: Section::States.download_path(id.0, version.updated_at),
        missing_from_fs: false,
        created_at: state.created_at.into(),
        updated_at: version.updated_at.into(),
        emulator: state.emulator,
        content_hash: version.content.content_hash.map(|hash| hash.to_string()),
        is_public: state.is_public,
        screenshot: version.screenshot.map(|screenshot| show_screenshot(screenshot, state.is_public)),
    }
}
