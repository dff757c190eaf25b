//! `POST /api/saves/versions/{id}/restore`.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{ids, states};
use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    a_restored_version_is_a_new_head_and_the_old_one_is_set_aside,
    devices_are_told_of_what_was_restored,
    a_restore_that_is_sent_again_changes_nothing,
    a_deleted_version_is_restored_in_a_row_of_its_own,
    a_restored_fork_is_resolved_by_it,
    an_archival_save_is_restored_under_its_own_id,
    the_picture_goes_along,
    unknown_and_other_users_versions_are_not_restored,
    restoring_needs_assets_write,
}

async fn a_restored_version_is_a_new_head_and_the_old_one_is_set_aside(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();
    let version = story.version_of(&one).await["version_id"].clone();
    let head = story.restore(&version).await.ok();
    assert_eq!((&head["state"], &head["kind"]), (&json!("head"), &json!("restore")));
    assert_eq!(head["parent_id"], version);
    assert_eq!(head["origin_device_id"], *story.handheld, "who brought the bytes");
    assert!(head["updated_at"].as_str() > two["updated_at"].as_str());
    assert_eq!(ids(&story.list().await), [&head["id"], &two["id"], &one["id"]]);
    assert_eq!(story.states().await, states(&[("1", "head"), ("2", "set_aside"), ("1", "line")]));
    assert_eq!(story.get(&content_uri(&head)).await.text(), "1");
}

async fn devices_are_told_of_what_was_restored(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.confirm(&one, &story.desk).await;
    story.upload_from(&story.handheld, b"2").await.ok();
    let head = story.restore(&story.version_of(&one).await["version_id"]).await.ok();
    assert_eq!(story.plan(&story.handheld).await, [(json!("download"), head["id"].clone())]);
    assert_eq!(story.plan(&story.desk).await, [], "it has that content");
    story.upload_from(&story.desk, b"3").await.ok();
    assert_eq!(story.upload_from(&story.handheld, b"4").await.status, 409);
}

async fn a_restore_that_is_sent_again_changes_nothing(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.handheld, b"2").await.ok();
    let version = story.version_of(&one).await["version_id"].clone();
    let head = story.restore(&version).await.ok();
    assert_eq!(story.restore(&version).await.ok(), head);
    assert_eq!(story.restore(&head["version_id"]).await.ok(), head);
    assert_eq!(story.history().await.len(), 3);
}

async fn a_deleted_version_is_restored_in_a_row_of_its_own(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let version = story.version_of(&one).await["version_id"].clone();
    story.delete_saves(&[&one["id"]]).await.ok();
    let head = story.restore(&version).await.ok();
    assert_ne!(head["id"], one["id"]);
    assert_eq!(ids(&story.list().await), [&head["id"]]);
    assert_eq!(story.show(&one).await.status, 404, "the old id stays gone");
    assert_eq!(story.states().await, states(&[("1", "head"), ("1", "deleted")]));
}

async fn a_restored_fork_is_resolved_by_it(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.fork_from(&story.desk, b"2").await;
    let head = story.restore(&fork["version_id"]).await.ok();
    assert_eq!(head["parent_id"], fork["version_id"]);
    assert_eq!(story.states().await, states(&[("2", "head"), ("2", "fork_kept_fork"), ("1", "set_aside")]));
}

async fn an_archival_save_is_restored_under_its_own_id(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload("", Multipart::save("game.srm", b"1")).await.ok();
    let version = story.version_of(&one).await["version_id"].clone();
    story.upload("", Multipart::save("game.srm", b"2")).await.ok();
    let head = story.restore(&version).await.ok();
    assert_eq!((&head["id"], &head["file_name"]), (&one["id"], &json!("game.srm")));
    assert_eq!(ids(&story.list().await), [&one["id"]]);
    assert_eq!(story.get(&content_uri(&one)).await.text(), "1");
}

async fn the_picture_goes_along(home: &Home) {
    let story = Story::begin(home).await;
    let body = Multipart::save("game.srm", b"1").screenshot("shot.png", b"a picture");
    let one = story.upload("slot=autosave", body).await.ok();
    let two = story.upload_by_hand(b"2").await;
    assert_eq!(two["screenshot"], Value::Null);
    let head = story.restore(&story.version_of(&one).await["version_id"]).await.ok();
    assert_eq!(head["screenshot"]["file_name"], "shot.png");
    let picture = format!("/api/screenshots/{}/content", head["screenshot"]["id"]);
    assert_eq!(story.get(&picture).await.text(), "a picture");
    assert_eq!(story.show(&one).await.ok()["screenshot"], one["screenshot"], "and stays where it was");
}

async fn unknown_and_other_users_versions_are_not_restored(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_by_hand(b"1").await;
    story.upload_by_hand(b"2").await;
    let version = story.version_of(&one).await["version_id"].clone();
    story.restore(&json!(9999)).await.is_refused(404, "Version with ID 9999 not found");
    let text = format!("Version with ID {version} not found");
    for person in [&story.stranger().await, &story.admin] {
        let asked = story.server.post(&format!("/api/saves/versions/{version}/restore")).by(person);
        asked.await.is_refused(404, &text);
    }
    assert_eq!(story.history().await.len(), 2);
}

async fn restoring_needs_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_by_hand(b"1").await;
    let uri = format!("/api/saves/versions/{}/restore", story.version_of(&one).await["version_id"]);
    story.server.post(&uri).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.post(&uri).by(&reader).await.is_refused(403, "Forbidden");
}
