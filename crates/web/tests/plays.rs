//! Play sessions (contract § 5).

mod support;

use memcard_domain::account::{Scope, ScopeSet};
use serde_json::{Value, json};

use support::{Request, Story};

impl Story {
    fn played(&self, start: &str, end: &str) -> Value {
        json!({"rom_id": self.game.0, "save_slot": "autosave", "start_time": start, "end_time": end, "duration_ms": 90_000})
    }

    async fn report(&self, device: &Value, sessions: Value) -> support::Answer {
        self.post("/api/play-sessions", &json!({"device_id": device, "sessions": sessions})).await
    }
}

#[actix_web::test]
async fn reported_sessions_are_recorded_once_and_cut_to_seconds() {
    let story = Story::begin().await;
    let device = json!(story.handheld);
    let played = story.played("2026-09-04T09:00:00.9Z", "2026-09-04T11:30:00.123456+02:00");
    let ahead = story.played("2026-09-04T10:00:00Z", "2026-09-04T10:38:00Z");
    let just_ahead = story.played("2026-09-04T10:01:00Z", "2026-09-04T10:37:00Z");
    let answer = story.report(&device, json!([played, played, ahead, just_ahead])).await;
    assert_eq!(answer.status, 201);
    let ingested = answer.json();
    let id = ingested["results"][0]["id"].clone();
    assert!(id.is_i64());
    assert_eq!(
        ingested,
        json!({
            "results": [
                {"index": 0, "status": "created", "id": id, "detail": null},
                {"index": 1, "status": "duplicate", "id": null, "detail": null},
                {"index": 2, "status": "error", "id": null, "detail": "end_time is too far in the future"},
                {"index": 3, "status": "created", "id": ingested["results"][3]["id"], "detail": null},
            ],
            "created_count": 2,
            "skipped_count": 2,
        })
    );

    let listed = story.get("/api/play-sessions").await.ok();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let first = &listed[1];
    assert_eq!(
        *first,
        json!({
            "id": id,
            "user_id": story.player.user.id.0,
            "device_id": story.handheld,
            "rom_id": story.game.0,
            "save_slot": "autosave",
            "sync_session_id": null,
            "start_time": "2026-09-04T09:00:00+00:00",
            "end_time": "2026-09-04T09:30:00+00:00",
            "duration_ms": 90_000,
            "created_at": first["created_at"],
            "updated_at": first["created_at"],
        })
    );
    let game = story.get(&format!("/api/roms/{}", story.game)).await.ok();
    assert_eq!(game["rom_user"]["last_played"], "2026-09-04T10:37:00+00:00");
}

#[actix_web::test]
async fn one_to_a_hundred_sessions_are_taken_at_once() {
    let story = Story::begin().await;
    let hours = |count: u32| -> Value {
        let hour = |hour: u32| {
            let day = format!("2026-08-{:02}T{:02}", 1 + hour / 24, hour % 24);
            story.played(&format!("{day}:00:00Z"), &format!("{day}:30:00Z"))
        };
        (0..count).map(hour).collect()
    };
    let none = story.report(&Value::Null, json!([])).await;
    none.is_refused(400, "Payload must contain at least one session");
    story.report(&Value::Null, hours(101)).await.is_refused(400, "Batch size exceeds maximum of 100");
    assert_eq!(story.report(&Value::Null, hours(100)).await.json()["created_count"], 100);
    let listed = async |query: &str| {
        story.get(&format!("/api/play-sessions?{query}")).await.ok().as_array().unwrap().len()
    };
    assert_eq!(listed("").await, 50);
    assert_eq!(listed("limit=10&offset=95").await, 5);
    assert_eq!(listed("start_after=2026-08-01T00:00:00Z&limit=1").await, 100, "a range lifts the limit");
    assert_eq!(listed("start_after=2026-08-02T00:00:00&end_before=2026-08-02T12:00:00%2B00:00").await, 12);
}

#[actix_web::test]
async fn sessions_that_do_not_fit_are_named() {
    let story = Story::begin().await;
    let good = story.played("2026-09-04T09:00:00Z", "2026-09-04T09:30:00Z");
    let backwards = story.played("2026-09-04T09:00:00.1Z", "2026-09-04T09:00:00.9Z");
    let mut bad_time = good.clone();
    bad_time["end_time"] = json!("soon");
    let mut negative = good.clone();
    negative["duration_ms"] = json!(-1);
    for (bad, member) in [(backwards, "end_time"), (bad_time, "end_time"), (negative, "duration_ms")] {
        let answer = story.report(&Value::Null, json!([good, bad])).await;
        answer.is_invalid_at(&json!(["body", "sessions", 1, member]));
    }
    assert_eq!(story.get("/api/play-sessions").await.ok(), json!([]), "nothing of a bad report is recorded");
}

#[actix_web::test]
async fn unknown_devices_and_games_are_recorded_as_none() {
    let story = Story::begin().await;
    let stranger = story.world.a_player("stranger");
    let theirs = story.world.a_device(&stranger.user, "theirs");
    for (index, device) in [json!("no id"), json!(theirs), json!(""), Value::Null].iter().enumerate() {
        let start = format!("2026-09-04T0{index}:00:00Z");
        let end = format!("2026-09-04T0{index}:30:00Z");
        let mut played = story.played(&start, &end);
        played["rom_id"] = json!(999);
        assert_eq!(story.report(device, json!([played])).await.json()["created_count"], 1, "{device}");
    }
    let listed = story.get("/api/play-sessions").await.ok();
    for session in listed.as_array().unwrap() {
        assert_eq!((&session["device_id"], &session["rom_id"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn a_bound_token_stands_for_its_device() {
    let story = Story::begin().await;
    let token = story.world.a_token(&story.player.user, ScopeSet::ALL, Some(story.handheld));
    let body = json!({"sessions": [story.played("2026-09-04T09:00:00Z", "2026-09-04T09:30:00Z")]});
    story.app.send(Request::post("/api/play-sessions").json(&body).bearer(&token)).await;
    let elsewhere = story.played("2026-09-04T07:00:00Z", "2026-09-04T07:30:00Z");
    story.report(&json!(story.desk), json!([elsewhere])).await;

    let listed = async |query: &str| {
        let request = Request::get(&format!("/api/play-sessions?{query}")).bearer(&token);
        let sessions = story.app.send(request).await.ok();
        sessions.as_array().unwrap().iter().map(|session| session["device_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, [json!(story.handheld)]);
    assert_eq!(listed(&format!("device_id={}", story.desk)).await, [json!(story.desk)]);
    assert_eq!(story.get("/api/play-sessions").await.ok().as_array().unwrap().len(), 2);
    let of_game = story.get(&format!("/api/play-sessions?rom_id={}", story.game)).await.ok();
    assert_eq!(of_game.as_array().unwrap().len(), 2);
    assert_eq!(story.get("/api/play-sessions?rom_id=999").await.ok(), json!([]));
}

#[actix_web::test]
async fn a_session_is_deleted_by_its_owner_only() {
    let story = Story::begin().await;
    let played = story.played("2026-09-04T09:00:00Z", "2026-09-04T09:30:00Z");
    let id = story.report(&Value::Null, json!([played])).await.json()["results"][0]["id"].clone();
    let uri = format!("/api/play-sessions/{id}");
    let gone = format!("Play session {id} not found");
    let delete = || Request::new(actix_web::http::Method::DELETE, &uri);
    let stranger = story.world.a_player("stranger");
    story.app.send(delete().bearer(&stranger.token)).await.is_refused(404, &gone);
    let deleted = story.send(delete()).await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    story.send(delete()).await.is_refused(404, &gone);
}

#[actix_web::test]
async fn each_endpoint_needs_its_scope() {
    let story = Story::begin().await;
    let report = Request::post("/api/play-sessions").json(&json!({"sessions": []}));
    let list = Request::get("/api/play-sessions");
    let delete = Request::new(actix_web::http::Method::DELETE, "/api/play-sessions/1");
    for (missing, request) in
        [(Scope::RomsUserWrite, report), (Scope::RomsUserRead, list), (Scope::RomsUserWrite, delete)]
    {
        let held = ScopeSet::ALL.difference(ScopeSet::of(&[missing]));
        let token = story.world.a_token(&story.player.user, held, None);
        story.app.send(request.bearer(&token)).await.is_refused(403, "Forbidden");
    }
}
