//! Who may do what, and what others do not see.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Home, Request, Story, content_uri, on_every_database};

on_every_database! {
    every_endpoint_wants_its_scopes_and_no_others,
    another_user_s_saves_are_not_there,
    an_administrator_s_token_is_no_key_to_another_s_saves,
}

/// What each endpoint is called with; `n` makes every upload another one.
fn endpoints(story: &Story, save: &Value, n: usize) -> Vec<(&'static [&'static str], Request)> {
    const READ: &[&str] = &["assets.read"];
    const READ_DEVICE: &[&str] = &["assets.read", "devices.read"];
    const DEVICE: &[&str] = &["devices.write"];
    let server = &story.server;
    let id = &save["id"];
    let by_device = format!("device_id={}", story.handheld);
    let device = json!({"device_id": story.handheld});
    let upload = |parameters: &str| {
        let bytes = format!("{n}");
        server.post(&story.upload_uri(parameters)).multipart(Multipart::save("a.srm", bytes.as_bytes()))
    };
    vec![
        (&["assets.write"], upload("slot=a")),
        (&["assets.write", "devices.write"], upload(&format!("slot=b{n}&{by_device}"))),
        (READ, server.get("/api/saves")),
        (READ_DEVICE, server.get(&format!("/api/saves?{by_device}"))),
        (READ, server.get("/api/saves/identifiers")),
        (READ, server.get(&format!("/api/saves/summary?rom_id={}", story.game))),
        (READ, server.get(&format!("/api/saves/{id}"))),
        (READ_DEVICE, server.get(&format!("/api/saves/{id}?{by_device}"))),
        (READ, server.get(&format!("/api/saves/{id}/content"))),
        (READ_DEVICE, server.get(&format!("/api/saves/{id}/content?{by_device}"))),
        (DEVICE, server.post(&format!("/api/saves/{id}/downloaded")).json(&device)),
        (DEVICE, server.post(&format!("/api/saves/{id}/track")).json(&device)),
        (DEVICE, server.post(&format!("/api/saves/{id}/untrack")).json(&device)),
        (&["assets.write"], server.post("/api/saves/delete").json(&json!({"saves": [id]}))),
    ]
}

async fn every_endpoint_wants_its_scopes_and_no_others(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let mut without = Vec::new();
    for missing in ["assets.read", "assets.write", "devices.read", "devices.write"] {
        without.push((missing, story.server.token_without(&story.player, &[missing]).await));
    }
    for (n, (missing, token)) in without.iter().enumerate() {
        for (index, (scopes, request)) in endpoints(&story, &save, n).into_iter().enumerate() {
            if scopes.contains(missing) {
                let answer = request.by(token).await;
                assert_eq!(answer.status, 403, "{index} without {missing}: {}", answer.text());
            }
        }
    }
    let mut exact = std::collections::BTreeMap::new();
    for (scopes, _) in endpoints(&story, &save, 0) {
        if !exact.contains_key(scopes) {
            exact.insert(scopes, story.server.token_of(&story.player, scopes).await);
        }
    }
    for (index, (scopes, request)) in endpoints(&story, &save, 9).into_iter().enumerate() {
        let answer = request.by(&exact[scopes]).await;
        assert_eq!(answer.status, 200, "{index} with {scopes:?}: {}", answer.text());
    }
}

async fn another_user_s_saves_are_not_there(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let stranger = story.stranger().await;
    let their_device = story.server.add_device(&stranger, "theirs").await;
    let server = &story.server;
    let id = &save["id"];
    let gone = format!("Save with ID {id} not found");
    let named = json!({"device_id": their_device});
    for request in [
        server.get(&format!("/api/saves/{id}")),
        server.get(&content_uri(&save)),
        server.get(&format!("{}?device_id={their_device}", content_uri(&save))),
        server.post(&format!("/api/saves/{id}/downloaded")).json(&named),
        server.post(&format!("/api/saves/{id}/track")).json(&named),
        server.post(&format!("/api/saves/{id}/untrack")).json(&named),
        server.post("/api/saves/delete").json(&json!({"saves": [id]})),
    ] {
        request.by(&stranger).await.is_refused(404, &gone);
    }
    assert_eq!(server.get("/api/saves").by(&stranger).await.ok(), json!([]));
    assert_eq!(server.get("/api/saves/identifiers").by(&stranger).await.ok(), json!([]));
    let summary = server.get(&format!("/api/saves/summary?rom_id={}", story.game)).by(&stranger).await;
    assert_eq!(summary.ok()["total_count"], 0);
    assert_eq!(story.list().await.len(), 1);
}

async fn an_administrator_s_token_is_no_key_to_another_s_saves(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let gone = format!("Save with ID {} not found", save["id"]);
    story.server.get(&content_uri(&save)).by(&story.admin).await.is_refused(404, &gone);
    assert_eq!(story.server.get("/api/saves").by(&story.admin).await.ok(), json!([]));
}
