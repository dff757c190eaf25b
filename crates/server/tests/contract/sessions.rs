//! Sync sessions (contract § 5): begun by a negotiation, counted, completed, listed.

use std::future::IntoFuture as _;

use memcard_testkit::Multipart;
use memcard_testkit::contract::race;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Story, eventually, on_every_database};

on_every_database! {
    a_session_begins_with_all_its_members_and_plans_all_but_no_ops,
    a_session_counts_what_was_done_in_it,
    a_wrong_session_is_ignored,
    numbers_sent_replace_the_counted_ones_and_absent_ones_keep_them,
    a_completed_session_says_so_when_it_is_completed_again,
    of_racing_completions_one_is_first_and_the_others_are_told_so,
    completing_takes_a_body_and_numbers_that_are_some,
    a_new_session_cancels_the_device_s_running_one,
    sessions_are_listed_newest_first_and_50_at_most,
    play_sessions_sent_with_the_end_of_a_sync_are_recorded_with_it,
    a_session_does_not_end_where_its_play_sessions_are_refused,
    another_user_s_sessions_are_not_there,
    each_endpoint_needs_its_scope,
}

impl Story {
    async fn begin_session(&self, device: &str) -> Value {
        self.negotiate(device, json!([])).await["session_id"].clone()
    }

    async fn complete(&self, session: &Value, body: &Value) -> Answer {
        self.post(&format!("/api/sync/sessions/{session}/complete")).json(body).await
    }

    async fn session(&self, session: &Value) -> Value {
        self.get(&format!("/api/sync/sessions/{session}")).await.ok()
    }
}

async fn a_session_begins_with_all_its_members_and_plans_all_but_no_ops(home: &Home) {
    let story = Story::begin(home).await;
    let file = |slot: &str, hash: Option<&str>| {
        json!({
            "rom_id": story.game, "file_name": "game.srm", "slot": slot, "content_hash": hash,
            "updated_at": "2026-09-04T11:12:27Z", "file_size_bytes": 5,
        })
    };
    for slot in ["same", "differs", "unnamed"] {
        story.upload(&format!("slot={slot}"), Multipart::save("game.srm", b"hello")).await.ok();
    }
    let hello = "5d41402abc4b2a76b9719d911017c592";
    let files = json!([file("new", None), file("same", Some(hello)), file("differs", None)]);
    let id = story.negotiate(&story.desk, files).await["session_id"].clone();
    let session = story.session(&id).await;
    let begun = &session["initiated_at"];
    assert!(begun.is_string());
    assert_eq!(
        session,
        json!({
            "id": id,
            "device_id": story.desk,
            "user_id": story.player.id,
            "status": "IN_PROGRESS",
            "initiated_at": begun,
            "completed_at": null,
            "operations_planned": 3,
            "operations_completed": 0,
            "operations_failed": 0,
            "error_message": null,
            "created_at": begun,
            "updated_at": begun,
        })
    );
}

async fn a_session_counts_what_was_done_in_it(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    let session = story.begin_session(&story.desk).await;
    let parameters = format!("slot=new&device_id={}&session_id={session}", story.desk);
    story.upload(&parameters, Multipart::save("a.srm", b"new")).await.ok();
    assert_eq!(story.session(&session).await["operations_completed"], 1);
    let content = format!("/api/saves/{}/content", save["id"]);
    story.get(&format!("{content}?device_id={}&session_id={session}", story.desk)).await;
    eventually(async || story.session(&session).await["operations_completed"] == 2).await;
    let refused = format!("slot=autosave&device_id={}&session_id={session}", story.handheld);
    story.upload(&refused, Multipart::save("a.srm", b"other")).await;
    assert_eq!(story.session(&session).await["operations_completed"], 2, "another device's session");
}

async fn a_wrong_session_is_ignored(home: &Home) {
    let story = Story::begin(home).await;
    let ended = story.begin_session(&story.handheld).await;
    story.complete(&ended, &json!({})).await.ok();
    let of_desk = story.begin_session(&story.desk).await;
    for (index, session) in [json!(999), ended.clone(), of_desk.clone()].iter().enumerate() {
        let parameters = format!("slot=s{index}&device_id={}&session_id={session}", story.handheld);
        let save = story.upload(&parameters, Multipart::save("a.srm", b"1")).await.ok();
        let uri =
            format!("/api/saves/{}/content?device_id={}&session_id={session}", save["id"], story.handheld);
        assert_eq!(story.get(&uri).await.body, "1");
    }
    for session in [&ended, &of_desk] {
        assert_eq!(story.session(session).await["operations_completed"], 0);
    }
}

async fn numbers_sent_replace_the_counted_ones_and_absent_ones_keep_them(home: &Home) {
    let story = Story::begin(home).await;
    for (body, expected) in [
        (json!({}), [1, 0]),
        (json!({"operations_completed": null, "operations_failed": null}), [1, 0]),
        (json!({"operations_failed": 3}), [1, 3]),
        (json!({"operations_completed": 7, "operations_failed": 1}), [7, 1]),
        (json!({"operations_completed": 0}), [0, 0]),
    ] {
        let session = story.begin_session(&story.desk).await;
        let parameters = format!("slot={}&device_id={}&session_id={session}", session, story.desk);
        story.upload(&parameters, Multipart::save("a.srm", b"new")).await.ok();
        let completed = story.complete(&session, &body).await.ok();
        let numbers = ["operations_completed", "operations_failed"].map(|name| &completed["session"][name]);
        assert_eq!(numbers, expected, "{body}");
        assert_eq!(completed["play_session_ingest"], Value::Null);
    }
}

async fn a_completed_session_says_so_when_it_is_completed_again(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let completed = story.complete(&session, &json!({})).await.ok();
    assert_eq!(completed["session"]["status"], "COMPLETED");
    assert!(completed["session"]["completed_at"].as_str() >= completed["session"]["initiated_at"].as_str());
    assert_eq!(completed["session"], story.session(&session).await);
    for _ in 0..2 {
        story.complete(&session, &json!({})).await.is_refused(400, "Session is already COMPLETED");
    }
    assert_eq!(completed["session"], story.session(&session).await);
    let unknown = story.complete(&json!(999), &json!({})).await;
    unknown.is_refused(404, "Sync session with ID 999 not found");
}

async fn of_racing_completions_one_is_first_and_the_others_are_told_so(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let uri = format!("/api/sync/sessions/{session}/complete");
    let answers = race(4, |_| story.post(&uri).json(&json!({})).into_future()).await;
    let (first, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((first.len(), late.len()), (1, 3));
    for answer in late {
        answer.is_refused(400, "Session is already COMPLETED");
    }
}

async fn completing_takes_a_body_and_numbers_that_are_some(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let uri = format!("/api/sync/sessions/{session}/complete");
    story.post(&uri).await.is_invalid_at(&json!(["body"]));
    for (member, value) in
        [("operations_failed", json!(-1)), ("operations_completed", json!("x")), ("play_sessions", json!(7))]
    {
        let answer = story.complete(&session, &json!({ member: value })).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
    assert_eq!(story.session(&session).await["status"], "IN_PROGRESS");
}

async fn a_new_session_cancels_the_device_s_running_one(home: &Home) {
    let story = Story::begin(home).await;
    let first = story.begin_session(&story.desk).await;
    let other = story.begin_session(&story.handheld).await;
    let second = story.begin_session(&story.desk).await;
    let cancelled = story.session(&first).await;
    assert_eq!(cancelled["status"], "CANCELLED");
    assert!(cancelled["completed_at"].is_string());
    assert_eq!(story.session(&other).await["status"], "IN_PROGRESS");
    assert_eq!(story.session(&second).await["status"], "IN_PROGRESS");
    story.complete(&first, &json!({})).await.is_refused(400, "Session is already CANCELLED");
}

async fn sessions_are_listed_newest_first_and_50_at_most(home: &Home) {
    let story = Story::begin(home).await;
    let of_handheld = story.begin_session(&story.handheld).await;
    let mut of_desk = Vec::new();
    for _ in 0..50 {
        of_desk.insert(0, story.begin_session(&story.desk).await);
    }
    let listed = async |query: &str| {
        let sessions = story.get(&format!("/api/sync/sessions?{query}")).await.ok();
        sessions.as_array().unwrap().iter().map(|session| session["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, of_desk);
    assert_eq!(listed("limit=2").await, of_desk[..2]);
    assert_eq!(listed("limit=100").await.len(), 51);
    assert_eq!(listed(&format!("device_id={}", story.handheld)).await, [of_handheld]);
}

async fn play_sessions_sent_with_the_end_of_a_sync_are_recorded_with_it(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let played = |hour: u32| {
        let hour = format!("2026-09-{:02}T{:02}", 1 + hour / 24, hour % 24);
        json!({
            "rom_id": story.game,
            "start_time": format!("{hour}:00:00Z"),
            "end_time": format!("{hour}:30:00Z"),
            "duration_ms": 1_800_000,
        })
    };
    let many: Vec<Value> = (0..72).chain(0..60).map(played).collect();
    let completed = story.complete(&session, &json!({"play_sessions": many})).await.ok();
    let ingested = &completed["play_session_ingest"];
    assert_eq!((&ingested["created_count"], &ingested["skipped_count"]), (&json!(72), &json!(60)));
    assert_eq!(ingested["results"].as_array().unwrap().len(), 132, "more than a report may have");
    let listed = story.get("/api/play-sessions?limit=1").await.ok();
    assert_eq!((&listed[0]["sync_session_id"], &listed[0]["device_id"]), (&session, &json!(story.desk)));
}

async fn a_session_does_not_end_where_its_play_sessions_are_refused(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let played = |end: &str| json!({"start_time": "2026-09-01T10:00:00Z", "end_time": end, "duration_ms": 1});
    let (good, bad) = (played("2026-09-01T10:30:00Z"), played("2026-09-01T10:00:00Z"));
    let refused = story.complete(&session, &json!({"play_sessions": [good, bad]})).await;
    refused.is_invalid_at(&json!(["body", "play_sessions", 1, "end_time"]));
    assert_eq!(story.session(&session).await["status"], "IN_PROGRESS");
    assert_eq!(story.get("/api/play-sessions").await.ok(), json!([]));

    let completed = story.complete(&session, &json!({"play_sessions": []})).await.ok();
    assert_eq!(completed["session"]["status"], "COMPLETED");
    let again = story.complete(&session, &json!({"play_sessions": [good]})).await;
    again.is_refused(400, "Session is already COMPLETED");
    assert_eq!(story.get("/api/play-sessions").await.ok(), json!([]), "both or neither");
}

async fn another_user_s_sessions_are_not_there(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let stranger = story.stranger().await;
    let gone = format!("Sync session with ID {session} not found");
    let uri = format!("/api/sync/sessions/{session}");
    let complete = story.server.post(&format!("{uri}/complete")).json(&json!({}));
    for request in [story.server.get(&uri), complete] {
        request.by(&stranger).await.is_refused(404, &gone);
    }
    assert_eq!(story.server.get("/api/sync/sessions").by(&stranger).await.ok(), json!([]));
}

async fn each_endpoint_needs_its_scope(home: &Home) {
    let story = Story::begin(home).await;
    let session = story.begin_session(&story.desk).await;
    let reader = story.server.token_of(&story.player, &["devices.read"]).await;
    let writer = story.server.token_of(&story.player, &["devices.write"]).await;
    let uri = format!("/api/sync/sessions/{session}");
    let complete = || story.server.post(&format!("{uri}/complete")).json(&json!({}));
    for uri in ["/api/sync/sessions", &uri] {
        story.server.get(uri).by(&writer).await.is_refused(403, "Forbidden");
        story.server.get(uri).by(&reader).await.ok();
    }
    complete().by(&reader).await.is_refused(403, "Forbidden");
    complete().by(&writer).await.ok();
}
