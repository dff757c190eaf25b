//! Devices (contract § 3).
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use chrono::Duration;
use memcard_domain::account::{Scope, ScopeSet};
use serde_json::{Value, json};
use support::{Answer, App, Player, Request, World};

async fn world_with_player() -> (World, App, Player) {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    (world, app, player)
}

async fn register(app: &App, player: &Player, device: Value) -> Answer {
    app.send(Request::post("/api/devices").bearer(&player.token).json(&device)).await
}

fn uri(registered: &Answer) -> String {
    format!("/api/devices/{}", registered.json()["device_id"].as_str().unwrap())
}

#[actix_web::test]
async fn a_device_is_new_once_and_then_recognised() {
    let (world, app, player) = world_with_player().await;
    let device = json!({"name": "Handheld", "client": "grout", "mac_address": "AA:BB:CC:00:11:22"});
    let new = register(&app, &player, device).await;
    assert_eq!((new.status.as_u16(), &new.json()["name"]), (201, &json!("Handheld")));
    world.clock.advance(Duration::minutes(1));
    let again = register(&app, &player, json!({"mac_address": "aa-bb-cc-00-11-22"})).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, new.json()));
    let shown = app.send(Request::get(&uri(&new)).bearer(&player.token)).await.ok();
    assert_eq!((&shown["platform"], &shown["mac_address"]), (&json!("muOS"), &json!("AA:BB:CC:00:11:22")));
    assert_ne!(shown["last_seen"], shown["created_at"]);
}

#[actix_web::test]
async fn a_known_device_is_refused_where_that_is_asked_for() {
    let (_world, app, player) = world_with_player().await;
    let new = register(&app, &player, json!({"hostname": "deck"})).await;
    let refused = register(&app, &player, json!({"hostname": "deck", "allow_existing": false})).await;
    assert_eq!(refused.status, 409);
    assert_eq!(
        refused.json()["detail"],
        json!({
            "error": "device_exists",
            "message": "A device with this fingerprint already exists",
            "device_id": new.json()["device_id"],
        })
    );
}

#[actix_web::test]
async fn a_duplicate_is_made_where_that_is_asked_for() {
    let (_world, app, player) = world_with_player().await;
    let new = register(&app, &player, json!({"hostname": "deck"})).await;
    let body = json!({"hostname": "deck", "allow_duplicate": true, "allow_existing": true});
    let second = register(&app, &player, body).await;
    assert_eq!(second.status, 201);
    assert_ne!(new.json()["device_id"], second.json()["device_id"]);
}

#[actix_web::test]
async fn without_a_fingerprint_a_device_is_always_new() {
    let (_world, app, player) = world_with_player().await;
    for _ in 0..2 {
        let body = json!({"name": "Handheld", "hostname": null, "allow_existing": null, "unknown": 1});
        assert_eq!(register(&app, &player, body).await.status, 201);
    }
}

#[actix_web::test]
async fn overlong_texts_and_other_modes_are_invalid() {
    let (_world, app, player) = world_with_player().await;
    for (member, value) in [
        ("name", json!("x".repeat(256))),
        ("hostname", json!("x".repeat(256))),
        ("platform", json!("x".repeat(51))),
        ("client", json!("x".repeat(51))),
        ("client_version", json!("x".repeat(51))),
        ("ip_address", json!("x".repeat(46))),
        ("mac_address", json!("x".repeat(18))),
        ("sync_mode", json!("magic")),
        ("sync_config", json!([])),
        ("sync_config", json!({"ssh_key_path": "/etc/shadow"})),
        ("sync_config", json!({"note": "x".repeat(65 * 1024)})),
        ("name", json!(7)),
    ] {
        register(&app, &player, json!({ member: value })).await.is_invalid_at(&json!(["body", member]));
    }
}

#[actix_web::test]
async fn devices_are_listed_with_every_member() {
    let (_world, app, player) = world_with_player().await;
    register(&app, &player, json!({"name": "Handheld"})).await;
    let list = app.send(Request::get("/api/devices").bearer(&player.token)).await.ok();
    let mut members: Vec<_> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "client",
            "client_device_identifier",
            "client_version",
            "created_at",
            "hostname",
            "id",
            "ip_address",
            "last_seen",
            "mac_address",
            "name",
            "platform",
            "sync_config",
            "sync_enabled",
            "sync_mode",
            "updated_at",
            "user_id",
        ]
    );
    assert_eq!((&list[0]["sync_mode"], &list[0]["sync_enabled"]), (&json!("api"), &json!(true)));
}

#[actix_web::test]
async fn members_that_are_left_out_stay_and_null_clears() {
    let (_world, app, player) = world_with_player().await;
    let new =
        register(&app, &player, json!({"name": "Handheld", "hostname": "deck", "platform": "Linux"})).await;
    let edit = |body: Value| Request::put(&uri(&new)).bearer(&player.token).json(&body);
    let edited =
        app.send(edit(json!({"name": null, "platform": "SteamOS", "sync_enabled": false}))).await.ok();
    assert_eq!(
        [&edited["name"], &edited["platform"], &edited["hostname"], &edited["sync_enabled"]],
        [&Value::Null, &json!("SteamOS"), &json!("deck"), &json!(false)]
    );
    let edited = app.send(edit(json!({"sync_enabled": null, "sync_mode": null}))).await.ok();
    assert_eq!((&edited["sync_enabled"], &edited["sync_mode"]), (&json!(false), &json!("api")));
    app.send(edit(json!({"sync_mode": "magic"}))).await.is_invalid_at(&json!(["body", "sync_mode"]));
}

#[actix_web::test]
async fn secrets_read_back_masked_and_the_mask_keeps_them() {
    let (world, app, player) = world_with_player().await;
    let config = json!({"ssh_host": "deck", "ssh_password": "hunter2", "own": 1});
    let new = register(&app, &player, json!({"sync_mode": "push_pull", "sync_config": config})).await;
    let shown = app.send(Request::get(&uri(&new)).bearer(&player.token)).await.ok();
    let expected = json!({"ssh_host": "deck", "ssh_password": "********", "own": 1, "ssh_port": 22, "ssh_username": "root"});
    assert_eq!(shown["sync_config"], expected);
    let back =
        Request::put(&uri(&new)).bearer(&player.token).json(&json!({"sync_config": shown["sync_config"]}));
    assert_eq!(app.send(back).await.ok()["sync_config"], expected);
    let kept = world.keep(|tx| tx.devices().list(player.user.id));
    assert_eq!(kept[0].details.sync_config.as_ref().unwrap().members()["ssh_password"], "hunter2");
}

#[actix_web::test]
async fn a_deleted_device_is_gone_and_so_are_its_tokens() {
    let (world, app, player) = world_with_player().await;
    let device = world.a_device(&player.user, "Handheld");
    let bound = world.a_token(&player.user, ScopeSet::ALL, Some(device));
    let delete = || Request::delete(&format!("/api/devices/{device}")).bearer(&player.token);
    let answer = app.send(delete()).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    app.send(delete()).await.is_refused(404, &format!("Device with ID {device} not found"));
    app.send(Request::get("/api/devices").bearer(&bound)).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn another_user_s_device_is_not_found_and_neither_is_what_is_no_id() {
    let (world, app, player) = world_with_player().await;
    let other = world.a_player("other");
    let theirs = world.a_device(&other.user, "Handheld").to_string();
    for id in [theirs.as_str(), "7", "nonsense"] {
        let text = format!("Device with ID {id} not found");
        let uri = format!("/api/devices/{id}");
        app.send(Request::get(&uri).bearer(&player.token)).await.is_refused(404, &text);
        let edit = Request::put(&uri).bearer(&player.token).json(&json!({"name": "Mine"}));
        app.send(edit).await.is_refused(404, &text);
        app.send(Request::delete(&uri).bearer(&player.token)).await.is_refused(404, &text);
    }
}

#[actix_web::test]
async fn reading_and_writing_devices_are_scopes_of_their_own() {
    let (world, app, player) = world_with_player().await;
    let reader = world.a_token(&player.user, ScopeSet::of(&[Scope::DevicesRead]), None);
    let writer = world.a_token(&player.user, ScopeSet::of(&[Scope::DevicesWrite]), None);
    let body = json!({"name": "Handheld"});
    let create = |token| Request::post("/api/devices").bearer(token).json(&body);
    app.send(create(&reader)).await.is_refused(403, "Forbidden");
    assert_eq!(app.send(create(&writer)).await.status, 201);
    app.send(Request::get("/api/devices").bearer(&writer)).await.is_refused(403, "Forbidden");
    app.send(Request::get("/api/devices").bearer(&reader)).await.ok();
}
