//! `POST /api/auth/device/init` and `GET …/pending/{user_code}`.

use serde_json::{Value, json};

use super::{approval, approve, code_of, deny, init, pending, request, with_player};
use crate::support::{Home, on_every_database};

on_every_database! {
    a_device_is_told_codes_paths_and_times,
    addresses_are_the_public_one_s_whatever_host_is_asked_for,
    texts_may_be_as_long_as_their_limits_and_no_longer,
    what_is_no_request_is_invalid,
    beginning_is_limited_to_ten_a_minute_per_address,
    a_trusted_proxy_s_clients_are_limited_each_for_themselves,
    what_a_device_asks_for_is_shown_for_its_code_however_it_is_typed,
    no_more_is_allowed_than_user_and_credential_hold,
    pairing_grants_no_scope_that_administers,
    a_code_nobody_began_with_is_unknown,
    whoever_opened_a_pairing_holds_it,
    wrong_codes_are_limited_per_account,
}

async fn a_device_is_told_codes_paths_and_times(home: &Home) {
    let server = home.serve();
    let begun = init(&server).await;
    let (user_code, device_code) = (code_of(&begun), begun["device_code"].as_str().unwrap());
    assert_eq!(
        begun,
        json!({
            "device_code": device_code,
            "user_code": user_code,
            "verification_path": "/pair/device",
            "verification_path_complete": format!("/pair/device?user_code={user_code}"),
            "expires_in": 600,
            "interval": 5,
        })
    );
    assert!(
        user_code.len() == 8 && user_code.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
    );
    let is_digit = |it: u8| b"0123456789abcdef".contains(&it);
    assert!(device_code.len() == 64 && device_code.bytes().all(is_digit), "{device_code}");
}

async fn addresses_are_the_public_one_s_whatever_host_is_asked_for(home: &Home) {
    let server = home.serve_with(&["--public-url", "https://games.example"]);
    let request = server.post("/api/auth/device/init").header("host", "evil.example").json(&request());
    let begun = request.await.created();
    assert_eq!(begun["verification_path"], "/pair/device");
    assert_eq!(begun["verification_url"], "https://games.example/pair/device");
    let complete = format!("https://games.example{}", begun["verification_path_complete"].as_str().unwrap());
    assert_eq!(begun["verification_url_complete"], complete);
}

async fn texts_may_be_as_long_as_their_limits_and_no_longer(home: &Home) {
    let server = home.serve();
    for (member, most) in [
        ("client_device_identifier", 255),
        ("name", 255),
        ("client", 50),
        ("platform", 50),
        ("client_version", 50),
    ] {
        let mut body = request();
        body[member] = json!("é".repeat(most));
        server.post("/api/auth/device/init").json(&body).await.created();
        body[member] = json!("é".repeat(most + 1));
        let answer = server.post("/api/auth/device/init").json(&body).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

async fn what_is_no_request_is_invalid(home: &Home) {
    let server = home.serve();
    for (member, value) in [
        ("client_device_identifier", json!("")),
        ("name", json!("")),
        ("client", json!("")),
        ("requested_scopes", json!([])),
        ("requested_scopes", json!(["nonsense"])),
        ("requested_scopes", json!(vec!["me.read"; 23])),
        ("requested_scopes", Value::Null),
    ] {
        let mut body = request();
        body[member] = value;
        let answer = server.post("/api/auth/device/init").json(&body).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
    for member in ["client_device_identifier", "name", "client", "requested_scopes"] {
        let mut body = request();
        body.as_object_mut().unwrap().remove(member);
        let answer = server.post("/api/auth/device/init").json(&body).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

async fn beginning_is_limited_to_ten_a_minute_per_address(home: &Home) {
    let server = home.serve();
    for _ in 0..10 {
        init(&server).await;
    }
    let answer = server.post("/api/auth/device/init").json(&request()).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")));
}

async fn a_trusted_proxy_s_clients_are_limited_each_for_themselves(home: &Home) {
    let behind_proxy = home.serve_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let begin = async |server: &crate::support::Server, client: &str| {
        let request = server.post("/api/auth/device/init").header("x-forwarded-for", client).json(&request());
        request.await.status
    };
    for _ in 0..10 {
        assert_eq!(begin(&behind_proxy, "192.0.2.1").await, 201);
    }
    assert_eq!(begin(&behind_proxy, "192.0.2.1").await, 429);
    assert_eq!(begin(&behind_proxy, "192.0.2.2").await, 201);
    drop(behind_proxy);

    let open = home.serve();
    for client in 0..10 {
        assert_eq!(begin(&open, &format!("192.0.2.{client}")).await, 201);
    }
    assert_eq!(begin(&open, "192.0.2.99").await, 429, "anybody may say that they are a proxy");
}

async fn what_a_device_asks_for_is_shown_for_its_code_however_it_is_typed(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    let code = code_of(&begun);
    let lower = code.to_lowercase();
    for typed in [
        code.to_owned(),
        lower.clone(),
        format!("{}-{}", &code[..4], &code[4..]),
        format!("%20{}%20-%20{}", &lower[..4], &lower[4..]),
    ] {
        let shown = pending(&server, &player, &typed).await.ok();
        let expires_at = shown["expires_at"].as_str().unwrap();
        assert_eq!(
            shown,
            json!({
                "client_device_identifier": "card-1",
                "name": "Handheld",
                "client": "grout",
                "platform": null,
                "client_version": "1.2",
                "requested_scopes": ["assets.read", "devices.write", "users.write"],
                "allowed_scopes": ["assets.read", "devices.write"],
                "expires_at": expires_at,
            }),
            "{typed}"
        );
        assert!(expires_at.ends_with("+00:00"));
    }
}

async fn no_more_is_allowed_than_user_and_credential_hold(home: &Home) {
    let (server, _) = with_player(home).await;
    let mut body = request();
    body["requested_scopes"] = json!(["assets.read", "assets.read", "devices.read", "roms.write"]);
    let begun = server.post("/api/auth/device/init").json(&body).await.created();
    let uri = format!("/api/auth/device/pending/{}", code_of(&begun));
    let password = crate::support::PASSWORD;
    let shown = server.get(&uri).basic("player", password).await.ok();
    assert_eq!(shown["requested_scopes"], json!(["assets.read", "devices.read", "roms.write"]));
    assert_eq!(shown["allowed_scopes"], json!(["assets.read", "devices.read"]));

    let form = [
        ("grant_type", "password"),
        ("username", "player"),
        ("password", password),
        ("scope", "me.read devices.read"),
    ];
    let narrow = server.post("/api/token").form(&form).await.ok();
    let shown = server.get(&uri).by(narrow["access_token"].as_str().unwrap()).await.ok();
    assert_eq!(shown["allowed_scopes"], json!(["devices.read"]));
}

async fn pairing_grants_no_scope_that_administers(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let all = server.get("/api/users/me").by(&admin).await.ok()["oauth_scopes"].clone();
    let mut body = request();
    body["requested_scopes"] = all.clone();
    let begun = server.post("/api/auth/device/init").json(&body).await.created();
    let shown = pending(&server, &admin, code_of(&begun)).await.ok();
    let withheld = ["logs.read", "me.write", "tasks.run", "users.read", "users.write"];
    let grantable: Vec<&Value> =
        all.as_array().unwrap().iter().filter(|scope| !withheld.contains(&scope.as_str().unwrap())).collect();
    assert_eq!(
        (shown["requested_scopes"].clone(), shown["allowed_scopes"].clone()),
        (all.clone(), json!(grantable))
    );
    let mut body = approval(&begun);
    body["approved_scopes"] = json!(["assets.read", "me.write"]);
    let refused = approve(&server, &admin, &body).await;
    refused.is_refused(403, "Approved scopes exceed what's allowed for this user");
}

async fn a_code_nobody_began_with_is_unknown(home: &Home) {
    let (server, player) = with_player(home).await;
    for typed in ["AAAAAAAA", "short", "%2F"] {
        pending(&server, &player, typed).await.is_refused(404, "Unknown or expired code");
    }
    let without = server.token_without(&player, &["me.read"]).await;
    let begun = init(&server).await;
    let uri = format!("/api/auth/device/pending/{}", code_of(&begun));
    server.get(&uri).by(&without).await.is_refused(403, "Forbidden");
}

async fn whoever_opened_a_pairing_holds_it(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    let begun = init(&server).await;
    pending(&server, &admin, code_of(&begun)).await.ok();
    pending(&server, &player, code_of(&begun)).await.is_refused(404, "Unknown or expired code");
    let body = approval(&begun);
    approve(&server, &player, &body).await.is_refused(404, "Unknown or expired code");
    approve(&server, &admin, &body).await.ok();
}

async fn wrong_codes_are_limited_per_account(home: &Home) {
    let (server, player) = with_player(home).await;
    let begun = init(&server).await;
    for _ in 0..5 {
        pending(&server, &player, "AAAAAAAA").await.is_refused(404, "Unknown or expired code");
    }
    let shown = pending(&server, &player, code_of(&begun)).await;
    assert_eq!((shown.status, shown.header("retry-after")), (429, Some("60")));
    let approved = approve(&server, &player, &approval(&begun)).await;
    assert_eq!((approved.status, approved.header("retry-after")), (429, Some("60")));
    assert_eq!(deny(&server, &player, &begun).await.status, 429);
}
