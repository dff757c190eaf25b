//! `POST /api/saves/delete`, and what it does to head and history.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::{edit_uri, ids, not_found, save_uri, states};
use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    all_of_the_named_saves_are_deleted_or_none,
    a_deleted_head_makes_the_newest_that_remains_the_head,
    the_head_after_an_edit_and_a_deletion_is_the_newest_that_is_listed,
    a_slot_whose_last_save_was_deleted_is_empty,
    a_deleted_save_is_gone_by_its_id_and_stays_in_the_history,
    a_companion_does_not_go_with_its_main_save,
    another_user_s_save_is_not_deleted,
    deleting_needs_assets_write,
}

async fn all_of_the_named_saves_are_deleted_or_none(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_by_hand(b"1").await;
    let two = story.upload("", Multipart::save("archival.srm", b"2")).await.ok();
    story.delete_saves(&[]).await.is_refused(400, "No saves were provided");
    story.post("/api/saves/delete").json(&json!({})).await.is_invalid_at(&json!(["body", "saves"]));
    let one_unknown = story.delete_saves(&[&one["id"], &json!(9999), &two["id"]]).await;
    one_unknown.is_refused(404, "Save with ID 9999 not found");
    assert_eq!(story.list().await.len(), 2);
    let both = story.delete_saves(&[&two["id"], &one["id"]]).await.ok();
    assert_eq!(both, json!([two["id"], one["id"]]));
    assert_eq!(story.list().await, Vec::<Value>::new());
    story.delete_saves(&[&one["id"]]).await.is_refused(404, &not_found(&one));
}

async fn a_deleted_head_makes_the_newest_that_remains_the_head(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    let middle = story.upload_from(&story.handheld, b"2").await.ok();
    let head = story.upload_from(&story.handheld, b"3").await.ok();
    story.delete_saves(&[&older["id"]]).await.ok();
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), head["id"].clone())]);
    story.delete_saves(&[&head["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&middle["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), middle["id"].clone())]);
    assert_eq!(story.states().await, states(&[("3", "deleted"), ("2", "head"), ("1", "deleted")]));
    story.confirm(&middle, &story.desk).await;
    story.upload_from(&story.desk, b"4").await.ok();
}

async fn the_head_after_an_edit_and_a_deletion_is_the_newest_that_is_listed(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();
    let three = story.upload_from(&story.handheld, b"3").await.ok();
    story.edit(&one, Some(&story.handheld), b"4").await.ok();
    story.delete_saves(&[&three["id"]]).await.ok();
    assert_eq!(story.list().await[0]["id"], one["id"], "the head was not touched");
    story.delete_saves(&[&one["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&two["id"]]);
    assert_eq!(
        story.states().await,
        states(&[("4", "deleted"), ("3", "deleted"), ("2", "head"), ("1", "replaced")])
    );
}

async fn a_slot_whose_last_save_was_deleted_is_empty(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.delete_saves(&[&one["id"]]).await.ok();
    for device in [&story.handheld, &story.desk] {
        assert_eq!(story.plan(device).await, [], "{device}");
    }
    let two = story.upload_from(&story.desk, b"2").await.ok();
    assert_eq!(ids(&story.list().await), [&two["id"]]);
    assert!(two["updated_at"].as_str() > one["updated_at"].as_str());
}

async fn a_deleted_save_is_gone_by_its_id_and_stays_in_the_history(home: &Home) {
    let story = Story::begin(home).await;
    let body = Multipart::save("game.srm", b"1").screenshot("shot.png", b"a picture");
    let save = story.upload("slot=autosave", body).await.ok();
    story.delete_saves(&[&save["id"]]).await.ok();
    let gone = not_found(&save);
    story.show(&save).await.is_refused(404, &gone);
    story.get(&content_uri(&save)).await.is_refused(404, &gone);
    story.edit(&save, None, b"2").await.is_refused(404, &gone);
    for call in ["downloaded", "track", "untrack"] {
        story.call(&save, call, &story.desk).await.is_refused(404, &gone);
    }
    let share = story.put(&format!("{}/visibility", save_uri(&save)));
    share.json(&json!({"is_public": true})).await.is_refused(404, &gone);
    assert_eq!(story.states().await, states(&[("1", "deleted")]));
    let version = story.version_of(&save).await;
    assert_eq!(version["file_name"], save["file_name"]);
    assert_eq!(version["screenshot"], save["screenshot"], "its picture is kept with it");
}

async fn a_companion_does_not_go_with_its_main_save(home: &Home) {
    let story = Story::begin(home).await;
    let main = story.upload_by_hand(b"1").await;
    let clock = story.upload("slot=autosave", Multipart::save("game.rtc", b"1")).await.ok();
    story.delete_saves(&[&main["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&clock["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), clock["id"].clone())]);
}

async fn another_user_s_save_is_not_deleted(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    for person in [&story.stranger().await, &story.admin] {
        let asked = story.server.post("/api/saves/delete").by(person);
        asked.json(&json!({"saves": [save["id"]]})).await.is_refused(404, &not_found(&save));
    }
    assert_eq!(story.get(&edit_uri(&save, None)).await.ok(), save);
}

async fn deleting_needs_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_by_hand(b"1").await;
    let named = json!({"saves": [save["id"]]});
    story.server.post("/api/saves/delete").json(&named).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.post("/api/saves/delete").by(&reader).json(&named).await.is_refused(403, "Forbidden");
}
