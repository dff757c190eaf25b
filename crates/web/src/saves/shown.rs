//! Saves as clients see them.

use memcard_api::saves as wire;
use memcard_domain::save::{DeviceSync, Save, SyncedSave};
use memcard_domain::sync::Tracking;

/// A save as it is shown. Its folder is for people to read; the bytes are kept under their digest.
pub(super) fn show(SyncedSave { save, device_syncs }: SyncedSave) -> wire::Save {
    let Save { id, key, file_name, version, .. } = save;
    let file_path = format!("users/{}/saves/{}", key.user, key.game);
    wire::Save {
        id: id.0,
        rom_id: key.game.0,
        user_id: key.user.0,
        file_name_no_tags: file_name.base_name().to_owned(),
        file_name_no_ext: file_name.stem().to_owned(),
        file_extension: file_name.extension().to_owned(),
        file_size_bytes: version.content.size,
        full_path: format!("{file_path}/{file_name}"),
        file_path,
        file_name: file_name.as_str().to_owned(),
        download_path: format!(
            "/api/saves/{id}/content?timestamp={}",
            version.updated_at.format("%Y-%m-%dT%H:%M:%S%.6fZ")
        ),
        missing_from_fs: false,
        created_at: save.created_at.into(),
        updated_at: version.updated_at.into(),
        emulator: save.emulator,
        slot: key.place.name().map(|name| name.as_str().to_owned()),
        content_hash: version.content.content_hash.map(|hash| hash.to_string()),
        is_public: save.is_public,
        screenshot: None,
        origin_device_id: version.origin.map(|device| device.0),
        device_syncs: device_syncs.into_iter().map(show_device).collect(),
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
