//! Syncs that the server begins over SSH, and their keys (contract § 5). The server has no SSH mode: what it does with
//! one is tested in `crates/domain/tests/push_pull.rs`.

use serde_json::json;

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    a_sync_needs_a_device_of_one_s_own,
    a_sync_needs_push_pull_mode_then_sync_switched_on_then_ssh_on_the_server,
    a_key_needs_a_device_of_one_s_own_then_ssh_on_the_server,
    a_device_without_key_has_none_to_remove,
    devices_write_is_needed,
}

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

async fn a_sync_needs_a_device_of_one_s_own(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    for id in [UNKNOWN, "7"] {
        let answer = story.post(&format!("/api/sync/devices/{id}/push-pull")).await;
        answer.is_refused(404, &format!("Device with ID {id} not found"));
    }
    let id = &story.handheld;
    let answer = story.server.post(&format!("/api/sync/devices/{id}/push-pull")).by(&stranger).await;
    answer.is_refused(404, &format!("Device with ID {id} not found"));
}

async fn a_sync_needs_push_pull_mode_then_sync_switched_on_then_ssh_on_the_server(home: &Home) {
    let story = Story::begin(home).await;
    let device = format!("/api/devices/{}", story.handheld);
    let sync = format!("/api/sync/devices/{}/push-pull", story.handheld);
    for (change, detail) in [
        (json!({"sync_enabled": false}), "Device is not in push_pull sync mode"),
        (json!({"sync_mode": "file_transfer"}), "Device is not in push_pull sync mode"),
        (json!({"sync_mode": "push_pull"}), "Sync is disabled for this device"),
        (json!({"sync_enabled": true}), "SSH sync is disabled on this server"),
        (json!({"sync_config": {"ssh_host": "192.0.2.9"}}), "SSH sync is disabled on this server"),
    ] {
        story.put(&device).json(&change).await.ok();
        story.post(&sync).await.is_refused(400, detail);
    }
    assert_eq!(story.get("/api/sync/sessions").await.ok(), json!([]));
}

async fn a_key_needs_a_device_of_one_s_own_then_ssh_on_the_server(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let own = format!("/api/sync/devices/{}/ssh-key", story.handheld);
    story.post(&own).await.is_refused(400, "SSH sync is disabled on this server");
    let not_found = |id: &str| format!("Device with ID {id} not found");
    story.server.post(&own).by(&stranger).await.is_refused(404, &not_found(&story.handheld));
    let unknown = format!("/api/sync/devices/{UNKNOWN}/ssh-key");
    story.post(&unknown).await.is_refused(404, &not_found(UNKNOWN));
}

async fn a_device_without_key_has_none_to_remove(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let own = format!("/api/sync/devices/{}/ssh-key", story.handheld);
    story.delete(&own).await.is_refused(404, "No SSH key found for this device");
    let not_found = |id: &str| format!("Device with ID {id} not found");
    story.server.delete(&own).by(&stranger).await.is_refused(404, &not_found(&story.handheld));
    let unknown = format!("/api/sync/devices/{UNKNOWN}/ssh-key");
    story.delete(&unknown).await.is_refused(404, &not_found(UNKNOWN));
}

async fn devices_write_is_needed(home: &Home) {
    let story = Story::begin(home).await;
    let reader = story.server.token_without(&story.player, &["devices.write"]).await;
    let at = |path: &str| format!("/api/sync/devices/{}/{path}", story.handheld);
    for request in [
        story.server.post(&at("push-pull")).by(&reader),
        story.server.post(&at("ssh-key")).by(&reader),
        story.server.delete(&at("ssh-key")).by(&reader),
    ] {
        request.await.is_refused(403, "Forbidden");
    }
}
