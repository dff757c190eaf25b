//! `PUT /api/saves/{id}/visibility`: who may fetch a save beside its owner.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{not_found, save_uri, version_content_uri};
use crate::support::{Answer, Caller, Home, Story, content_uri, on_every_database};

on_every_database! {
    a_public_save_s_bytes_are_served_to_other_users_and_nothing_else_of_it,
    a_picture_is_as_public_as_the_save_it_shows,
    a_save_that_is_private_again_or_deleted_is_not_served,
    edits_stay_public_and_earlier_versions_never_were,
    another_user_s_download_says_nothing_of_devices,
    only_the_owner_decides,
    a_fork_is_not_shared,
    the_choice_has_to_be_made,
    sharing_needs_assets_write,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn visibility_uri(save: &Value) -> String {
    format!("{}/visibility", save_uri(save))
}

async fn share(story: &Story, save: &Value, is_public: bool) -> Value {
    story.put(&visibility_uri(save)).json(&json!({"is_public": is_public})).await.ok()
}

async fn get_as(story: &Story, caller: &impl Caller, uri: &str) -> Answer {
    story.server.get(uri).by(caller).await
}

async fn a_public_save_s_bytes_are_served_to_other_users_and_nothing_else_of_it(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let mut save = story.upload_by_hand(b"save").await;
    assert_eq!(save["is_public"], false);
    get_as(&story, &stranger, &content_uri(&save)).await.is_refused(404, &not_found(&save));

    let shared = share(&story, &save, true).await;
    save["is_public"] = json!(true);
    assert_eq!(shared, save, "nothing else changes");
    assert_eq!(share(&story, &save, true).await, save, "nor by a replay");
    assert_eq!(story.list().await, [save.clone()]);
    assert_eq!(get_as(&story, &stranger, &content_uri(&save)).await.text(), "save");
    get_as(&story, &stranger, &save_uri(&save)).await.is_refused(404, &not_found(&save));
    assert_eq!(get_as(&story, &stranger, "/api/saves").await.ok(), json!([]));
    let version = version_content_uri(&story.version_of(&save).await["version_id"]);
    assert_eq!(get_as(&story, &stranger, &version).await.status, 404);
}

async fn a_picture_is_as_public_as_the_save_it_shows(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let body = Multipart::save("a.srm", b"1").screenshot("a.png", PNG);
    let save = story.upload("slot=a", body).await.ok();
    let content = format!("/api/screenshots/{}/content", save["screenshot"]["id"]);
    get_as(&story, &stranger, &content).await.is_refused(404, "Screenshot not found");
    assert_eq!(share(&story, &save, true).await["screenshot"]["is_public"], true);
    assert_eq!(&get_as(&story, &stranger, &content).await.body[..], PNG);
    share(&story, &save, false).await;
    get_as(&story, &stranger, &content).await.is_refused(404, "Screenshot not found");
}

async fn a_save_that_is_private_again_or_deleted_is_not_served(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let save = story.upload_by_hand(b"1").await;
    share(&story, &save, true).await;
    assert_eq!(share(&story, &save, false).await["is_public"], false);
    get_as(&story, &stranger, &content_uri(&save)).await.is_refused(404, &not_found(&save));
    share(&story, &save, true).await;
    story.delete_saves(&[&save["id"]]).await.ok();
    get_as(&story, &stranger, &content_uri(&save)).await.is_refused(404, &not_found(&save));
}

async fn edits_stay_public_and_earlier_versions_never_were(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let save = story.upload_by_hand(b"secret").await;
    story.edit(&save, None, b"shared").await.ok();
    share(&story, &save, true).await;
    assert_eq!(story.edit(&save, None, b"edited").await.ok()["is_public"], true);
    assert_eq!(get_as(&story, &stranger, &content_uri(&save)).await.text(), "edited");
    for version in &story.history().await[1..] {
        assert_eq!(version["is_public"], false, "{version}");
        get_as(&story, &stranger, &content_uri(version)).await.is_refused(404, &not_found(version));
    }
    let upload = story.upload_by_hand(b"next").await;
    assert_eq!(upload["is_public"], false, "another save of the slot is not shared with it");
}

async fn another_user_s_download_says_nothing_of_devices(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let device = story.server.add_device(&stranger, "theirs").await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    share(&story, &save, true).await;
    let fetched = format!("{}?device_id={device}", content_uri(&save));
    assert_eq!(get_as(&story, &stranger, &fetched).await.text(), "1");
    let foreign = format!("{}?device_id={}", content_uri(&save), story.desk);
    let no_device = format!("Device with ID {} not found", story.desk);
    get_as(&story, &stranger, &foreign).await.is_refused(404, &no_device);
    let shown = story.get(&format!("{}?device_id={}", save_uri(&save), story.handheld)).await.ok();
    assert_eq!(shown["device_syncs"].as_array().unwrap().len(), 1);
    let confirm = story.server.post(&format!("{}/downloaded", save_uri(&save))).by(&stranger);
    confirm.json(&json!({"device_id": device})).await.is_refused(404, &not_found(&save));
}

async fn only_the_owner_decides(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let save = story.upload_by_hand(b"1").await;
    for is_public in [false, true] {
        share(&story, &save, is_public).await;
        for person in [&stranger, &story.admin] {
            let asked = story.server.put(&visibility_uri(&save)).by(person);
            asked.json(&json!({"is_public": !is_public})).await.is_refused(404, &not_found(&save));
        }
        assert_eq!(story.show(&save).await.ok()["is_public"], is_public);
    }
    let unknown = json!({"id": 9999});
    let asked = story.put(&visibility_uri(&unknown)).json(&json!({"is_public": true})).await;
    asked.is_refused(404, &not_found(&unknown));
}

async fn a_fork_is_not_shared(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.fork_from(&story.desk, b"2").await;
    let asked = story.put(&visibility_uri(&fork)).json(&json!({"is_public": true})).await;
    assert_eq!(asked.status, 409);
    assert_eq!(story.show(&fork).await.ok()["is_public"], false);
}

async fn the_choice_has_to_be_made(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    for body in [json!({}), json!({"is_public": null}), json!({"is_public": "perhaps"})] {
        let asked = story.put(&visibility_uri(&save)).json(&body).await;
        asked.is_invalid_at(&json!(["body", "is_public"]));
    }
}

async fn sharing_needs_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    let asked = json!({"is_public": true});
    story.server.put(&visibility_uri(&save)).json(&asked).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.put(&visibility_uri(&save)).by(&reader).json(&asked).await.is_refused(403, "Forbidden");
}
