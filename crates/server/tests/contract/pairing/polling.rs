//! `POST /api/auth/device/token`: one of four words until there is a token.

use serde_json::json;

use super::{approval, approve, deny, init, poll, request, with_player};
use crate::support::{Home, on_every_database};

on_every_database! {
    the_first_poll_is_never_slowed_down_and_none_is_ever_limited,
    an_unknown_or_redeemed_code_is_an_expired_one,
    a_malformed_body_is_invalid,
    a_denied_device_is_told_so,
    a_user_who_was_disabled_meanwhile_grants_nothing,
    a_user_who_lost_the_scopes_meanwhile_grants_nothing,
}

async fn the_first_poll_is_never_slowed_down_and_none_is_ever_limited(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    poll(&server, &begun).await.is_refused(400, "authorization_pending");
    for _ in 0..50 {
        poll(&server, &begun).await.is_refused(400, "slow_down");
    }
    approve(&server, &player, &approval(&begun)).await.ok();
    poll(&server, &begun).await.ok();
}

async fn an_unknown_or_redeemed_code_is_an_expired_one(home: &Home) {
    let (server, player) = with_player(home).await;
    poll(&server, &json!({"device_code": "0".repeat(64)})).await.is_refused(400, "expired_token");
    poll(&server, &json!({"device_code": "0".repeat(128)})).await.is_refused(400, "expired_token");
    let begun = init(&server).await;
    approve(&server, &player, &approval(&begun)).await.ok();
    poll(&server, &begun).await.ok();
    for _ in 0..2 {
        poll(&server, &begun).await.is_refused(400, "expired_token");
    }
}

async fn a_malformed_body_is_invalid(home: &Home) {
    let server = home.serve();
    for (body, loc) in [
        (json!({"device_code": "0".repeat(129)}).to_string(), json!(["body", "device_code"])),
        (json!({"device_code": 7}).to_string(), json!(["body", "device_code"])),
        (json!({}).to_string(), json!(["body", "device_code"])),
        (String::new(), json!(["body"])),
    ] {
        server.post("/api/auth/device/token").body(body).await.is_invalid_at(&loc);
    }
}

async fn a_denied_device_is_told_so(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    deny(&server, &player, &begun).await.ok();
    for _ in 0..3 {
        poll(&server, &begun).await.is_refused(400, "access_denied");
    }
}

async fn a_user_who_was_disabled_meanwhile_grants_nothing(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    let begun = init(&server).await;
    approve(&server, &player, &approval(&begun)).await.ok();
    let disable = server.put(&format!("/api/users/{}", player.id)).in_person(&admin);
    disable.json(&json!({"enabled": false})).await.ok();
    poll(&server, &begun).await.is_refused(400, "access_denied");
}

async fn a_user_who_lost_the_scopes_meanwhile_grants_nothing(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let editor = server.add_person(&admin, "editor", "editor").await;
    let mut body = request();
    body["requested_scopes"] = json!(["roms.write"]);
    let begun = server.post("/api/auth/device/init").json(&body).await.created();
    let mut approval = approval(&begun);
    approval["approved_scopes"] = json!(["roms.write"]);
    approve(&server, &editor, &approval).await.ok();
    let demote = server.put(&format!("/api/users/{}", editor.id)).in_person(&admin);
    demote.json(&json!({"role": "user"})).await.ok();
    poll(&server, &begun).await.is_refused(400, "access_denied");
}
