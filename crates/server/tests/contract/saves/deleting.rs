//! `POST /api/saves/delete`.

use serde_json::json;

use crate::support::{Home, Story, content_uri, on_every_database};

on_every_database! {
    deleting_is_all_or_nothing_and_answers_the_ids,
    a_deleted_save_is_gone_by_its_id,
    the_newest_save_left_is_the_head,
    a_slot_whose_saves_are_all_deleted_is_empty,
}

async fn deleting_is_all_or_nothing_and_answers_the_ids(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    let head = story.upload_from(&story.handheld, b"2").await.ok();
    let delete = async |body| story.post("/api/saves/delete").json(&body).await;
    delete(json!({"saves": []})).await.is_refused(400, "No saves were provided");
    delete(json!({})).await.is_invalid_at(&json!(["body", "saves"]));
    delete(json!({"saves": [head["id"], 999]})).await.is_refused(404, "Save with ID 999 not found");
    assert_eq!(story.list().await.len(), 2);
    let ids = json!([head["id"], older["id"]]);
    assert_eq!(delete(json!({"saves": ids})).await.ok(), ids);
    assert_eq!(story.list().await.len(), 0);
}

async fn a_deleted_save_is_gone_by_its_id(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await.ok();
    let gone = format!("Save with ID {} not found", save["id"]);
    story.get(&format!("/api/saves/{}", save["id"])).await.is_refused(404, &gone);
    story.get(&content_uri(&save)).await.is_refused(404, &gone);
    for call in ["downloaded", "track", "untrack"] {
        story.tell(call, &save, &story.desk).await.is_refused(404, &gone);
    }
    let again = story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await;
    again.is_refused(404, &gone);
}

async fn the_newest_save_left_is_the_head(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    let head = story.upload_from(&story.handheld, b"2").await.ok();
    story.post("/api/saves/delete").json(&json!({"saves": [head["id"]]})).await.ok();
    let plan = story.plan_for(&story.desk).await;
    assert_eq!((&plan["total_download"], &plan["operations"][0]["save_id"]), (&json!(1), &older["id"]));
    assert_eq!(story.listed("").await, [older["id"].clone()]);
}

async fn a_slot_whose_saves_are_all_deleted_is_empty(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await.ok();
    assert_eq!(story.plan_for(&story.desk).await["operations"], json!([]));
    let new = story.upload_from(&story.desk, b"2").await.ok();
    assert_ne!(new["id"], save["id"]);
    assert_eq!(story.listed("").await, [new["id"].clone()]);
}
