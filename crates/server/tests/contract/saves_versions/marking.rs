//! `PUT /api/saves/versions/{id}`: pins and labels.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use super::ids;
use crate::support::{Answer, Home, Story, on_every_database};

on_every_database! {
    a_pin_and_a_label_change_where_they_are_named,
    a_label_is_taken_away_by_null_or_by_blank_text,
    a_label_has_at_most_255_characters,
    forks_and_deleted_versions_are_marked_too,
    autocleanup_leaves_what_is_pinned,
    marks_move_nothing,
    unknown_and_other_users_versions_are_not_marked,
    marking_needs_assets_write,
}

fn mark_uri(version: &Value) -> String {
    format!("/api/saves/versions/{version}")
}

async fn mark(story: &Story, version: &Value, patch: Value) -> Answer {
    story.put(&mark_uri(version)).json(&patch).await
}

/// A save's version, and the patch's answer as pin and label.
async fn marks(story: &Story, version: &Value, patch: Value) -> (Value, Value) {
    let marked = mark(story, version, patch).await.ok();
    (marked["pinned"].clone(), marked["label"].clone())
}

async fn version(story: &Story) -> Value {
    let save = story.upload_by_hand(b"1").await;
    story.version_of(&save).await["version_id"].clone()
}

async fn a_pin_and_a_label_change_where_they_are_named(home: &Home) {
    let story = Story::begin(home).await;
    let version = version(&story).await;
    for (patch, pinned, label) in [
        (json!({"pinned": true}), true, Value::Null),
        (json!({"label": " before the boss "}), true, json!("before the boss")),
        (json!({}), true, json!("before the boss")),
        (json!({"pinned": null, "unknown": 1}), true, json!("before the boss")),
        (json!({"pinned": false}), false, json!("before the boss")),
        (json!({"pinned": true, "label": "Zelda – Höhle 3"}), true, json!("Zelda – Höhle 3")),
    ] {
        assert_eq!(marks(&story, &version, patch.clone()).await, (json!(pinned), label), "{patch}");
    }
    let history = story.history().await;
    assert_eq!((&history[0]["pinned"], &history[0]["label"]), (&json!(true), &json!("Zelda – Höhle 3")));
    mark(&story, &version, json!({"pinned": "yes"})).await.is_invalid_at(&json!(["body", "pinned"]));
}

async fn a_label_is_taken_away_by_null_or_by_blank_text(home: &Home) {
    let story = Story::begin(home).await;
    let version = version(&story).await;
    for none in [Value::Null, json!(""), json!("  ")] {
        marks(&story, &version, json!({"label": "a label"})).await;
        assert_eq!(
            marks(&story, &version, json!({"label": none})).await,
            (json!(false), Value::Null),
            "{none:?}"
        );
    }
}

async fn a_label_has_at_most_255_characters(home: &Home) {
    let story = Story::begin(home).await;
    let version = version(&story).await;
    let longest = "é".repeat(255);
    assert_eq!(marks(&story, &version, json!({"label": longest})).await.1, *longest);
    let too_long = mark(&story, &version, json!({"label": "é".repeat(256), "pinned": true})).await;
    too_long.is_invalid_at(&json!(["body", "label"]));
    assert_eq!(marks(&story, &version, json!({})).await, (json!(false), json!(longest)), "nothing was done");
}

async fn forks_and_deleted_versions_are_marked_too(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.fork_from(&story.desk, b"2").await;
    story.delete_saves(&[&one["id"]]).await.ok();
    for version in story.history().await {
        let marked = mark(&story, &version["version_id"], json!({"pinned": true})).await.ok();
        let mut expected = version;
        expected["pinned"] = json!(true);
        assert_eq!(marked, expected, "nothing else changes");
    }
}

async fn autocleanup_leaves_what_is_pinned(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_by_hand(b"1").await;
    let version = story.version_of(&one).await["version_id"].clone();
    mark(&story, &version, json!({"pinned": true})).await.ok();
    story.upload_by_hand(b"2").await;
    let cleanup = "slot=autosave&autocleanup=true&autocleanup_limit=1";
    let head = story.upload(cleanup, Multipart::save("game.srm", b"3")).await.ok();
    assert_eq!(ids(&story.list().await), [&head["id"], &one["id"]]);
}

async fn marks_move_nothing(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    story.upload_from(&story.handheld, b"2").await.ok();
    let before = story.list().await;
    let version = story.version_of(&one).await["version_id"].clone();
    mark(&story, &version, json!({"pinned": true, "label": "old"})).await.ok();
    assert_eq!(story.list().await, before);
    assert_eq!(story.plan(&story.handheld).await, []);
}

async fn unknown_and_other_users_versions_are_not_marked(home: &Home) {
    let story = Story::begin(home).await;
    let version = version(&story).await;
    let patch = json!({"pinned": true});
    mark(&story, &json!(9999), patch.clone()).await.is_refused(404, "Version with ID 9999 not found");
    let text = format!("Version with ID {version} not found");
    for person in [&story.stranger().await, &story.admin] {
        story.server.put(&mark_uri(&version)).by(person).json(&patch).await.is_refused(404, &text);
    }
    assert_eq!(story.history().await[0]["pinned"], false);
}

async fn marking_needs_assets_write(home: &Home) {
    let story = Story::begin(home).await;
    let uri = mark_uri(&version(&story).await);
    let patch = json!({"pinned": true});
    story.server.put(&uri).json(&patch).await.is_refused(401, "Not authenticated");
    let reader = story.server.token_without(&story.player, &["assets.write"]).await;
    story.server.put(&uri).by(&reader).json(&patch).await.is_refused(403, "Forbidden");
}
