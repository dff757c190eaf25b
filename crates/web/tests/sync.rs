//! Sync (contract § 5): negotiation and its sessions.

mod support;

use chrono::Duration;
use memcard_domain::account::{Scope, ScopeSet};
use memcard_domain::ids::DeviceId;
use memcard_testkit::builders::a_game;
use serde_json::{Value, json};

use support::{Multipart, Request, Story, content_uri};

const HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

impl Story {
    async fn negotiate(&self, device: DeviceId, saves: Value) -> Value {
        let body = json!({"device_id": device, "saves": saves});
        self.post("/api/sync/negotiate", &body).await.ok()
    }

    async fn complete(&self, session: &Value, body: Value) -> Value {
        self.post(&format!("/api/sync/sessions/{session}/complete"), &body).await.ok()
    }

    fn entry(&self, slot: &Value, hash: &Value) -> Value {
        json!({
            "rom_id": self.game.0,
            "file_name": "game.srm",
            "slot": slot,
            "content_hash": hash,
            "updated_at": "2026-09-04T11:12:27.5+02:00",
            "file_size_bytes": 5,
        })
    }
}

#[actix_web::test]
async fn a_plan_has_one_operation_per_file_in_order_and_then_downloads() {
    let story = Story::begin().await;
    let upload = async |slot: &str, name: &str, bytes: &[u8]| {
        let parameters = format!("slot={slot}&emulator=mGBA&device_id={}", story.handheld);
        story.upload(&parameters, Multipart::save(name, bytes)).await.ok()
    };
    let same = upload("same", "a.srm", b"hello").await;
    let differs = upload("differs", "b.srm", b"server").await;
    let unnamed = upload("unnamed", "c.srm", b"server").await;
    story.upload("", Multipart::save("archival.srm", b"x")).await.ok();

    let plan = story
        .negotiate(
            story.desk,
            json!([
                story.entry(&json!("new"), &json!(HELLO)),
                story.entry(&json!("same"), &json!(HELLO.to_uppercase())),
                story.entry(&json!("differs"), &json!(HELLO)),
                story.entry(&json!(null), &json!(null)),
            ]),
        )
        .await;
    assert!(plan["session_id"].is_i64());
    let totals =
        ["total_upload", "total_download", "total_conflict", "total_no_op"].map(|total| &plan[total]);
    assert_eq!(totals, [2, 1, 1, 1]);

    let operations = plan["operations"].as_array().unwrap();
    let actions: Vec<_> = operations.iter().map(|operation| operation["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["upload", "no_op", "conflict", "upload", "download"]);
    assert!(operations.iter().all(|operation| operation["reason"].is_string()));

    assert_eq!(operations[0]["save_id"], Value::Null);
    assert_eq!(operations[0]["file_name"], "game.srm");
    assert_eq!(operations[0]["server_updated_at"], Value::Null);
    assert_eq!(operations[1]["save_id"], same["id"]);
    assert_eq!(operations[2]["save_id"], differs["id"]);
    assert_eq!(operations[2]["file_name"], differs["file_name"], "the head's name, whatever the client's");
    assert_eq!(operations[2]["emulator"], "mGBA");
    assert_eq!(operations[2]["server_updated_at"], differs["updated_at"]);
    assert_eq!(operations[2]["server_content_hash"], differs["content_hash"]);
    assert_eq!(operations[3]["slot"], Value::Null);
    assert_eq!(operations[4]["save_id"], unnamed["id"]);
    assert_eq!(operations[4]["rom_id"], story.game.0);
    assert_eq!(operations[4]["slot"], "unnamed");
}

#[actix_web::test]
async fn a_client_that_names_the_head_s_hash_is_current() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"hello").await.ok();
    assert!(!story.is_current(&save, story.desk).await);
    story.negotiate(story.desk, json!([story.entry(&json!("autosave"), &json!(HELLO))])).await;
    assert!(story.is_current(&save, story.desk).await);
}

#[actix_web::test]
async fn a_hash_that_is_none_says_nothing() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"hello").await.ok();
    for hash in ["", "xyz", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"] {
        let plan = story.negotiate(story.desk, json!([story.entry(&json!("autosave"), &json!(hash))])).await;
        assert_eq!(plan["operations"][0]["action"], "conflict", "{hash:?}");
    }
}

#[actix_web::test]
async fn the_device_is_the_named_one_or_the_bound_token_s() {
    let story = Story::begin().await;
    let missing = story.post("/api/sync/negotiate", &json!({"saves": []})).await;
    assert_eq!(missing.status, 400);
    assert!(missing.json()["detail"].as_str().unwrap().starts_with("device_id is required"));

    let bound = story.world.a_token(&story.player.user, ScopeSet::ALL, Some(story.handheld));
    for (body, device) in [
        (json!({"saves": []}), story.handheld),
        (json!({"saves": [], "device_id": null}), story.handheld),
        (json!({"saves": [], "device_id": ""}), story.handheld),
        (json!({"saves": [], "device_id": story.desk}), story.desk),
    ] {
        let request = Request::post("/api/sync/negotiate").json(&body).bearer(&bound);
        let session = story.app.send(request).await.ok()["session_id"].clone();
        let shown = story.get(&format!("/api/sync/sessions/{session}")).await.ok();
        assert_eq!(shown["device_id"], device.to_string(), "{body}");
    }
}

#[actix_web::test]
async fn devices_that_are_unknown_or_do_not_sync_get_no_plan() {
    let story = Story::begin().await;
    let negotiate = async |device: &str| {
        story.post("/api/sync/negotiate", &json!({"device_id": device, "saves": []})).await
    };
    negotiate("x").await.is_refused(404, "Device with ID x not found");
    let stranger = story.world.a_player("stranger");
    let theirs = story.world.a_device(&stranger.user, "theirs").to_string();
    negotiate(&theirs).await.is_refused(404, &format!("Device with ID {theirs} not found"));

    story.world.keep(|tx| {
        let mut device = tx.devices().find(story.player.user.id, story.handheld)?.unwrap();
        device.sync_enabled = false;
        tx.devices().update(&device)
    });
    negotiate(&story.handheld.to_string()).await.is_refused(400, "Sync is disabled for this device");
}

#[actix_web::test]
async fn entries_that_do_not_fit_are_named() {
    let story = Story::begin().await;
    let whole = story.entry(&json!("a"), &json!(null));
    for member in ["rom_id", "file_name", "updated_at", "file_size_bytes"] {
        let mut entry = whole.clone();
        entry.as_object_mut().unwrap().remove(member);
        let body = json!({"device_id": story.handheld, "saves": [whole, entry]});
        let refused = story.post("/api/sync/negotiate", &body).await;
        refused.is_invalid_at(&json!(["body", "saves", 1, member]));
        assert_eq!(refused.json()["detail"][0]["type"], "missing");
    }
    for (member, value) in [
        ("rom_id", json!("x")),
        ("rom_id", json!(99_999_999_999_i64)),
        ("file_name", json!("")),
        ("updated_at", json!("yesterday")),
        ("file_size_bytes", json!(-1)),
        ("slot", json!("s".repeat(256))),
    ] {
        let mut entry = whole.clone();
        entry[member] = value;
        let body = json!({"device_id": story.handheld, "saves": [entry]});
        story.post("/api/sync/negotiate", &body).await.is_invalid_at(&json!(["body", "saves", 0, member]));
    }
    let no_saves = story.post("/api/sync/negotiate", &json!({"device_id": story.handheld})).await;
    no_saves.is_invalid_at(&json!(["body", "saves"]));
}

#[actix_web::test]
async fn a_session_counts_what_was_done_in_it() {
    let story = Story::begin().await;
    story.upload_from(story.handheld, b"hello").await.ok();
    let saves = json!([story.entry(&json!("new"), &json!(null))]);
    let plan = story.negotiate(story.desk, saves).await;
    let session = &plan["session_id"];
    let shown = async || story.get(&format!("/api/sync/sessions/{session}")).await.ok();
    let begun = shown().await;
    assert_eq!(
        begun,
        json!({
            "id": session,
            "device_id": story.desk,
            "user_id": story.player.user.id.0,
            "status": "IN_PROGRESS",
            "initiated_at": "2026-09-04T10:32:27.123457+00:00",
            "completed_at": null,
            "operations_planned": 2,
            "operations_completed": 0,
            "operations_failed": 0,
            "error_message": null,
            "created_at": "2026-09-04T10:32:27.123457+00:00",
            "updated_at": "2026-09-04T10:32:27.123457+00:00",
        })
    );

    let parameters = format!("slot=new&device_id={}&session_id={session}", story.desk);
    story.upload(&parameters, Multipart::save("a.srm", b"new")).await.ok();
    let save = &plan["operations"][1]["save_id"];
    story.get(&format!("/api/saves/{save}/content?device_id={}&session_id={session}", story.desk)).await;
    assert_eq!(shown().await["operations_completed"], 2);

    story.get(&format!("/api/saves/{save}/content?device_id={}&session_id=999", story.desk)).await;
    let elsewhere = format!("slot=new&overwrite=1&device_id={}&session_id={session}", story.handheld);
    story.upload(&elsewhere, Multipart::save("a.srm", b"other")).await.ok();
    assert_eq!(shown().await["operations_completed"], 2, "a wrong session is ignored");

    let completed = story.complete(session, json!({})).await;
    assert_eq!(completed["session"]["status"], "COMPLETED");
    assert_eq!(completed["session"]["operations_completed"], 2, "absent numbers keep the counted ones");
    assert_eq!(completed["play_session_ingest"], Value::Null);
}

#[actix_web::test]
async fn a_completed_session_says_so_when_it_is_completed_again() {
    let story = Story::begin().await;
    let session = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    story.world.clock.advance(Duration::seconds(5));
    let completed =
        story.complete(&session, json!({"operations_completed": 7, "operations_failed": 1})).await;
    let session_shown = &completed["session"];
    assert_eq!(
        (&session_shown["operations_completed"], &session_shown["operations_failed"]),
        (&json!(7), &json!(1))
    );
    assert_eq!(session_shown["completed_at"], "2026-09-04T10:32:32.123457+00:00");

    let uri = format!("/api/sync/sessions/{session}/complete");
    story.post(&uri, &json!({})).await.is_refused(400, "Session is already COMPLETED");
    story.send(Request::post(&uri)).await.is_invalid_at(&json!(["body"]));
    story
        .post(&uri, &json!({"operations_failed": -1}))
        .await
        .is_invalid_at(&json!(["body", "operations_failed"]));
    let unknown = story.post("/api/sync/sessions/999/complete", &json!({})).await;
    unknown.is_refused(404, "Sync session with ID 999 not found");
}

#[actix_web::test]
async fn a_new_session_cancels_the_device_s_running_one() {
    let story = Story::begin().await;
    let first = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let other = story.negotiate(story.handheld, json!([])).await["session_id"].clone();
    let second = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let sessions = async |query: &str| {
        let sessions = story.get(&format!("/api/sync/sessions?{query}")).await.ok();
        let show = |session: &Value| (session["id"].clone(), session["status"].as_str().unwrap().to_owned());
        sessions.as_array().unwrap().iter().map(show).collect::<Vec<_>>()
    };
    let of_desk = sessions(&format!("device_id={}", story.desk)).await;
    let expected = [(second.clone(), "IN_PROGRESS".to_owned()), (first.clone(), "CANCELLED".to_owned())];
    assert_eq!(of_desk, expected);
    let all: Vec<Value> = sessions("").await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(all, [second.clone(), other, first.clone()]);
    assert_eq!(sessions("limit=1").await.len(), 1);
    let cancelled = story.post(&format!("/api/sync/sessions/{first}/complete"), &json!({})).await;
    cancelled.is_refused(400, "Session is already CANCELLED");
    story.get("/api/sync/sessions?device_id=x").await.is_refused(404, "Device with ID x not found");
}

#[actix_web::test]
async fn play_sessions_sent_with_the_end_of_a_sync_are_recorded_with_it() {
    let story = Story::begin().await;
    let session = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let played = |minute: u32| {
        json!({
            "rom_id": story.game.0,
            "start_time": format!("2026-09-{:02}T{:02}:00:00Z", 1 + minute / 24, minute % 24),
            "end_time": format!("2026-09-{:02}T{:02}:30:00Z", 1 + minute / 24, minute % 24),
            "duration_ms": 1_800_000,
        })
    };
    let many: Vec<Value> = (0..72).chain(0..60).map(played).collect();
    let completed = story.complete(&session, json!({"play_sessions": many})).await;
    let ingested = &completed["play_session_ingest"];
    assert_eq!((&ingested["created_count"], &ingested["skipped_count"]), (&json!(72), &json!(60)));
    let listed = story.get("/api/play-sessions?limit=1").await.ok();
    assert_eq!((&listed[0]["sync_session_id"], &listed[0]["device_id"]), (&session, &json!(story.desk)));
}

#[actix_web::test]
async fn a_session_does_not_end_where_its_play_sessions_are_refused() {
    let story = Story::begin().await;
    let session = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let uri = format!("/api/sync/sessions/{session}/complete");
    let good =
        json!({"start_time": "2026-09-01T10:00:00Z", "end_time": "2026-09-01T10:30:00Z", "duration_ms": 1});
    let bad =
        json!({"start_time": "2026-09-01T10:00:00Z", "end_time": "2026-09-01T10:00:00Z", "duration_ms": 1});
    let refused = story.post(&uri, &json!({"play_sessions": [good, bad]})).await;
    refused.is_invalid_at(&json!(["body", "play_sessions", 1, "end_time"]));
    assert_eq!(story.get(&format!("/api/sync/sessions/{session}")).await.ok()["status"], "IN_PROGRESS");
    assert_eq!(story.get("/api/play-sessions").await.ok(), json!([]));

    story.complete(&session, json!({"play_sessions": []})).await;
    let again = story.post(&uri, &json!({"play_sessions": [good]})).await;
    again.is_refused(400, "Session is already COMPLETED");
    assert_eq!(story.get("/api/play-sessions").await.ok(), json!([]), "both or neither");
}

#[actix_web::test]
async fn a_plan_is_made_of_one_game_s_slots_and_no_other_s() {
    let story = Story::begin().await;
    let other = story.world.a_game_like(a_game().named("Other"));
    story.upload_from(story.handheld, b"hello").await.ok();
    let mut entry = story.entry(&json!("autosave"), &json!(HELLO));
    entry["rom_id"] = json!(other.0);
    let plan = story.negotiate(story.desk, json!([entry])).await;
    assert_eq!(plan["operations"][0]["action"], "upload");
    assert_eq!(plan["operations"][1]["action"], "download");
}

#[actix_web::test]
async fn two_devices_end_on_the_same_save() {
    let story = Story::begin().await;
    let head = story.upload_from(story.handheld, b"hello").await.ok();
    let plan = story.negotiate(story.desk, json!([])).await;
    assert_eq!(plan["operations"][0]["save_id"], head["id"]);
    let uri = format!("{}?device_id={}&session_id={}", content_uri(&head), story.desk, plan["session_id"]);
    assert_eq!(story.get(&uri).await.body, "hello");
    story.complete(&plan["session_id"], json!({"operations_completed": 1})).await;
    for device in [story.handheld, story.desk] {
        let entry = story.entry(&json!("autosave"), &json!(HELLO));
        let plan = story.negotiate(device, json!([entry])).await;
        assert_eq!(plan["total_no_op"], 1);
        assert_eq!(plan["operations"].as_array().unwrap().len(), 1);
    }
}

#[actix_web::test]
async fn another_user_s_sessions_are_not_there() {
    let story = Story::begin().await;
    let session = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let stranger = story.world.a_player("stranger");
    let gone = format!("Sync session with ID {session} not found");
    let uri = format!("/api/sync/sessions/{session}");
    let send = async |request: Request| story.app.send(request.bearer(&stranger.token)).await;
    send(Request::get(&uri)).await.is_refused(404, &gone);
    send(Request::post(&format!("{uri}/complete")).json(&json!({}))).await.is_refused(404, &gone);
    assert_eq!(send(Request::get("/api/sync/sessions")).await.ok(), json!([]));
}

#[actix_web::test]
async fn each_endpoint_needs_its_scopes() {
    let story = Story::begin().await;
    let session = story.negotiate(story.desk, json!([])).await["session_id"].clone();
    let negotiate =
        || Request::post("/api/sync/negotiate").json(&json!({"device_id": story.handheld, "saves": []}));
    let complete = || Request::post(&format!("/api/sync/sessions/{session}/complete")).json(&json!({}));
    let find = || Request::get(&format!("/api/sync/sessions/{session}"));
    let list = || Request::get("/api/sync/sessions");
    for (missing, request) in [
        (Scope::AssetsRead, negotiate()),
        (Scope::DevicesRead, negotiate()),
        (Scope::DevicesWrite, complete()),
        (Scope::DevicesRead, find()),
        (Scope::DevicesRead, list()),
    ] {
        let held = ScopeSet::ALL.difference(ScopeSet::of(&[missing]));
        let token = story.world.a_token(&story.player.user, held, None);
        story.app.send(request.bearer(&token)).await.is_refused(403, "Forbidden");
    }
}
