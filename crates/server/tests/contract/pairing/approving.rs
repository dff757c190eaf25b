//! `POST /api/auth/device/approve` and `…/deny`.

use serde_json::{Value, json};

use super::{approval, approve, code_of, deny, init, pending, poll, request, with_player};
use crate::support::{Home, PASSWORD, on_every_database};

on_every_database! {
    a_device_is_paired_and_its_token_works,
    a_person_may_name_the_device_and_end_its_token,
    no_more_is_granted_than_is_allowed,
    what_is_no_approval_is_invalid,
    a_decided_pairing_is_gone,
    a_client_token_decides_nothing_and_basic_credentials_do,
    the_same_identifier_is_the_same_device_and_its_old_token_is_dead,
    all_live_approvals_of_one_identifier_answer_one_id,
    pairing_counts_towards_the_tokens_a_user_may_have,
    the_tokens_that_a_pairing_replaces_do_not_count,
    deleting_a_device_revokes_its_tokens,
}

async fn a_device_is_paired_and_its_token_works(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    poll(&server, &begun).await.is_refused(400, "authorization_pending");
    let before = server.get("/api/client-tokens").by(&player).await.ok();
    let approved = approve(&server, &player, &approval(&begun)).await.ok();
    assert_eq!(approved, json!({"device_id": approved["device_id"], "device_name": "Handheld"}));
    let after = server.get("/api/client-tokens").by(&player).await.ok();
    assert_eq!(before.as_array().unwrap().len(), after.as_array().unwrap().len(), "made on redemption");

    let paired = poll(&server, &begun).await;
    let token = paired.ok();
    assert_eq!(
        token,
        json!({
            "access_token": token["access_token"],
            "device_id": approved["device_id"],
            "scopes": ["assets.read", "devices.write"],
            "expires_at": null,
        })
    );
    assert_eq!(paired.header("cache-control"), Some("private, no-store"));
    let secret = token["access_token"].as_str().unwrap();
    assert!(secret.starts_with("rmm_") && secret.len() == 68);
    server.post("/api/devices").by(secret).json(&json!({"hostname": "x"})).await.created();
    poll(&server, &begun).await.is_refused(400, "expired_token");
    let kept = server.get("/api/client-tokens").by(&player).await.ok();
    assert_eq!((&kept[0]["name"], &kept[0]["device_id"]), (&json!("Handheld"), &token["device_id"]));
}

async fn a_person_may_name_the_device_and_end_its_token(home: &Home) {
    let (server, player) = with_player(home).await;
    for (name, expected) in [(json!(" Deck "), "Deck"), (json!("  "), "Handheld"), (Value::Null, "Handheld")]
    {
        let begun = init(&server).await;
        let mut body = approval(&begun);
        body["device_name"] = name;
        body["expires_in"] = json!("30d");
        let approved = approve(&server, &player, &body).await.ok();
        assert_eq!(approved["device_name"], expected);
        assert!(poll(&server, &begun).await.ok()["expires_at"].is_string());
        let uri = format!("/api/devices/{}", approved["device_id"].as_str().unwrap());
        assert_eq!(server.get(&uri).by(&player).await.ok()["name"], expected);
        let tokens = server.get("/api/client-tokens").by(&player).await.ok();
        assert_eq!(tokens[0]["name"], expected, "the token takes the device's name");
    }
}

async fn no_more_is_granted_than_is_allowed(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    for scopes in [json!(["users.write"]), json!(["roms.read"]), json!(["assets.read", "me.write"])] {
        let mut body = approval(&begun);
        body["approved_scopes"] = scopes;
        let refused = approve(&server, &player, &body).await;
        refused.is_refused(403, "Approved scopes exceed what's allowed for this user");
    }
    approve(&server, &player, &approval(&begun)).await.ok();
}

async fn what_is_no_approval_is_invalid(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    for (member, value) in [
        ("device_name", json!("x".repeat(256))),
        ("user_code", json!("A".repeat(33))),
        ("user_code", Value::Null),
        ("approved_scopes", Value::Null),
        ("approved_scopes", json!([])),
        ("approved_scopes", json!(["nonsense"])),
    ] {
        let mut body = approval(&begun);
        body[member] = value;
        approve(&server, &player, &body).await.is_invalid_at(&json!(["body", member]));
    }
    let mut longest = approval(&begun);
    longest["device_name"] = json!("x".repeat(255));
    approve(&server, &player, &longest).await.ok();
}

async fn a_decided_pairing_is_gone(home: &Home) {
    let (server, player) = with_player(home).await;
    let approved = init(&server).await;
    approve(&server, &player, &approval(&approved)).await.ok();
    approve(&server, &player, &approval(&approved)).await.is_refused(410, "Code already approved");
    pending(&server, &player, code_of(&approved)).await.is_refused(410, "Code already approved");
    deny(&server, &player, &approved).await.is_refused(410, "Code already approved");
    let denied = init(&server).await;
    assert_eq!(deny(&server, &player, &denied).await.ok(), Value::Null);
    approve(&server, &player, &approval(&denied)).await.is_refused(410, "Code already denied");
    pending(&server, &player, code_of(&denied)).await.is_refused(410, "Code already denied");
}

async fn a_client_token_decides_nothing_and_basic_credentials_do(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    let approve = || server.post("/api/auth/device/approve").json(&approval(&begun));
    approve().by(&player).await.is_refused(403, "Forbidden");
    let deny = server.post("/api/auth/device/deny").json(&json!({"user_code": begun["user_code"]}));
    deny.by(&player).await.is_refused(403, "Forbidden");
    approve().basic("player", PASSWORD).await.ok();
}

async fn the_same_identifier_is_the_same_device_and_its_old_token_is_dead(home: &Home) {
    let (server, player) = with_player(home).await;
    let mut tokens = Vec::new();
    let mut shown = Vec::new();
    for (name, version) in [("Handheld", "1.2"), ("Renamed", "1.3")] {
        let mut body = request();
        body["name"] = json!(name);
        body["client_version"] = json!(version);
        let begun = server.post("/api/auth/device/init").json(&body).await.created();
        approve(&server, &player, &approval(&begun)).await.ok();
        tokens.push(poll(&server, &begun).await.ok());
        let devices = server.get("/api/devices").by(&player).await.ok();
        assert_eq!(devices.as_array().unwrap().len(), 1);
        shown.push(devices[0].clone());
    }
    assert_eq!(tokens[0]["device_id"], tokens[1]["device_id"]);
    assert_eq!((&shown[1]["name"], &shown[1]["client_version"]), (&json!("Renamed"), &json!("1.3")));
    assert!(shown[1]["last_seen"].as_str() > shown[0]["last_seen"].as_str());
    let register = |token: &Value| {
        let request = server.post("/api/devices").json(&json!({"hostname": "x"}));
        request.by(token["access_token"].as_str().unwrap())
    };
    register(&tokens[0]).await.is_refused(401, "Not authenticated");
    register(&tokens[1]).await.created();
}

async fn all_live_approvals_of_one_identifier_answer_one_id(home: &Home) {
    let (server, player) = with_player(home).await;
    let (one, other) = (init(&server).await, init(&server).await);
    let first = approve(&server, &player, &approval(&one)).await.ok();
    let second = approve(&server, &player, &approval(&other)).await.ok();
    assert_eq!(first["device_id"], second["device_id"]);
    for begun in [&other, &one] {
        assert_eq!(poll(&server, begun).await.ok()["device_id"], first["device_id"]);
    }
}

async fn pairing_counts_towards_the_tokens_a_user_may_have(home: &Home) {
    let (server, player) = with_player(home).await;
    for _ in 0..24 {
        server.token_of(&player, &["me.read"]).await;
    }
    let begun = init(&server).await;
    let refused = approve(&server, &player, &approval(&begun)).await;
    refused.is_refused(400, "Maximum of 25 tokens per user reached");
    poll(&server, &begun).await.is_refused(400, "authorization_pending");
}

async fn the_tokens_that_a_pairing_replaces_do_not_count(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    approve(&server, &player, &approval(&begun)).await.ok();
    poll(&server, &begun).await.ok();
    for _ in 0..23 {
        server.token_of(&player, &["me.read"]).await;
    }
    let again = init(&server).await;
    approve(&server, &player, &approval(&again)).await.ok();
    poll(&server, &again).await.ok();
}

async fn deleting_a_device_revokes_its_tokens(home: &Home) {
    let (server, player) = with_player(home).await;
    let handheld = server.pair(&player, "handheld").await;
    server.get("/api/devices").by(&handheld).await.ok();
    server.delete(&format!("/api/devices/{}", handheld.id)).by(&player).await.is_done();
    server.get("/api/devices").by(&handheld).await.is_refused(401, "Not authenticated");
}
