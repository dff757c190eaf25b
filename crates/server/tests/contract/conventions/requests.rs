//! How requests may look: credentials, times, members and parameters nobody knows, bodies too large (rules 4, 6, 8, 10).

use serde_json::{Value, json};

use crate::support::{Browser, Home, Story, on_every_database};

on_every_database! {
    bad_credentials_are_no_credentials,
    scheme_names_know_no_case,
    an_unsafe_request_by_cookie_alone_is_refused_in_json,
    datetimes_come_in_with_any_fraction_and_any_offset_and_without_one_as_utc,
    what_is_no_datetime_is_named,
    unknown_members_and_parameters_are_ignored,
    null_is_the_same_as_left_out,
    a_body_above_the_limit_is_refused_whether_it_says_its_length_or_comes_in_chunks,
}

async fn bad_credentials_are_no_credentials(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    for authorization in
        ["Bearer nonsense", "Bearer rmm_00", "Basic !", "Basic YQ==", "Digest x", "Bearer", ""]
    {
        let answer = server.get("/api/users/me").header("authorization", authorization).await;
        assert_eq!(answer.status, 401, "{authorization:?}");
        answer.is_refused(401, "Not authenticated");
    }
}

async fn scheme_names_know_no_case(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let authorization = format!("{scheme} {}", admin.token);
        let answer = server.get("/api/users/me").header("authorization", authorization).await;
        assert_eq!(answer.ok()["username"], "admin", "{scheme}");
    }
    let basic = "YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZQ==";
    for scheme in ["Basic", "basic", "BASIC"] {
        let answer = server.get("/api/users/me").header("authorization", format!("{scheme} {basic}")).await;
        assert_eq!(answer.ok()["username"], "admin", "{scheme}");
    }
}

async fn an_unsafe_request_by_cookie_alone_is_refused_in_json(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    let browser = Browser::of("admin", &server).await;
    let register = || server.post("/api/devices").json(&json!({"name": "Handheld"}));
    let refused = browser.cookie_on(register()).await;
    refused.is_refused(403, "CSRF validation failed");
    assert_eq!(refused.header("content-type"), Some("application/json"));
    browser.cookie_on(server.get("/api/devices")).await.ok();
    browser.script(register()).await.created();
}

async fn datetimes_come_in_with_any_fraction_and_any_offset_and_without_one_as_utc(home: &Home) {
    let story = Story::begin(home).await;
    for text in [
        "2026-09-04T11:12:27Z",
        "2026-09-04T11:12:27+00:00",
        "2026-09-04T13:12:27+02:00",
        "2026-09-04T05:42:27-05:30",
        "2026-09-04T11:12:27",
        "2026-09-04T11:12:27.1",
        "2026-09-04T11:12:27.123Z",
        "2026-09-04T13:12:27.123456+02:00",
        "2026-09-04T11:12:27.123456789",
    ] {
        let played = json!({"start_time": text, "end_time": "2026-09-04T12:00:00Z", "duration_ms": 1});
        let answer = story.post("/api/play-sessions").json(&json!({"sessions": [played]})).await;
        assert_eq!(answer.status, 201, "{text}: {}", answer.text());
        let listed = story.get("/api/play-sessions").await.ok();
        assert_eq!(listed[0]["start_time"], "2026-09-04T11:12:27+00:00", "{text}");
        story.delete(&format!("/api/play-sessions/{}", listed[0]["id"])).await.is_done();
        let entry =
            json!({"rom_id": story.game, "file_name": "a.srm", "updated_at": text, "file_size_bytes": 1});
        let negotiation = json!({"device_id": story.desk, "saves": [entry]});
        story.post("/api/sync/negotiate").json(&negotiation).await.ok();
    }
}

async fn what_is_no_datetime_is_named(home: &Home) {
    let story = Story::begin(home).await;
    for text in ["", "yesterday", "2026-09-04", "2026-13-04T11:12:27Z", "2026-09-04T25:12:27", "1788520347"] {
        let played = json!({"start_time": text, "end_time": "2026-09-04T12:00:00Z", "duration_ms": 1});
        let answer = story.post("/api/play-sessions").json(&json!({"sessions": [played]})).await;
        assert_eq!(answer.status, 422, "{text}");
        answer.is_invalid_at(&json!(["body", "sessions", 0, "start_time"]));
        let listed = story.get(&format!("/api/play-sessions?start_after={text}x")).await;
        listed.is_invalid_at(&json!(["query", "start_after"]));
    }
}

/// Requests that a client may make, with everything optional left out.
fn bare_requests(story: &Story) -> Vec<(&'static str, Value, &'static [&'static str])> {
    let entry = json!({
        "rom_id": story.game,
        "file_name": "a.srm",
        "updated_at": "2026-09-04T11:12:27Z",
        "file_size_bytes": 1,
    });
    let played =
        json!({"start_time": "2026-09-04T09:00:00Z", "end_time": "2026-09-04T09:30:00Z", "duration_ms": 1});
    vec![
        (
            "/api/devices",
            json!({}),
            &[
                "name",
                "platform",
                "client",
                "client_version",
                "ip_address",
                "mac_address",
                "hostname",
                "sync_mode",
                "sync_config",
                "allow_existing",
                "allow_duplicate",
                "reset_syncs",
            ],
        ),
        (
            "/api/auth/device/init",
            json!({
                "client_device_identifier": "x", "name": "x", "client": "x", "requested_scopes": ["me.read"],
            }),
            &["platform", "client_version"],
        ),
        ("/api/sync/negotiate", json!({"device_id": story.desk, "saves": [entry]}), &[]),
        ("/api/play-sessions", json!({"sessions": [played]}), &["device_id"]),
        ("/api/roms/declare", json!({"platform_slug": "gba", "file_name": "x.gba"}), &["name", "md5"]),
    ]
}

async fn unknown_members_and_parameters_are_ignored(home: &Home) {
    let story = Story::begin(home).await;
    for (uri, mut body, _) in bare_requests(&story) {
        let plain = story.post(uri).json(&body).await;
        assert!(plain.status < 300, "{uri}: {}", plain.text());
        body["nobody_knows"] = json!([{"this": null}]);
        let with_more = story.post(&format!("{uri}?nobody=knows&this")).json(&body).await;
        assert_eq!(with_more.status, plain.status, "{uri}: {}", with_more.text());
    }
    for uri in ["/api/saves", "/api/devices", "/api/roms", "/api/platforms", "/api/sync/sessions"] {
        let plain = story.get(uri).await.ok();
        assert_eq!(story.get(&format!("{uri}?nobody=knows&this")).await.ok(), plain, "{uri}");
    }
}

async fn null_is_the_same_as_left_out(home: &Home) {
    let story = Story::begin(home).await;
    for (uri, body, optional) in bare_requests(&story) {
        let plain = story.post(uri).json(&body).await;
        for member in optional {
            let mut body = body.clone();
            body[*member] = Value::Null;
            let answer = story.post(uri).json(&body).await;
            assert_eq!(answer.status, plain.status, "{uri} {member}: {}", answer.text());
        }
    }
    let mut entry = bare_requests(&story).remove(2).1["saves"][0].clone();
    for member in ["slot", "emulator", "content_hash"] {
        entry[member] = Value::Null;
    }
    let negotiation = json!({"device_id": story.desk, "saves": [entry]});
    let plan = story.post("/api/sync/negotiate").json(&negotiation).await.ok();
    assert_eq!(plan["operations"][0]["slot"], Value::Null);
}

async fn a_body_above_the_limit_is_refused_whether_it_says_its_length_or_comes_in_chunks(home: &Home) {
    let server = home.serve_with(&["--max-body-bytes", "500"]);
    let admin = server.set_up("admin").await;
    let text = "Request body exceeds the maximum allowed size of 500 bytes";
    let body = format!("{{{:498}}}", "");
    server.post("/api/devices").by(&admin).body(body.clone()).await.created();
    server.post("/api/devices").by(&admin).body(format!("{body} ")).await.is_refused(413, text);
    let mut connection = server.connect().await;
    let head = format!(
        "POST /api/devices HTTP/1.1\r\nhost: memcard\r\nauthorization: Bearer {}\r\n\
         transfer-encoding: chunked\r\n\r\n1f5\r\n{body} \r\n",
        admin.token
    );
    connection.send(head).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"));
}
