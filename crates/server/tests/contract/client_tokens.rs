//! Client tokens and the codes that hand them out (contract § 1).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::{Answer, Home, Person, Server, on_every_database};

on_every_database! {
    a_client_token_is_rmm_and_64_digits_and_shown_once,
    a_token_is_listed_with_every_member,
    a_token_lives_as_long_as_it_was_said,
    what_is_no_token_is_invalid,
    scopes_above_one_s_own_are_refused_by_name,
    a_user_has_25_live_tokens_at_most,
    a_client_token_makes_and_regenerates_no_tokens,
    a_regenerated_token_s_old_secret_is_dead_at_once,
    a_token_is_deleted_by_its_owner_and_unknown_to_others,
    administrators_see_and_delete_everybody_s_tokens,
    a_token_may_do_what_its_owner_may_now_and_no_more,
    a_pair_code_hands_out_its_token_once_with_a_fresh_secret,
    a_newer_pair_code_replaces_the_older_one,
    a_pair_code_of_a_token_that_is_gone_says_so,
    a_pair_code_of_a_disabled_owner_says_so,
    exchanging_is_limited_to_five_a_minute_per_address,
}

async fn with_player(home: &Home) -> (Server, Person, Person) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    (server, admin, player)
}

async fn create(server: &Server, person: &Person, token: &Value) -> Answer {
    server.post("/api/client-tokens").in_person(person).json(token).await
}

async fn a_script_s_token(server: &Server, person: &Person) -> Value {
    create(server, person, &json!({"name": "script", "scopes": ["me.read"]})).await.created()
}

fn secret(token: &Value) -> &str {
    token["raw_token"].as_str().unwrap()
}

fn uri(token: &Value) -> String {
    format!("/api/client-tokens/{}", token["id"])
}

async fn a_client_token_is_rmm_and_64_digits_and_shown_once(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = json!({"name": "script", "scopes": ["me.read", "devices.read", "me.read"]});
    let token = create(&server, &player, &token).await.created();
    let digits = secret(&token).strip_prefix("rmm_").unwrap();
    assert!(digits.len() == 64 && digits.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
    assert_eq!(token["scopes"], json!(["devices.read", "me.read"]));
    assert_eq!((&token["last_used_at"], &token["device_id"]), (&Value::Null, &Value::Null));
    assert_eq!(server.get("/api/users/me").by(secret(&token)).await.ok()["username"], "player");
    let list = server.get("/api/client-tokens").by(&player).await.ok();
    assert_eq!((&list[0]["id"], &list[0]["name"]), (&token["id"], &json!("script")));
    assert!(list[0]["last_used_at"].is_string());
    assert!(!list.to_string().contains("raw_token") && !list.to_string().contains("rmm_"), "{list}");
}

async fn a_token_is_listed_with_every_member(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let handheld = server.pair(&player, "handheld").await;
    let list = server.get("/api/client-tokens").by(&player).await.ok();
    let newest = &list[0];
    assert_eq!(
        *newest,
        json!({
            "id": newest["id"],
            "name": "handheld",
            "scopes": newest["scopes"],
            "expires_at": null,
            "last_used_at": null,
            "created_at": newest["created_at"],
            "user_id": player.id,
            "device_id": handheld.id,
        })
    );
}

async fn a_token_lives_as_long_as_it_was_said(home: &Home) {
    let (server, _, player) = with_player(home).await;
    for (expires_in, days) in [
        (json!("30d"), Some(30)),
        (json!("90d"), Some(90)),
        (json!("1y"), Some(365)),
        (json!("never"), None),
        (Value::Null, None),
    ] {
        let token = json!({"name": "script", "scopes": ["me.read"], "expires_in": expires_in});
        let token = create(&server, &player, &token).await.created();
        let time = |member: &str| token[member].as_str().map(|text| text.parse::<DateTime<Utc>>().unwrap());
        let lives = time("expires_at").map(|end| (end - time("created_at").unwrap()).num_days());
        assert_eq!(lives, days, "{expires_in}");
    }
}

async fn what_is_no_token_is_invalid(home: &Home) {
    let (server, _, player) = with_player(home).await;
    for (token, member) in [
        (json!({"name": "script", "scopes": []}), "scopes"),
        (json!({"name": "script", "scopes": ["nonsense"]}), "scopes"),
        (json!({"name": "script"}), "scopes"),
        (json!({"name": "", "scopes": ["me.read"]}), "name"),
        (json!({"scopes": ["me.read"]}), "name"),
    ] {
        create(&server, &player, &token).await.is_invalid_at(&json!(["body", member]));
    }
}

async fn scopes_above_one_s_own_are_refused_by_name(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = json!({"name": "script", "scopes": ["me.read", "users.write", "logs.read"]});
    let answer = create(&server, &player, &token).await;
    answer.is_refused(403, "Requested scopes exceed your permissions: logs.read, users.write");
}

async fn a_user_has_25_live_tokens_at_most(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let already = server.get("/api/client-tokens").by(&player).await.ok().as_array().unwrap().len();
    for _ in already..25 {
        a_script_s_token(&server, &player).await;
    }
    let one_more = json!({"name": "script", "scopes": ["me.read"]});
    let refused = create(&server, &player, &one_more).await;
    refused.is_refused(400, "Maximum of 25 tokens per user reached");
    let list = server.get("/api/client-tokens").by(&player).await.ok();
    server.delete(&uri(&list[0])).in_person(&player).await.ok();
    create(&server, &player, &one_more).await.created();
}

async fn a_client_token_makes_and_regenerates_no_tokens(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    for request in [
        server.post("/api/client-tokens").json(&json!({"name": "script", "scopes": ["me.read"]})),
        server.put(&format!("{}/regenerate", uri(&token))),
        server.post(&format!("{}/pair", uri(&token))),
    ] {
        request.by(&player).await.is_refused(403, "Forbidden");
    }
}

async fn a_regenerated_token_s_old_secret_is_dead_at_once(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let old = a_script_s_token(&server, &player).await;
    let new = server.put(&format!("{}/regenerate", uri(&old))).in_person(&player).await.ok();
    assert_eq!((&old["id"], &old["name"]), (&new["id"], &new["name"]));
    server.get("/api/users/me").by(secret(&old)).await.is_refused(401, "Not authenticated");
    server.get("/api/users/me").by(secret(&new)).await.ok();
    let unknown = server.put("/api/client-tokens/999/regenerate").in_person(&player);
    unknown.await.is_refused(404, "Token not found");
}

async fn a_token_is_deleted_by_its_owner_and_unknown_to_others(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    server.delete(&uri(&token)).by(&admin).await.is_refused(404, "Token not found");
    for call in ["regenerate", "pair"] {
        let foreign = format!("{}/{call}", uri(&token));
        let request = if call == "pair" { server.post(&foreign) } else { server.put(&foreign) };
        request.in_person(&admin).await.is_refused(404, "Token not found");
    }
    assert_eq!(server.delete(&uri(&token)).by(&player).await.ok(), Value::Null);
    server.delete(&uri(&token)).by(&player).await.is_refused(404, "Token not found");
    server.get("/api/users/me").by(secret(&token)).await.is_refused(401, "Not authenticated");
}

async fn administrators_see_and_delete_everybody_s_tokens(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    let all = server.get("/api/client-tokens/all").by(&admin).await.ok();
    let shown = &all[0];
    assert_eq!(
        *shown,
        json!({
            "id": token["id"],
            "name": "script",
            "scopes": ["me.read"],
            "expires_at": null,
            "last_used_at": null,
            "created_at": token["created_at"],
            "user_id": player.id,
            "device_id": null,
            "username": "player",
            "user_avatar_path": "",
            "user_updated_at": shown["user_updated_at"],
        })
    );
    assert!(shown["user_updated_at"].is_string());
    let owners: Vec<_> = all.as_array().unwrap().iter().map(|token| token["username"].clone()).collect();
    assert_eq!(owners, ["player", "player", "admin"]);

    let any = format!("{}/admin", uri(&token));
    server.delete(&any).by(&player).await.is_refused(403, "Forbidden");
    server.get("/api/client-tokens/all").by(&player).await.is_refused(403, "Forbidden");
    server.delete(&any).by(&admin).await.ok();
    server.get("/api/users/me").by(secret(&token)).await.is_refused(401, "Not authenticated");
    server.delete(&any).by(&admin).await.is_refused(404, "Token not found");
}

async fn a_token_may_do_what_its_owner_may_now_and_no_more(home: &Home) {
    let (server, admin, _) = with_player(home).await;
    let second = server.add_person(&admin, "second", "admin").await;
    server.get("/api/users").by(&second).await.ok();
    let set_role = async |role: &str| {
        let edit = server.put(&format!("/api/users/{}", second.id)).by(&admin);
        edit.json(&json!({"role": role})).await.ok();
    };
    set_role("user").await;
    server.get("/api/users").by(&second).await.is_refused(403, "Forbidden");
    server.get("/api/devices").by(&second).await.ok();
    set_role("admin").await;
    server.get("/api/users").by(&second).await.ok();
}

async fn offer(server: &Server, person: &Person, token: &Value) -> String {
    let offer = server.post(&format!("{}/pair", uri(token))).in_person(person).await.ok();
    assert_eq!(offer["expires_in"], 60);
    offer["code"].as_str().unwrap().to_owned()
}

async fn exchange(server: &Server, code: &str) -> Answer {
    server.post("/api/client-tokens/exchange").json(&json!({ "code": code })).await
}

async fn a_pair_code_hands_out_its_token_once_with_a_fresh_secret(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    let code = offer(&server, &player, &token).await;
    let is_symbol = |it: u8| b"ABCDEFGHJKMNPQRSTUVWXYZ23456789".contains(&it);
    assert!(code.len() == 8 && code.bytes().all(is_symbol), "{code}");
    let status = format!("/api/client-tokens/pair/{code}/status");
    assert_eq!(server.get(&status).await.ok(), Value::Null);
    let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    let handed = exchange(&server, &typed).await.ok();
    assert_eq!((&handed["id"], &handed["name"]), (&token["id"], &json!("script")));
    assert_ne!(handed["raw_token"], token["raw_token"]);
    server.get("/api/users/me").by(secret(&handed)).await.ok();
    server.get("/api/users/me").by(secret(&token)).await.is_refused(401, "Not authenticated");
    server.get(&status).await.is_refused(404, "Not Found");
    exchange(&server, &code).await.is_refused(404, "Invalid or expired pairing code");
}

async fn a_newer_pair_code_replaces_the_older_one(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    let older = offer(&server, &player, &token).await;
    let newer = offer(&server, &player, &token).await;
    exchange(&server, &older).await.is_refused(404, "Invalid or expired pairing code");
    exchange(&server, &newer).await.ok();
}

async fn a_pair_code_of_a_token_that_is_gone_says_so(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    let code = offer(&server, &player, &token).await;
    server.delete(&uri(&token)).in_person(&player).await.ok();
    exchange(&server, &code).await.is_refused(404, "Token no longer exists");
}

async fn a_pair_code_of_a_disabled_owner_says_so(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let token = a_script_s_token(&server, &player).await;
    let code = offer(&server, &player, &token).await;
    let disable = server.put(&format!("/api/users/{}", player.id)).in_person(&admin);
    disable.json(&json!({"enabled": false})).await.ok();
    exchange(&server, &code).await.is_refused(403, "Token owner is disabled");
}

async fn exchanging_is_limited_to_five_a_minute_per_address(home: &Home) {
    let server = home.serve_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let exchange = async |client: &str| {
        let request = server.post("/api/client-tokens/exchange").header("x-forwarded-for", client);
        request.json(&json!({"code": "AAAAAAAA"})).await
    };
    for _ in 0..5 {
        exchange("192.0.2.1").await.is_refused(404, "Invalid or expired pairing code");
    }
    let limited = exchange("192.0.2.1").await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("60")));
    exchange("192.0.2.2").await.is_refused(404, "Invalid or expired pairing code");
}
