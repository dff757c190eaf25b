//! Saves as clients see them.

use memcard_api::saves as wire;
use memcard_domain::save::{DeviceSync, HistoryEntry, Label, Save, SyncedSave};
use memcard_domain::sync::Tracking;

use crate::files::{Section, ShownFile};
use crate::screenshots::show_screenshot;

/// A save as it is shown.
pub(super) fn show(SyncedSave { save, device_syncs }: SyncedSave) -> wire::Save {
    let Save { id, key, file_name, version, .. } = save;
    let file = ShownFile::new(Section::Saves, key.user, key.game, &file_name);
    wire::Save {
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
        download_path: Section::Saves.download_path(id.0, version.updated_at),
        missing_from_fs: false,
        created_at: save.created_at.into(),
        updated_at: version.updated_at.into(),
        emulator: save.emulator,
        slot: key.place.name().map(|name| name.as_str().to_owned()),
        content_hash: version.content.content_hash.map(|hash| hash.to_string()),
        is_public: save.is_public,
        screenshot: version.screenshot.map(|screenshot| show_screenshot(screenshot, save.is_public)),
        origin_device_id: version.origin.map(|device| device.0),
        device_syncs: device_syncs.into_iter().map(show_device).collect(),
    }
}

/// A version as it is shown. No device asks for it, so that there is nothing to say of devices.
pub(super) fn show_version(HistoryEntry { save, state }: HistoryEntry) -> wire::Version {
    let version = save.version.clone();
    wire::Version {
        save: show(SyncedSave { save, device_syncs: Vec::new() }),
        version_id: version.id.0,
        parent_id: version.parent.map(|parent| parent.0),
        kind: version.kind.name().to_owned(),
        state: state.name().to_owned(),
        held: version.held,
        pinned: version.pinned,
        label: version.label.as_ref().map(Label::as_str).map(str::to_owned),
    }
}

fn show_device(sync: DeviceSync) -> wire::DeviceSync {
    wire::DeviceSync {
        device_id: sync.device.0,
        device_name: sync.device_name,
        last_synced_at: sync.last_synced_at.into(),
        is_untracked: sync.tracking == Tracking::Untracked,
        is_current: sync.is_current,
    }
}
