//! Uploads that are refused and kept.

use memcard_domain::ids::DeviceId;
use serde_json::{Value, json};

use crate::support::{Multipart, Story, content_uri};

#[actix_web::test]
async fn of_two_devices_that_both_changed_one_is_refused_and_its_bytes_are_kept() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"first").await.ok();
    let negotiated =
        story.post("/api/sync/negotiate", &json!({"device_id": story.desk, "saves": []})).await.ok();
    let operation = &negotiated["operations"][0];
    assert_eq!(operation["action"], "download");
    let content = format!("/api/saves/{}/content?device_id={}", operation["save_id"], story.desk);
    assert_eq!(story.get(&format!("{content}&optimistic=false")).await.body, "first");
    let downloaded = format!("/api/saves/{}/downloaded", operation["save_id"]);
    story.post(&downloaded, &json!({"device_id": story.desk})).await.ok();

    let head = story.upload_from(story.handheld, b"from the handheld").await.ok();
    let refused = story.upload_from(story.desk, b"from the desk").await;
    refused.is_refused(409, "Slot has a newer save since your last sync");
    let conflict = refused.json();
    assert_eq!(conflict["error"], "conflict");
    assert!(conflict["message"].is_string());
    assert_eq!(conflict["save_id"], head["id"]);
    assert_eq!(conflict["current_save_time"], head["updated_at"]);
    assert_eq!(conflict["device_sync_time"], "2026-09-04T10:32:27.123457+00:00");
    assert_eq!(conflict["head"]["id"], head["id"]);
    assert_eq!(conflict["head"]["device_syncs"][0]["device_id"], story.desk.to_string());
    assert_eq!(conflict["head"]["device_syncs"][0]["is_current"], false);

    let fork = &conflict["fork"];
    assert_eq!(fork["origin_device_id"], story.desk.to_string());
    assert_eq!(story.get(&content_uri(fork)).await.body, "from the desk");
    assert_eq!(story.get(&format!("/api/saves/{}", fork["id"])).await.ok()["id"], fork["id"]);
    let listed = story.list().await;
    assert!(listed.iter().all(|save| save["id"] != fork["id"]), "a fork is never listed");
    assert_eq!(listed[0]["id"], head["id"]);

    let kept = story
        .upload(
            &format!("slot=autosave&overwrite=true&device_id={}", story.desk),
            Multipart::save("game.srm", b"from the desk"),
        )
        .await
        .ok();
    assert_eq!(story.list().await[0]["id"], kept["id"]);
}

#[actix_web::test]
async fn a_device_that_never_synced_a_slot_is_refused() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"1").await.ok();
    let conflict = story.upload_from(story.desk, b"2").await;
    conflict.is_refused(409, "Slot has a newer save since your last sync");
    assert_eq!(conflict.json()["device_sync_time"], Value::Null);
    let again = story.upload_from(story.desk, b"2").await;
    assert_eq!(again.json()["fork"]["id"], conflict.json()["fork"]["id"], "the bytes are kept once");
}

#[actix_web::test]
async fn an_archival_save_that_changed_since_is_refused() {
    let story = Story::begin().await;
    let upload = async |device: DeviceId, bytes: &[u8]| {
        story.upload(&format!("device_id={device}"), Multipart::save("a.srm", bytes)).await
    };
    upload(story.handheld, b"1").await.ok();
    upload(story.desk, b"2").await.ok();
    upload(story.handheld, b"3").await.is_refused(409, "Save has been updated since your last sync");
}

#[actix_web::test]
async fn a_fork_cannot_be_synced_and_can_be_dismissed() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"1").await.ok();
    let fork = story.upload_from(story.desk, b"2").await.json()["fork"].clone();
    for call in ["downloaded", "track", "untrack"] {
        let uri = format!("/api/saves/{}/{call}", fork["id"]);
        assert_eq!(story.post(&uri, &json!({"device_id": story.desk})).await.status, 409, "{call}");
    }
    story.post("/api/saves/delete", &json!({"saves": [fork["id"]]})).await.ok();
    assert_eq!(story.get(&content_uri(&fork)).await.body, "2", "a dismissed fork stays by its id");
}
