//! Deleting saves.

use serde_json::json;

use crate::support::{Story, content_uri};

#[actix_web::test]
async fn deleting_is_all_or_nothing_and_the_newest_left_is_the_head() {
    let story = Story::begin().await;
    let older = story.upload_from(story.handheld, b"1").await.ok();
    let head = story.upload_from(story.handheld, b"2").await.ok();
    story.post("/api/saves/delete", &json!({"saves": []})).await.is_refused(400, "No saves were provided");
    story.post("/api/saves/delete", &json!({})).await.is_invalid_at(&json!(["body", "saves"]));
    let one_unknown = story.post("/api/saves/delete", &json!({"saves": [head["id"], 999]})).await;
    one_unknown.is_refused(404, "Save with ID 999 not found");
    assert_eq!(story.list().await.len(), 2);

    let deleted = story.post("/api/saves/delete", &json!({"saves": [head["id"]]})).await.ok();
    assert_eq!(deleted, json!([head["id"]]));
    let gone = format!("Save with ID {} not found", head["id"]);
    story.get(&format!("/api/saves/{}", head["id"])).await.is_refused(404, &gone);
    story.get(&content_uri(&head)).await.is_refused(404, &gone);
    let plan = story.post("/api/sync/negotiate", &json!({"device_id": story.desk, "saves": []})).await.ok();
    assert_eq!(plan["operations"][0]["save_id"], older["id"]);
}
