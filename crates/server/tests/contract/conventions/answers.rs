//! How answers look: faults, times, ids, success codes, the heartbeat, headers (rules 1, 2, 4, 5, 7, 9, 11, 12).

use chrono::{DateTime, Timelike as _};
use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Browser, Home, Story, on_every_database};

on_every_database! {
    a_422_lists_faults_each_with_type_loc_msg_and_input,
    a_bad_expiry_is_told_in_one_string,
    a_404_names_its_entity,
    datetimes_go_out_in_utc_with_an_explicit_offset_and_microseconds_only_if_there_are_any,
    ids_are_32_bit_integers_and_a_device_s_is_a_random_uuid,
    the_heartbeat_says_a_plain_triple_and_whether_anybody_has_an_account,
    every_success_has_the_status_that_clients_expect_and_a_json_body_but_for_204,
    json_is_compressed_for_whoever_accepts_it,
    an_encoding_that_is_not_there_is_refused_in_json,
    the_date_is_that_of_the_answer,
    https_is_asked_for_for_a_year_where_the_public_address_is_https,
}

const NO_DEVICE: &str = "00000000-0000-4000-8000-000000000000";

async fn a_422_lists_faults_each_with_type_loc_msg_and_input(home: &Home) {
    let story = Story::begin(home).await;
    let played =
        json!({"start_time": "2026-09-04T09:00:00Z", "end_time": "2026-09-04T09:30:00Z", "duration_ms": 1});
    let mut endless = played.clone();
    endless["end_time"] = json!("soon");
    let sessions = json!({"sessions": [played, played, played, endless]});
    for (request, loc, input) in [
        (
            story.post("/api/play-sessions").json(&sessions),
            json!(["body", "sessions", 3, "end_time"]),
            json!("soon"),
        ),
        (story.post("/api/devices").json(&json!({"name": 7})), json!(["body", "name"]), json!(7)),
        (
            story.post("/api/client-tokens").json(&json!({"name": "x"})),
            json!(["body", "scopes"]),
            Value::Null,
        ),
        (story.get("/api/saves?rom_id=x"), json!(["query", "rom_id"]), json!("x")),
        (story.delete("/api/client-tokens/x"), json!(["path", "id"]), json!("x")),
        (story.post("/api/devices").body("nonsense"), json!(["body"]), Value::Null),
        (story.post("/api/devices").body("{"), json!(["body"]), Value::Null),
        (story.post("/api/devices").body(""), json!(["body"]), Value::Null),
    ] {
        let answer = request.await;
        answer.is_invalid_at(&loc);
        let told = answer.json();
        for fault in told["detail"].as_array().unwrap() {
            let mut members: Vec<_> = fault.as_object().unwrap().keys().map(String::as_str).collect();
            members.sort_unstable();
            assert_eq!(members, ["input", "loc", "msg", "type"], "{loc}");
            assert!(fault["type"].is_string() && fault["msg"].is_string(), "{fault}");
        }
        assert_eq!(told["detail"][0]["input"], input, "{loc}");
    }
}

async fn a_bad_expiry_is_told_in_one_string(home: &Home) {
    let story = Story::begin(home).await;
    let text = "Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never";
    let token = json!({"name": "script", "scopes": ["me.read"], "expires_in": "2w"});
    let create = story.server.post("/api/client-tokens").in_person(&story.player).json(&token);
    create.await.is_refused(422, text);
    let begun = story.server.begin_pairing("handheld").await;
    let approval =
        json!({"user_code": begun["user_code"], "approved_scopes": ["assets.read"], "expires_in": "2w"});
    let approve = story.server.post("/api/auth/device/approve").in_person(&story.player).json(&approval);
    approve.await.is_refused(422, text);
}

async fn a_404_names_its_entity(home: &Home) {
    let story = Story::begin(home).await;
    let upload = Multipart::save("a.srm", b"x");
    for (request, detail) in [
        (story.get(&format!("/api/devices/{NO_DEVICE}")), format!("Device with ID {NO_DEVICE} not found")),
        (story.get("/api/saves/999"), "Save with ID 999 not found".to_owned()),
        (story.get("/api/saves/999/content"), "Save with ID 999 not found".to_owned()),
        (story.get("/api/roms/999"), "Rom with id '999' not found".to_owned()),
        (story.post("/api/saves?rom_id=999").multipart(upload), "Rom with id '999' not found".to_owned()),
        (story.get("/api/sync/sessions/999"), "Sync session with ID 999 not found".to_owned()),
        (story.delete("/api/play-sessions/999"), "Play session 999 not found".to_owned()),
        (
            story.server.delete("/api/client-tokens/999").in_person(&story.player),
            "Token not found".to_owned(),
        ),
    ] {
        request.await.is_refused(404, &detail);
    }
}

async fn datetimes_go_out_in_utc_with_an_explicit_offset_and_microseconds_only_if_there_are_any(home: &Home) {
    let story = Story::begin(home).await;
    story.upload_from(&story.handheld, b"hello").await.ok();
    let negotiation = json!({"device_id": story.desk, "saves": []});
    let plan = story.post("/api/sync/negotiate").json(&negotiation).await.ok();
    let complete = format!("/api/sync/sessions/{}/complete", plan["session_id"]);
    story.post(&complete).json(&json!({})).await.ok();
    let played = json!({
        "rom_id": story.game,
        "start_time": "2026-09-04T09:00:00.5+02:00",
        "end_time": "2026-09-04T09:30:00Z",
        "duration_ms": 1,
    });
    story.post("/api/play-sessions").json(&json!({"sessions": [played]})).await.created();

    let mut shown = vec![plan];
    let saves = format!("/api/saves?device_id={}", story.handheld);
    for uri in [
        "/api/users/me",
        "/api/client-tokens",
        "/api/devices",
        &saves,
        "/api/sync/sessions",
        "/api/play-sessions",
        "/api/platforms",
        "/api/roms",
    ] {
        shown.push(story.get(uri).await.ok());
    }
    let times: Vec<&str> = shown.iter().flat_map(datetimes_in).collect();
    for time in &times {
        let read = DateTime::parse_from_rfc3339(time).unwrap();
        let has_microseconds = read.nanosecond() > 0;
        let format = if has_microseconds { "%Y-%m-%dT%H:%M:%S%.6f+00:00" } else { "%Y-%m-%dT%H:%M:%S+00:00" };
        assert_eq!(*time, read.to_utc().format(format).to_string());
    }
    assert!(times.contains(&"2026-09-04T07:00:00+00:00"), "{times:?}");
    assert!(times.len() > 20, "{times:?}");
}

/// Every text in it that begins like a day.
fn datetimes_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) if text.get(4..5) == Some("-") && text.get(10..11) == Some("T") => vec![text],
        Value::Array(items) => items.iter().flat_map(datetimes_in).collect(),
        Value::Object(members) => members.values().flat_map(datetimes_in).collect(),
        _ => Vec::new(),
    }
}

async fn ids_are_32_bit_integers_and_a_device_s_is_a_random_uuid(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    let me = story.get("/api/users/me").await.ok();
    let platforms = story.get("/api/platforms").await.ok();
    for id in [&save["id"], &save["rom_id"], &save["user_id"], &me["id"], &platforms[0]["id"]] {
        assert!(id.as_i64().is_some_and(|id| i32::try_from(id).is_ok_and(|id| id > 0)), "{id}");
    }
    for id in [&story.handheld, &story.desk] {
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
        assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        assert!(id.chars().all(|c| c == '-' || matches!(c, '0'..='9' | 'a'..='f')), "{id}");
    }
    for id in ["x", "1.5", "2147483648", "-"] {
        story.delete(&format!("/api/client-tokens/{id}")).await.is_invalid_at(&json!(["path", "id"]));
    }
}

async fn the_heartbeat_says_a_plain_triple_and_whether_anybody_has_an_account(home: &Home) {
    let server = home.serve();
    let own_version = json!({"VERSION": env!("CARGO_PKG_VERSION")});
    let system = json!({"VERSION": "5.1.0", "SHOW_SETUP_WIZARD": true});
    let heartbeat = server.get("/api/heartbeat").await.ok();
    assert_eq!((&heartbeat["SYSTEM"], &heartbeat["MEMCARD"]), (&system, &own_version));
    server.set_up("admin").await;
    assert_eq!(server.get("/api/heartbeat").await.ok()["SYSTEM"]["SHOW_SETUP_WIZARD"], false);
}

async fn every_success_has_the_status_that_clients_expect_and_a_json_body_but_for_204(home: &Home) {
    let story = Story::begin(home).await;
    let (server, player, desk) = (&story.server, &story.player, &story.desk);

    let begun = server.begin_pairing("device").await;
    let deny = server.post("/api/auth/device/deny").in_person(player);
    assert_eq!(deny.json(&json!({"user_code": begun["user_code"]})).await.ok(), Value::Null);
    let host = json!({"hostname": "deck", "platform": "Linux"});
    let device = story.post("/api/devices").json(&host).await.created();
    assert_eq!(story.post("/api/devices").json(&host).await.ok()["device_id"], device["device_id"]);
    story.delete(&format!("/api/devices/{}", device["device_id"].as_str().unwrap())).await.is_done();

    let token = json!({"name": "script", "scopes": ["me.read"]});
    let token = server.post("/api/client-tokens").in_person(player).json(&token).await.created();
    let of_token = format!("/api/client-tokens/{}", token["id"]);
    let code = server.post(&format!("{of_token}/pair")).in_person(player).await.ok();
    let status = format!("/api/client-tokens/pair/{}/status", code["code"].as_str().unwrap());
    assert_eq!(server.get(&status).await.ok(), Value::Null);
    server.put(&format!("{of_token}/regenerate")).in_person(player).await.ok();
    assert_eq!(server.delete(&of_token).in_person(player).await.ok(), Value::Null);

    let user = json!({"username": "new", "password": "a password"});
    let user = server.post("/api/users").by(&story.admin).json(&user).await.created();
    server.delete(&format!("/api/users/{}", user["id"])).by(&story.admin).await.ok();
    let login = server.post("/api/login").basic("player", crate::support::PASSWORD).await;
    assert_eq!(login.ok(), Value::Null);
    let browser = Browser::of("player", server).await;
    assert_eq!(browser.script(server.post("/api/logout")).await.ok(), Value::Null);

    let save = story.upload_from(&story.handheld, b"hello").await.ok();
    let negotiation = json!({"device_id": desk, "saves": []});
    let plan = story.post("/api/sync/negotiate").json(&negotiation).await.ok();
    let downloaded = format!("/api/saves/{}/downloaded", save["id"]);
    story.post(&downloaded).json(&json!({"device_id": desk})).await.ok();
    let complete = format!("/api/sync/sessions/{}/complete", plan["session_id"]);
    story.post(&complete).json(&json!({})).await.ok();
    story.post("/api/saves/delete").json(&json!({"saves": [save["id"]]})).await.ok();

    let played =
        json!({"start_time": "2026-09-04T09:00:00Z", "end_time": "2026-09-04T09:30:00Z", "duration_ms": 1});
    let taken = story.post("/api/play-sessions").json(&json!({"sessions": [played]})).await.created();
    story.delete(&format!("/api/play-sessions/{}", taken["results"][0]["id"])).await.is_done();
}

async fn json_is_compressed_for_whoever_accepts_it(home: &Home) {
    let story = Story::begin(home).await;
    let compressed = story.get("/api/users/me").header("accept-encoding", "gzip").await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert_eq!(story.get("/api/users/me").await.header("content-encoding"), None);
}

async fn an_encoding_that_is_not_there_is_refused_in_json(home: &Home) {
    let server = home.serve();
    let request = server.get("/api/heartbeat").header("accept-encoding", "identity;q=0");
    request.await.is_refused(406, "Not Acceptable");
}

async fn the_date_is_that_of_the_answer(home: &Home) {
    let story = Story::begin(home).await;
    let answer = story.post("/api/devices").json(&json!({"name": "new"})).await;
    let date = answer.header("date").unwrap();
    assert!(date.ends_with(" GMT"), "{date}");
    let date = DateTime::parse_from_rfc2822(date).unwrap();
    let made = answer.created()["created_at"].as_str().unwrap().parse::<DateTime<chrono::Utc>>().unwrap();
    assert!((date.to_utc() - made).num_seconds().abs() <= 1, "{date} for what was made at {made}");
    assert!(story.server.get("/api/nonsense").await.header("date").is_some());
}

async fn https_is_asked_for_for_a_year_where_the_public_address_is_https(home: &Home) {
    let asked = |server: crate::support::Server| async move {
        let answer = server.get("/api/heartbeat").await;
        answer.header("strict-transport-security").map(str::to_owned)
    };
    assert_eq!(asked(home.serve()).await, None);
    let public = home.serve_with(&["--public-url", "https://games.example"]);
    assert_eq!(asked(public).await.as_deref(), Some("max-age=31536000"));
}
