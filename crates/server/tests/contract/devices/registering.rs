//! `POST /api/devices`: who is new and who is known.

use serde_json::{Value, json};

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    a_new_device_is_answered_with_id_name_and_time,
    a_known_device_is_found_by_its_strongest_mark,
    a_device_whose_own_hardware_address_differs_is_another,
    of_several_known_devices_the_one_seen_last_is_meant,
    another_user_s_device_is_never_the_same,
    a_known_device_was_seen_now_and_stays_as_it_was,
    a_known_device_is_refused_where_that_is_asked_for,
    a_duplicate_is_made_where_that_is_asked_for,
    without_a_fingerprint_a_device_is_always_new,
    resetting_forgets_what_the_device_holds,
    texts_may_be_as_long_as_their_limits_and_no_longer,
    the_sync_modes_are_three,
    a_known_client_fills_in_the_platform,
    settings_are_any_object_up_to_64_kib,
}

async fn a_new_device_is_answered_with_id_name_and_time(home: &Home) {
    let story = Story::begin(home).await;
    let new = story.register(json!({"name": "Handheld", "mac_address": "AA:BB:CC:00:11:22"})).await.created();
    let shown = story.show_device(&new["device_id"]).await;
    assert_eq!(new, json!({"device_id": shown["id"], "name": "Handheld", "created_at": shown["created_at"]}));
    let again = story.register(json!({"mac_address": "AA:BB:CC:00:11:22"})).await;
    assert_eq!(again.ok(), new);
}

async fn a_known_device_is_found_by_its_strongest_mark(home: &Home) {
    let story = Story::begin(home).await;
    let known = json!({
        "mac_address": "AA:BB:CC:00:11:22", "hostname": "deck", "ip_address": "192.0.2.1", "platform": "Linux",
    });
    let known = story.register(known).await.created()["device_id"].clone();
    let without_mac = json!({"hostname": "couch", "ip_address": "192.0.2.2", "platform": "Linux"});
    let without_mac = story.register(without_mac).await.created()["device_id"].clone();
    let address_alone = json!({"ip_address": "192.0.2.3", "platform": "Linux"});
    let address_alone = story.register(address_alone).await.created()["device_id"].clone();
    for (device, expected) in [
        (json!({"mac_address": "AA:BB:CC:00:11:22"}), Some(&known)),
        (json!({"mac_address": "aa-bb-cc-00-11-22", "hostname": "elsewhere"}), Some(&known)),
        (json!({"hostname": "deck", "platform": "Linux"}), Some(&known)),
        (json!({"hostname": "deck", "platform": "Windows"}), None),
        (json!({"hostname": "deck"}), None),
        (json!({"ip_address": "192.0.2.3", "platform": "Linux"}), Some(&address_alone)),
        (json!({"ip_address": "192.0.2.3", "platform": "Windows"}), None),
        (json!({"ip_address": "192.0.2.3", "platform": "Linux", "hostname": "new"}), None),
        (json!({"ip_address": "192.0.2.3", "platform": "Linux", "mac_address": "AA:BB:CC:00:11:33"}), None),
        (
            json!({"mac_address": "AA:BB:CC:00:11:44", "hostname": "couch", "platform": "Linux"}),
            Some(&without_mac),
        ),
    ] {
        let mut asked = device.clone();
        asked["allow_existing"] = json!(false);
        let answer = story.register(asked).await;
        match expected {
            Some(id) => assert_eq!(answer.json()["detail"]["device_id"], *id, "{device}"),
            None => {
                // It was only asked about, so it goes again.
                let new = answer.created();
                story.delete(&super::device_uri(&new["device_id"])).await.is_done();
            }
        }
    }
}

async fn a_device_whose_own_hardware_address_differs_is_another(home: &Home) {
    let story = Story::begin(home).await;
    let host = |mac: &str| json!({"mac_address": mac, "hostname": "deck", "platform": "Linux"});
    let one = story.register(host("AA:BB:CC:00:11:22")).await.created();
    let other = story.register(host("AA:BB:CC:00:11:33")).await.created();
    assert_ne!(one["device_id"], other["device_id"]);
}

async fn of_several_known_devices_the_one_seen_last_is_meant(home: &Home) {
    let story = Story::begin(home).await;
    let host = |mac: &str| json!({"mac_address": mac, "hostname": "deck", "platform": "Linux"});
    let one = story.register(host("AA:BB:CC:00:11:22")).await.created();
    let other = story.register(host("AA:BB:CC:00:11:33")).await.created();
    let by_host = json!({"hostname": "deck", "platform": "Linux"});
    assert_eq!(story.register(by_host.clone()).await.ok()["device_id"], other["device_id"]);
    story.register(host("AA:BB:CC:00:11:22")).await.ok();
    assert_eq!(story.register(by_host).await.ok()["device_id"], one["device_id"]);
}

async fn another_user_s_device_is_never_the_same(home: &Home) {
    let story = Story::begin(home).await;
    let stranger = story.stranger().await;
    let device = json!({"mac_address": "AA:BB:CC:00:11:22"});
    let mine = story.register(device.clone()).await.created();
    let theirs = story.server.post("/api/devices").by(&stranger).json(&device).await.created();
    assert_ne!(mine["device_id"], theirs["device_id"]);
}

async fn a_known_device_was_seen_now_and_stays_as_it_was(home: &Home) {
    let story = Story::begin(home).await;
    let new = json!({"name": "Handheld", "client": "grout", "mac_address": "AA:BB:CC:00:11:22"});
    let new = story.register(new).await.created();
    let before = story.show_device(&new["device_id"]).await;
    story.register(json!({"name": "Other", "mac_address": "aa-bb-cc-00-11-22"})).await.ok();
    let after = story.show_device(&new["device_id"]).await;
    assert_eq!((&after["name"], &after["mac_address"]), (&json!("Handheld"), &json!("AA:BB:CC:00:11:22")));
    assert!(after["last_seen"].as_str() > before["last_seen"].as_str());
}

async fn a_known_device_is_refused_where_that_is_asked_for(home: &Home) {
    let story = Story::begin(home).await;
    let new = story.register(json!({"hostname": "deck"})).await.created();
    let refused = story.register(json!({"hostname": "deck", "allow_existing": false})).await;
    assert_eq!(refused.status, 409);
    assert_eq!(
        refused.json(),
        json!({
            "detail": {
                "error": "device_exists",
                "message": "A device with this fingerprint already exists",
                "device_id": new["device_id"],
            },
        })
    );
}

async fn a_duplicate_is_made_where_that_is_asked_for(home: &Home) {
    let story = Story::begin(home).await;
    let new = story.register(json!({"hostname": "deck"})).await.created();
    let duplicate = json!({"hostname": "deck", "allow_duplicate": true, "allow_existing": true});
    let second = story.register(duplicate).await.created();
    assert_ne!(new["device_id"], second["device_id"]);
}

async fn without_a_fingerprint_a_device_is_always_new(home: &Home) {
    let story = Story::begin(home).await;
    for device in [
        json!({"name": "Handheld"}),
        json!({"name": "Handheld", "hostname": null, "allow_existing": null, "unknown": 1}),
        json!({"name": "Handheld", "allow_existing": false}),
        json!({"name": "Handheld", "hostname": "", "mac_address": "", "ip_address": ""}),
    ] {
        story.register(device).await.created();
    }
}

async fn resetting_forgets_what_the_device_holds(home: &Home) {
    let story = Story::begin(home).await;
    let device = |reset: bool| json!({"mac_address": "AA:BB:CC:00:11:22", "reset_syncs": reset});
    let id = story.register(device(false)).await.created()["device_id"].as_str().unwrap().to_owned();
    let save = story.upload_from(&id, b"1").await.ok();
    story.register(device(false)).await.ok();
    assert!(story.is_current(&save, &id).await);
    story.register(device(true)).await.ok();
    assert!(!story.is_current(&save, &id).await);
    story.upload_from(&id, b"2").await.is_refused(409, "Slot has a newer save since your last sync");
}

async fn texts_may_be_as_long_as_their_limits_and_no_longer(home: &Home) {
    let story = Story::begin(home).await;
    for (member, most) in [
        ("name", 255),
        ("hostname", 255),
        ("platform", 50),
        ("client", 50),
        ("client_version", 50),
        ("ip_address", 45),
        ("mac_address", 17),
    ] {
        let new = story.register(json!({ member: "é".repeat(most) })).await.created();
        let longer = json!({ member: "é".repeat(most + 1) });
        story.register(longer.clone()).await.is_invalid_at(&json!(["body", member]));
        let edit = story.put(&super::device_uri(&new["device_id"])).json(&longer);
        edit.await.is_invalid_at(&json!(["body", member]));
    }
}

async fn the_sync_modes_are_three(home: &Home) {
    let story = Story::begin(home).await;
    for (mode, shown) in [
        (Value::Null, "api"),
        (json!("api"), "api"),
        (json!("file_transfer"), "file_transfer"),
        (json!("push_pull"), "push_pull"),
    ] {
        let new = story.register(json!({"sync_mode": mode})).await.created();
        let device = story.show_device(&new["device_id"]).await;
        assert_eq!((&device["sync_mode"], &device["sync_enabled"]), (&json!(shown), &json!(true)));
    }
    story.register(json!({"sync_mode": "magic"})).await.is_invalid_at(&json!(["body", "sync_mode"]));
}

async fn a_known_client_fills_in_the_platform(home: &Home) {
    let story = Story::begin(home).await;
    for (device, platform) in [
        (json!({"client": "web"}), json!("Web")),
        (json!({"client": "grout"}), json!("muOS")),
        (json!({"client": "argosy-launcher"}), json!("Android")),
        (json!({"client": "grout", "platform": "Linux"}), json!("Linux")),
        (json!({"client": "something else"}), Value::Null),
    ] {
        let new = story.register(device.clone()).await.created();
        let shown = story.show_device(&new["device_id"]).await;
        assert_eq!((&shown["platform"], &shown["sync_mode"]), (&platform, &json!("api")), "{device}");
    }
}

async fn settings_are_any_object_up_to_64_kib(home: &Home) {
    let story = Story::begin(home).await;
    let settings = json!({"nested": {"list": [1, "two", null]}, "note": "x".repeat(60 * 1024)});
    let new = story.register(json!({"sync_config": settings})).await.created();
    assert_eq!(story.show_device(&new["device_id"]).await["sync_config"], settings);
    for settings in [
        json!([]),
        json!("text"),
        json!({"note": "x".repeat(65 * 1024)}),
        json!({"ssh_key_path": "/etc/shadow"}),
    ] {
        let refused = story.register(json!({"sync_config": settings})).await;
        refused.is_invalid_at(&json!(["body", "sync_config"]));
        let edit = story.put(&super::device_uri(&new["device_id"])).json(&json!({"sync_config": settings}));
        edit.await.is_invalid_at(&json!(["body", "sync_config"]));
    }
}
