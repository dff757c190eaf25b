//! Devices listed, shown, changed, seen and deleted.

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    devices_are_listed_with_every_member,
    members_that_are_left_out_stay_and_null_clears,
    every_member_that_may_change_does,
    secrets_read_back_masked,
    what_is_about_ssh_has_port_22_and_the_user_root_unless_it_says_otherwise,
    a_device_that_does_not_sync_only_negotiates_no_more,
    a_deleted_device_takes_its_sync_state_sessions_and_tokens_along,
    saves_forks_and_play_sessions_of_a_deleted_device_stay,
    another_user_s_device_is_not_found_and_neither_is_what_is_no_id,
    a_sync_call_that_names_a_device_has_seen_it_and_a_use_of_its_token_every_five_minutes,
    reading_and_writing_devices_are_scopes_of_their_own,
}

async fn devices_are_listed_with_every_member(home: &Home) {
    let story = Story::begin(home).await;
    let list = story.get("/api/devices").await.ok();
    let handheld = list.as_array().unwrap().iter().find(|device| device["id"] == story.handheld).unwrap();
    assert_eq!(
        *handheld,
        json!({
            "id": story.handheld,
            "user_id": story.player.id,
            "name": "handheld",
            "platform": null,
            "client": null,
            "client_version": null,
            "ip_address": null,
            "mac_address": null,
            "hostname": null,
            "client_device_identifier": null,
            "sync_mode": "api",
            "sync_enabled": true,
            "sync_config": null,
            "last_seen": handheld["created_at"],
            "created_at": handheld["created_at"],
            "updated_at": handheld["created_at"],
        })
    );
    assert_eq!(story.show_device(&json!(story.handheld)).await, *handheld);
    assert_eq!(list.as_array().unwrap().len(), 2);
    let paired = story.server.pair(&story.player, "card-1").await;
    assert_eq!(story.show_device(&json!(paired.id)).await["client_device_identifier"], "card-1");
}

async fn members_that_are_left_out_stay_and_null_clears(home: &Home) {
    let story = Story::begin(home).await;
    let new = json!({"name": "Handheld", "hostname": "deck", "platform": "Linux"});
    let new = story.register(new).await.created();
    let edit = async |body: Value| story.put(&super::device_uri(&new["device_id"])).json(&body).await;
    let edited = edit(json!({"name": null, "platform": "SteamOS", "sync_enabled": false})).await.ok();
    assert_eq!(
        [&edited["name"], &edited["platform"], &edited["hostname"], &edited["sync_enabled"]],
        [&Value::Null, &json!("SteamOS"), &json!("deck"), &json!(false)]
    );
    let edited = edit(json!({"sync_enabled": null, "sync_mode": null})).await.ok();
    assert_eq!((&edited["sync_enabled"], &edited["sync_mode"]), (&json!(false), &json!("api")));
    edit(json!({"sync_mode": "magic"})).await.is_invalid_at(&json!(["body", "sync_mode"]));
}

async fn every_member_that_may_change_does(home: &Home) {
    let story = Story::begin(home).await;
    let device = json!(story.handheld);
    let before = story.show_device(&device).await;
    let changes = json!({
        "name": "New",
        "platform": "Linux",
        "client": "a client",
        "client_version": "2.0",
        "ip_address": "2001:db8::1",
        "mac_address": "AA:BB:CC:00:11:22",
        "hostname": "deck",
        "sync_enabled": false,
        "sync_mode": "file_transfer",
        "sync_config": {"folder": "saves"},
    });
    let edited = story.put(&super::device_uri(&device)).json(&changes).await.ok();
    let mut expected = before.clone();
    for (member, value) in changes.as_object().unwrap() {
        expected[member] = value.clone();
    }
    expected["updated_at"] = edited["updated_at"].clone();
    assert_eq!(edited, expected);
    assert!(edited["updated_at"].as_str() > before["updated_at"].as_str());
    for member in ["id", "user_id", "client_device_identifier", "created_at"] {
        let answer = story.put(&super::device_uri(&device)).json(&json!({ member: "other" })).await.ok();
        assert_eq!(answer[member], before[member], "{member}");
    }
}

async fn secrets_read_back_masked(home: &Home) {
    let story = Story::begin(home).await;
    let settings = json!({
        "ssh_host": "deck", "ssh_password": "hunter2", "ssh_private_key": "key", "ssh_key_passphrase": "words",
        "own": 1,
    });
    let new = story.register(json!({"sync_mode": "push_pull", "sync_config": settings})).await.created();
    let expected = json!({
        "ssh_host": "deck", "ssh_password": "********", "ssh_private_key": "********",
        "ssh_key_passphrase": "********", "own": 1, "ssh_port": 22, "ssh_username": "root",
    });
    let shown = story.show_device(&new["device_id"]).await;
    assert_eq!(shown["sync_config"], expected);
    let listed = story.get("/api/devices").await.text();
    assert!(!listed.contains("hunter2") && listed.contains("********"));
}

async fn what_is_about_ssh_has_port_22_and_the_user_root_unless_it_says_otherwise(home: &Home) {
    let story = Story::begin(home).await;
    for (mode, settings, shown) in [
        ("api", json!({"own": 1}), json!({"own": 1})),
        ("push_pull", Value::Null, Value::Null),
        ("push_pull", json!({}), json!({"ssh_port": 22, "ssh_username": "root"})),
        (
            "push_pull",
            json!({"ssh_port": 2222, "ssh_username": null}),
            json!({"ssh_port": 2222, "ssh_username": "root"}),
        ),
        (
            "api",
            json!({"ssh_host": "deck"}),
            json!({"ssh_host": "deck", "ssh_port": 22, "ssh_username": "root"}),
        ),
        ("file_transfer", json!({"ssh_username": "deck"}), json!({"ssh_port": 22, "ssh_username": "deck"})),
    ] {
        let new = story.register(json!({"sync_mode": mode, "sync_config": settings})).await.created();
        let device = story.show_device(&new["device_id"]).await;
        assert_eq!(device["sync_config"], shown, "{mode} {settings}");
    }

    let new = story.register(json!({"sync_config": {"own": 1}})).await.created();
    let uri = super::device_uri(&new["device_id"]);
    let edited = story.put(&uri).json(&json!({"sync_mode": "push_pull"})).await.ok();
    assert_eq!(edited["sync_config"], json!({"own": 1, "ssh_port": 22, "ssh_username": "root"}));
    let edited = story.put(&uri).json(&json!({"sync_config": {"ssh_port": 23}})).await.ok();
    assert_eq!(edited["sync_config"], json!({"ssh_port": 23, "ssh_username": "root"}));
}

async fn a_device_that_does_not_sync_only_negotiates_no_more(home: &Home) {
    let story = Story::begin(home).await;
    let handheld = json!(story.handheld);
    story.put(&super::device_uri(&handheld)).json(&json!({"sync_enabled": false})).await.ok();
    let negotiation = json!({"device_id": story.handheld, "saves": []});
    let refused = story.post("/api/sync/negotiate").json(&negotiation).await;
    refused.is_refused(400, "Sync is disabled for this device");

    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let content = format!("/api/saves/{}/content?device_id={}", save["id"], story.handheld);
    assert_eq!(story.get(&content).await.body, "1");
    story.put(&super::device_uri(&handheld)).json(&json!({"sync_enabled": true})).await.ok();
    story.post("/api/sync/negotiate").json(&negotiation).await.ok();
}

async fn a_deleted_device_takes_its_sync_state_sessions_and_tokens_along(home: &Home) {
    let story = Story::begin(home).await;
    let handheld = story.server.pair(&story.player, "card-1").await;
    let save = story.upload_from(&handheld.id, b"1").await.ok();
    let negotiation = json!({"device_id": handheld.id, "saves": []});
    story.post("/api/sync/negotiate").json(&negotiation).await.ok();

    let uri = super::device_uri(&json!(handheld.id));
    story.delete(&uri).await.is_done();
    story.delete(&uri).await.is_refused(404, &format!("Device with ID {} not found", handheld.id));
    story.server.get("/api/devices").by(&handheld).await.is_refused(401, "Not authenticated");
    assert_eq!(story.get("/api/sync/sessions").await.ok(), json!([]));
    let shown = story.get(&format!("/api/saves/{}?device_id={}", save["id"], story.desk)).await.ok();
    let syncs: Vec<_> = shown["device_syncs"].as_array().unwrap().iter().map(|it| &it["device_id"]).collect();
    assert_eq!(syncs, [&json!(story.desk)]);
}

async fn saves_forks_and_play_sessions_of_a_deleted_device_stay(home: &Home) {
    let story = Story::begin(home).await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let fork = story.upload_from(&story.desk, b"2").await.json()["fork"].clone();
    let played = json!({
        "start_time": "2026-09-04T09:00:00Z", "end_time": "2026-09-04T09:30:00Z", "duration_ms": 1,
    });
    let report = json!({"device_id": story.handheld, "sessions": [played]});
    story.post("/api/play-sessions").json(&report).await.created();

    for device in [&story.handheld, &story.desk] {
        story.delete(&super::device_uri(&json!(device))).await.is_done();
    }
    for (kept, bytes) in [(&save, "1"), (&fork, "2")] {
        let shown = story.get(&format!("/api/saves/{}", kept["id"])).await.ok();
        assert_eq!(shown["origin_device_id"], Value::Null);
        assert_eq!(story.get(&format!("/api/saves/{}/content", kept["id"])).await.body, bytes);
    }
    let listed = story.get("/api/play-sessions").await.ok();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["device_id"]), (1, &Value::Null));
}

async fn another_user_s_device_is_not_found_and_neither_is_what_is_no_id(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let theirs = story.server.add_device(&stranger, "theirs").await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    for id in [theirs.as_str(), "7", "nonsense"] {
        let text = format!("Device with ID {id} not found");
        let uri = format!("/api/devices/{id}");
        let named = json!({"device_id": id});
        let upload = Multipart::save("a.srm", b"x");
        for request in [
            story.get(&uri),
            story.put(&uri).json(&json!({"name": "Mine"})),
            story.delete(&uri),
            story.get(&format!("/api/saves?device_id={id}")),
            story.get(&format!("/api/saves/{}?device_id={id}", save["id"])),
            story.get(&format!("/api/saves/{}/content?device_id={id}", save["id"])),
            story.post(&format!("/api/saves/{}/downloaded", save["id"])).json(&named),
            story.post(&format!("/api/saves/{}/track", save["id"])).json(&named),
            story.post(&format!("/api/saves/{}/untrack", save["id"])).json(&named),
            story.post(&story.upload_uri(&format!("slot=a&device_id={id}"))).multipart(upload),
            story.post("/api/sync/negotiate").json(&json!({"device_id": id, "saves": []})),
            story.get(&format!("/api/sync/sessions?device_id={id}")),
        ] {
            request.await.is_refused(404, &text);
        }
    }
    story.server.get(&format!("/api/devices/{theirs}")).by(&stranger).await.ok();
}

async fn a_sync_call_that_names_a_device_has_seen_it_and_a_use_of_its_token_every_five_minutes(home: &Home) {
    let story = Story::begin(home).await;
    let handheld = story.server.pair(&story.player, "card-1").await;
    let save = story.upload_from(&story.handheld, b"1").await.ok();
    let seen = async || {
        let shown = story.show_device(&json!(handheld.id)).await;
        shown["last_seen"].as_str().unwrap().to_owned()
    };
    story.server.get("/api/devices").by(&handheld).await.ok();
    let mut before = seen().await;
    for uri in ["/api/devices", "/api/saves", "/api/roms"] {
        story.server.get(uri).by(&handheld).await.ok();
    }
    assert_eq!(seen().await, before, "it was used a moment ago");

    let named = json!({"device_id": handheld.id});
    let negotiation = json!({"device_id": handheld.id, "saves": []});
    let of_save = format!("/api/saves/{}", save["id"]);
    let upload = story.upload_uri(&format!("slot=b&device_id={}", handheld.id));
    for (what, request) in [
        ("negotiate", story.post("/api/sync/negotiate").json(&negotiation)),
        ("downloaded", story.post(&format!("{of_save}/downloaded")).json(&named)),
        ("upload", story.post(&upload).multipart(Multipart::save("a.srm", b"x"))),
    ] {
        let answer = request.await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        let now = seen().await;
        assert!(now > before, "{what}: {now}");
        before = now;
    }
}

async fn reading_and_writing_devices_are_scopes_of_their_own(home: &Home) {
    let story = Story::begin(home).await;
    let reader = story.server.token_of(&story.player, &["devices.read"]).await;
    let writer = story.server.token_of(&story.player, &["devices.write"]).await;
    let uri = super::device_uri(&json!(story.handheld));
    let create = || story.server.post("/api/devices").json(&json!({"name": "Handheld"}));
    let edit = || story.server.put(&uri).json(&json!({"name": "Renamed"}));
    for request in [create().by(&reader), edit().by(&reader), story.server.delete(&uri).by(&reader)] {
        request.await.is_refused(403, "Forbidden");
    }
    for request in [story.server.get("/api/devices"), story.server.get(&uri)] {
        request.by(&writer).await.is_refused(403, "Forbidden");
    }
    create().by(&writer).await.created();
    edit().by(&writer).await.ok();
    story.server.get(&uri).by(&reader).await.ok();
    story.server.delete(&uri).by(&writer).await.is_done();
}
