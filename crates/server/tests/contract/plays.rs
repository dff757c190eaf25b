//! Play sessions (contract § 5).

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Home, Story, on_every_database};

on_every_database! {
    reported_sessions_are_recorded_with_every_member_and_cut_to_seconds,
    a_session_reported_again_is_a_duplicate,
    a_session_that_ends_more_than_five_minutes_ahead_is_an_error,
    playing_is_when_a_game_was_last_played,
    one_to_a_hundred_sessions_are_taken_at_once,
    lists_are_filtered_and_a_range_lifts_the_limit,
    a_list_of_an_unknown_device_is_refused,
    sessions_that_do_not_fit_are_named_and_nothing_of_their_report_is_kept,
    unknown_devices_and_games_are_recorded_as_none,
    a_bound_token_stands_for_its_device,
    a_session_is_deleted_by_its_owner_only,
    each_endpoint_needs_its_scope,
}

impl Story {
    fn played(&self, start: &str, end: &str) -> Value {
        json!({
            "rom_id": self.game, "save_slot": "autosave", "start_time": start, "end_time": end, "duration_ms": 90_000,
        })
    }

    async fn report(&self, device: &Value, sessions: Value) -> Answer {
        self.post("/api/play-sessions").json(&json!({"device_id": device, "sessions": sessions})).await
    }

    async fn plays(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/api/play-sessions?{query}")).await.ok().as_array().unwrap().clone()
    }
}

/// Half an hour from that full hour on.
fn hour(story: &Story, hour: u32) -> Value {
    let hour = format!("2026-08-{:02}T{:02}", 1 + hour / 24, hour % 24);
    story.played(&format!("{hour}:00:00Z"), &format!("{hour}:30:00Z"))
}

async fn reported_sessions_are_recorded_with_every_member_and_cut_to_seconds(home: &Home) {
    let story = Story::begin(home).await;
    let played = story.played("2026-09-04T09:00:00.9Z", "2026-09-04T11:30:00.123456+02:00");
    let taken = story.report(&json!(story.handheld), json!([played])).await.created();
    let id = &taken["results"][0]["id"];
    assert!(id.is_i64());
    assert_eq!(
        taken,
        json!({
            "results": [{"index": 0, "status": "created", "id": id, "detail": null}],
            "created_count": 1,
            "skipped_count": 0,
        })
    );
    let listed = story.plays("").await;
    assert_eq!(
        listed,
        [json!({
            "id": id,
            "user_id": story.player.id,
            "device_id": story.handheld,
            "rom_id": story.game,
            "save_slot": "autosave",
            "sync_session_id": null,
            "start_time": "2026-09-04T09:00:00+00:00",
            "end_time": "2026-09-04T09:30:00+00:00",
            "duration_ms": 90_000,
            "created_at": listed[0]["created_at"],
            "updated_at": listed[0]["created_at"],
        })]
    );
}

async fn a_session_reported_again_is_a_duplicate(home: &Home) {
    let story = Story::begin(home).await;
    let device = json!(story.handheld);
    let played = hour(&story, 0);
    story.report(&device, json!([played])).await.created();
    let mut longer = played.clone();
    longer["end_time"] = json!("2026-08-01T00:45:00Z");
    longer["save_slot"] = Value::Null;
    let again = story.report(&device, json!([hour(&story, 1), longer, hour(&story, 1)])).await.created();
    let results = again["results"].as_array().unwrap();
    let told: Vec<_> = results.iter().map(|it| (it["index"].clone(), it["status"].clone())).collect();
    let expected = [(0, "created"), (1, "duplicate"), (2, "duplicate")];
    assert_eq!(told, expected.map(|(index, status)| (json!(index), json!(status))));
    assert_eq!((&results[1]["id"], &results[1]["detail"]), (&Value::Null, &Value::Null));
    assert_eq!((&again["created_count"], &again["skipped_count"]), (&json!(1), &json!(2)));

    let mut other_game = played.clone();
    other_game["rom_id"] = Value::Null;
    for (device, session) in [(&json!(story.desk), &played), (&device, &other_game)] {
        assert_eq!(story.report(device, json!([session])).await.created()["created_count"], 1);
    }
}

async fn a_session_that_ends_more_than_five_minutes_ahead_is_an_error(home: &Home) {
    let story = Story::begin(home).await;
    let answer = story.get("/api/devices").await;
    let now = DateTime::parse_from_rfc2822(answer.header("date").unwrap()).unwrap().to_utc();
    let ends_in = |minutes: i64| {
        let end: DateTime<Utc> = now + Duration::minutes(minutes);
        story.played(&(end - Duration::hours(1)).to_rfc3339(), &end.to_rfc3339())
    };
    let taken = story.report(&Value::Null, json!([ends_in(7), ends_in(4)])).await.created();
    assert_eq!(
        taken["results"],
        json!([
            {"index": 0, "status": "error", "id": null, "detail": "end_time is too far in the future"},
            {"index": 1, "status": "created", "id": taken["results"][1]["id"], "detail": null},
        ])
    );
    assert_eq!((&taken["created_count"], &taken["skipped_count"]), (&json!(1), &json!(1)));
    assert_eq!(story.plays("").await.len(), 1);
}

async fn playing_is_when_a_game_was_last_played(home: &Home) {
    let story = Story::begin(home).await;
    story.report(&Value::Null, json!([hour(&story, 5), hour(&story, 2)])).await.created();
    let game = story.get(&format!("/api/roms/{}", story.game)).await.ok();
    assert_eq!(game["rom_user"]["last_played"], "2026-08-01T05:30:00+00:00");
}

async fn one_to_a_hundred_sessions_are_taken_at_once(home: &Home) {
    let story = Story::begin(home).await;
    let hours = |count: u32| -> Value { (0..count).map(|n| hour(&story, n)).collect() };
    let none = story.report(&Value::Null, json!([])).await;
    none.is_refused(400, "Payload must contain at least one session");
    story.report(&Value::Null, hours(101)).await.is_refused(400, "Batch size exceeds maximum of 100");
    assert_eq!(story.plays("").await.len(), 0);
    assert_eq!(story.report(&Value::Null, hours(100)).await.created()["created_count"], 100);
}

async fn lists_are_filtered_and_a_range_lifts_the_limit(home: &Home) {
    let story = Story::begin(home).await;
    let hours: Value = (0..99).map(|n| hour(&story, n)).collect();
    story.report(&json!(story.handheld), hours).await.created();
    let mut elsewhere = hour(&story, 99);
    elsewhere["rom_id"] = Value::Null;
    story.report(&json!(story.desk), json!([elsewhere])).await.created();
    for (query, count) in [
        ("".to_owned(), 50),
        ("limit=10&offset=95".to_owned(), 5),
        ("start_after=2026-08-01T00:00:00Z&limit=1".to_owned(), 100),
        ("end_before=2026-08-01T12:00:00Z&limit=1".to_owned(), 12),
        ("start_after=2026-08-02T00:00:00&end_before=2026-08-02T12:00:00%2B00:00".to_owned(), 12),
        (format!("rom_id={}&limit=100", story.game), 99),
        ("rom_id=999".to_owned(), 0),
        (format!("device_id={}", story.desk), 1),
        (format!("device_id={}&rom_id={}", story.desk, story.game), 0),
    ] {
        assert_eq!(story.plays(&query).await.len(), count, "{query}");
    }
    let newest = story.plays("limit=2").await;
    assert!(newest[0]["start_time"].as_str() > newest[1]["start_time"].as_str(), "newest first");
}

async fn sessions_that_do_not_fit_are_named_and_nothing_of_their_report_is_kept(home: &Home) {
    let story = Story::begin(home).await;
    let good = hour(&story, 0);
    let with = |member: &str, value: Value| {
        let mut session = good.clone();
        session[member] = value;
        session
    };
    for (bad, member) in [
        (story.played("2026-09-04T09:00:00.1Z", "2026-09-04T09:00:00.9Z"), "end_time"),
        (story.played("2026-09-04T09:00:00Z", "2026-09-04T08:00:00Z"), "end_time"),
        (with("end_time", json!("soon")), "end_time"),
        (with("duration_ms", json!(-1)), "duration_ms"),
        (with("rom_id", json!("x")), "rom_id"),
    ] {
        let answer = story.report(&Value::Null, json!([good, bad])).await;
        answer.is_invalid_at(&json!(["body", "sessions", 1, member]));
    }
    for member in ["start_time", "end_time", "duration_ms"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(member);
        let answer = story.report(&Value::Null, json!([good, bad])).await;
        answer.is_invalid_at(&json!(["body", "sessions", 1, member]));
    }
    assert_eq!(story.plays("").await, Vec::<Value>::new());
}

async fn unknown_devices_and_games_are_recorded_as_none(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let theirs = story.server.add_device(&stranger, "theirs").await;
    for (n, device) in (0..).zip([json!("no id"), json!(theirs), json!(""), Value::Null]) {
        let mut played = hour(&story, n);
        played["rom_id"] = json!(999);
        assert_eq!(story.report(&device, json!([played])).await.created()["created_count"], 1, "{device}");
    }
    let listed = story.plays("").await;
    assert_eq!(listed.len(), 4);
    for session in listed {
        assert_eq!((&session["device_id"], &session["rom_id"]), (&Value::Null, &Value::Null));
    }
}

async fn a_list_of_an_unknown_device_is_refused(home: &Home) {
    let story = Story::begin(home).await;
    for device in ["3f2f0a4e-8d5c-4d0e-9d43-0c5b1f6f3a11", "a handheld"] {
        let answer = story.get(&format!("/api/play-sessions?device_id={device}")).await;
        answer.is_refused(404, &format!("Device with ID {device} not found"));
    }
}

async fn a_bound_token_stands_for_its_device(home: &Home) {
    let story = Story::begin(home).await;
    let bound = story.server.pair(&story.player, "card-1").await;
    let report = json!({"sessions": [hour(&story, 0)]});
    story.server.post("/api/play-sessions").by(&bound).json(&report).await.created();
    story.report(&json!(story.desk), json!([hour(&story, 1)])).await.created();

    let listed = async |query: &str| {
        let sessions = story.server.get(&format!("/api/play-sessions?{query}")).by(&bound).await.ok();
        sessions.as_array().unwrap().iter().map(|session| session["device_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, [json!(bound.id)]);
    assert_eq!(listed(&format!("device_id={}", story.desk)).await, [json!(story.desk)]);
    assert_eq!(story.plays("").await.len(), 2);
}

async fn a_session_is_deleted_by_its_owner_only(home: &Home) {
    let story = Story::begin(home).await;
    let taken = story.report(&Value::Null, json!([hour(&story, 0)])).await.created();
    let uri = format!("/api/play-sessions/{}", taken["results"][0]["id"]);
    let gone = format!("Play session {} not found", taken["results"][0]["id"]);
    let stranger = story.stranger().await;
    story.server.delete(&uri).by(&stranger).await.is_refused(404, &gone);
    assert_eq!(story.server.get("/api/play-sessions").by(&stranger).await.ok(), json!([]));
    story.delete(&uri).await.is_done();
    story.delete(&uri).await.is_refused(404, &gone);
}

async fn each_endpoint_needs_its_scope(home: &Home) {
    let story = Story::begin(home).await;
    let reader = story.server.token_of(&story.player, &["roms.user.read"]).await;
    let writer = story.server.token_of(&story.player, &["roms.user.write"]).await;
    let report = || story.server.post("/api/play-sessions").json(&json!({"sessions": [hour(&story, 0)]}));
    report().by(&reader).await.is_refused(403, "Forbidden");
    let taken = report().by(&writer).await.created();
    story.server.get("/api/play-sessions").by(&writer).await.is_refused(403, "Forbidden");
    story.server.get("/api/play-sessions").by(&reader).await.ok();
    let uri = format!("/api/play-sessions/{}", taken["results"][0]["id"]);
    story.server.delete(&uri).by(&reader).await.is_refused(403, "Forbidden");
    story.server.delete(&uri).by(&writer).await.is_done();
}
