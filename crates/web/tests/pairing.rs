//! Pairing as JSON (contract § 2).

mod support;

use chrono::Duration;
use memcard_domain::account::Role;
use serde_json::{Value, json};
use support::{Answer, App, PASSWORD, Request, World};

const SCOPES: [&str; 3] = ["devices.write", "assets.read", "users.write"];

async fn world_with_player() -> (World, App) {
    let world = World::new();
    world.a_person("player", Role::User).await;
    let app = world.app().await;
    (world, app)
}

fn request() -> Value {
    json!({
        "client_device_identifier": "card-1",
        "name": "Handheld",
        "client": "grout",
        "client_version": "1.2",
        "requested_scopes": SCOPES,
    })
}

async fn init(app: &App) -> Value {
    let answer = app.send(Request::post("/api/auth/device/init").json(&request()).from("192.0.2.1")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

async fn poll(app: &App, begun: &Value) -> Answer {
    let body = json!({"device_code": begun["device_code"]});
    app.send(Request::post("/api/auth/device/token").json(&body)).await
}

fn approval(begun: &Value) -> Value {
    json!({"user_code": begun["user_code"], "approved_scopes": ["devices.write", "assets.read"]})
}

async fn approve(app: &App, body: &Value) -> Answer {
    app.send(Request::post("/api/auth/device/approve").basic("player", PASSWORD).json(body)).await
}

async fn deny(app: &App, begun: &Value) -> Answer {
    let body = json!({"user_code": begun["user_code"]});
    app.send(Request::post("/api/auth/device/deny").basic("player", PASSWORD).json(&body)).await
}

async fn pending(app: &App, typed: &str) -> Answer {
    app.send(Request::get(&format!("/api/auth/device/pending/{typed}")).basic("player", PASSWORD)).await
}

#[actix_web::test]
async fn a_device_is_paired_and_its_token_works() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    poll(&app, &begun).await.is_refused(400, "authorization_pending");
    let approved = approve(&app, &approval(&begun)).await.ok();
    assert_eq!(approved["device_name"], "Handheld");
    let paired = poll(&app, &begun).await;
    let token = paired.ok();
    assert_eq!(token["device_id"], approved["device_id"]);
    assert_eq!(
        (&token["scopes"], &token["expires_at"]),
        (&json!(["assets.read", "devices.write"]), &Value::Null)
    );
    assert_eq!(paired.header("cache-control"), Some("private, no-store"));
    let bearer = token["access_token"].as_str().unwrap();
    let register = Request::post("/api/devices").bearer(bearer).json(&json!({"hostname": "x"}));
    assert_eq!(app.send(register).await.status, 201);
    poll(&app, &begun).await.is_refused(400, "expired_token");
}

#[actix_web::test]
async fn codes_are_told_with_relative_paths() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!((code.len(), begun["device_code"].as_str().unwrap().len()), (8, 64));
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(600), &json!(5)));
    assert_eq!(begun["verification_path"], "/pair/device");
    assert_eq!(begun["verification_path_complete"], format!("/pair/device?user_code={code}"));
    assert_eq!((begun.get("verification_url"), begun.get("verification_url_complete")), (None, None));
}

#[actix_web::test]
async fn addresses_are_the_public_one_s_whatever_host_is_asked_for() {
    let world = World::with(|settings| settings.public_url = "https://games.example".parse().ok());
    let app = world.app().await;
    let request = Request::post("/api/auth/device/init").json(&request()).header("host", "evil.example");
    let begun = app.send(request).await.json();
    assert_eq!(begun["verification_url"], "https://games.example/pair/device");
    let complete = format!("https://games.example{}", begun["verification_path_complete"].as_str().unwrap());
    assert_eq!(begun["verification_url_complete"], complete);
}

#[actix_web::test]
async fn what_is_no_request_is_invalid() {
    let (_world, app) = world_with_player().await;
    for (member, value) in [
        ("client_device_identifier", json!("")),
        ("client_device_identifier", json!("x".repeat(256))),
        ("name", json!("")),
        ("client", json!("x".repeat(51))),
        ("platform", json!("x".repeat(51))),
        ("client_version", json!("x".repeat(51))),
        ("requested_scopes", json!([])),
        ("requested_scopes", json!(["nonsense"])),
        ("requested_scopes", json!(vec!["me.read"; 23])),
        ("requested_scopes", Value::Null),
    ] {
        let mut body = request();
        body[member] = value.clone();
        let answer = app.send(Request::post("/api/auth/device/init").json(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["detail"][0]["loc"]),
            (422, &json!(["body", member]))
        );
    }
    let mut body = request();
    body.as_object_mut().unwrap().remove("name");
    let answer = app.send(Request::post("/api/auth/device/init").json(&body)).await;
    answer.is_invalid_at(&json!(["body", "name"]));
}

#[actix_web::test]
async fn beginning_is_limited_per_address() {
    let (_world, app) = world_with_player().await;
    for _ in 0..10 {
        init(&app).await;
    }
    let answer = app.send(Request::post("/api/auth/device/init").json(&request()).from("192.0.2.1")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("60")));
}

#[actix_web::test]
async fn a_trusted_proxy_s_clients_are_limited_each_for_themselves() {
    let world = World::with(|settings| settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]);
    let app = world.app().await;
    let begin = |client: &str, proxy: &str| {
        Request::post("/api/auth/device/init").json(&request()).from(proxy).header("x-forwarded-for", client)
    };
    for _ in 0..10 {
        assert_eq!(app.send(begin("192.0.2.1", "10.0.0.2")).await.status, 201);
    }
    assert_eq!(app.send(begin("192.0.2.1", "10.0.0.2")).await.status, 429);
    assert_eq!(app.send(begin("192.0.2.2", "10.0.0.2")).await.status, 201);
    for _ in 0..10 {
        assert_eq!(app.send(begin("192.0.2.9", "203.0.113.5")).await.status, 201);
    }
    assert_eq!(app.send(begin("192.0.2.10", "203.0.113.5")).await.status, 429);
}

#[actix_web::test]
async fn what_a_device_asks_for_is_shown_for_its_code_however_it_is_typed() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    let code = begun["user_code"].as_str().unwrap();
    let typed = format!("{}-%20{}", code[..4].to_lowercase(), &code[4..]);
    let shown = pending(&app, &typed).await.ok();
    assert_eq!(
        (&shown["name"], &shown["client"], &shown["platform"], &shown["client_version"]),
        (&json!("Handheld"), &json!("grout"), &Value::Null, &json!("1.2"))
    );
    assert_eq!(shown["requested_scopes"], json!(["assets.read", "devices.write", "users.write"]));
    assert_eq!(shown["allowed_scopes"], json!(["assets.read", "devices.write"]));
    assert!(shown["expires_at"].as_str().unwrap().ends_with("+00:00"));
}

#[actix_web::test]
async fn whoever_opened_a_pairing_holds_it() {
    let (world, app) = world_with_player().await;
    world.a_person("other", Role::User).await;
    let begun = init(&app).await;
    let uri = format!("/api/auth/device/pending/{}", begun["user_code"].as_str().unwrap());
    app.send(Request::get(&uri).basic("other", PASSWORD)).await.ok();
    app.send(Request::get(&uri).basic("player", PASSWORD)).await.is_refused(404, "Unknown or expired code");
    approve(&app, &approval(&begun)).await.is_refused(404, "Unknown or expired code");
}

#[actix_web::test]
async fn a_decided_pairing_is_gone() {
    let (_world, app) = world_with_player().await;
    let approved = init(&app).await;
    approve(&app, &approval(&approved)).await.ok();
    approve(&app, &approval(&approved)).await.is_refused(410, "Code already approved");
    pending(&app, approved["user_code"].as_str().unwrap()).await.is_refused(410, "Code already approved");
    let denied = init(&app).await;
    assert_eq!(deny(&app, &denied).await.ok(), Value::Null);
    approve(&app, &approval(&denied)).await.is_refused(410, "Code already denied");
}

#[actix_web::test]
async fn a_denied_device_is_told_so_for_a_minute() {
    let (world, app) = world_with_player().await;
    let begun = init(&app).await;
    deny(&app, &begun).await.ok();
    poll(&app, &begun).await.is_refused(400, "access_denied");
    world.clock.advance(Duration::seconds(60));
    poll(&app, &begun).await.is_refused(400, "expired_token");
}

#[actix_web::test]
async fn an_impatient_device_is_slowed_down_and_never_limited() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    poll(&app, &begun).await.is_refused(400, "authorization_pending");
    for _ in 0..50 {
        poll(&app, &begun).await.is_refused(400, "slow_down");
    }
    approve(&app, &approval(&begun)).await.ok();
    poll(&app, &begun).await.ok();
}

#[actix_web::test]
async fn an_unknown_code_is_an_expired_one_and_a_malformed_body_is_invalid() {
    let (_world, app) = world_with_player().await;
    poll(&app, &json!({"device_code": "0".repeat(64)})).await.is_refused(400, "expired_token");
    poll(&app, &json!({"device_code": "0".repeat(129)})).await.is_invalid_at(&json!(["body", "device_code"]));
    poll(&app, &json!({"device_code": 7})).await.is_invalid_at(&json!(["body", "device_code"]));
    app.send(Request::post("/api/auth/device/token").body("")).await.is_invalid_at(&json!(["body"]));
}

#[actix_web::test]
async fn no_more_is_granted_than_is_allowed_and_not_nothing() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    for scopes in
        [json!([]), json!(["users.write"]), json!(["roms.read"]), json!(["assets.read", "me.write"])]
    {
        let mut body = approval(&begun);
        body["approved_scopes"] = scopes;
        approve(&app, &body).await.is_refused(403, "Approved scopes exceed what's allowed for this user");
    }
    let mut body = approval(&begun);
    body["expires_in"] = json!("2w");
    let text = "Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never";
    approve(&app, &body).await.is_refused(422, text);
    let mut body = approval(&begun);
    body["device_name"] = json!("x".repeat(256));
    approve(&app, &body).await.is_invalid_at(&json!(["body", "device_name"]));
    let mut body = approval(&begun);
    body["user_code"] = json!("A".repeat(33));
    approve(&app, &body).await.is_invalid_at(&json!(["body", "user_code"]));
    approve(&app, &approval(&begun)).await.ok();
}

#[actix_web::test]
async fn a_person_may_name_the_device_and_end_its_token() {
    let (_world, app) = world_with_player().await;
    for (name, expected) in [(json!(" Deck "), "Deck"), (json!("  "), "Handheld"), (Value::Null, "Handheld")]
    {
        let begun = init(&app).await;
        let mut body = approval(&begun);
        body["device_name"] = name;
        body["expires_in"] = json!("30d");
        assert_eq!(approve(&app, &body).await.ok()["device_name"], expected);
        assert!(poll(&app, &begun).await.ok()["expires_at"].is_string());
    }
}

#[actix_web::test]
async fn a_client_token_decides_nothing() {
    let (world, app) = world_with_player().await;
    let other = world.a_player("other");
    let begun = init(&app).await;
    let approve = Request::post("/api/auth/device/approve").bearer(&other.token).json(&approval(&begun));
    app.send(approve).await.is_refused(403, "Forbidden");
    let body = json!({"user_code": begun["user_code"]});
    let deny = Request::post("/api/auth/device/deny").bearer(&other.token).json(&body);
    app.send(deny).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn the_same_identifier_is_the_same_device_and_its_old_token_is_dead() {
    let (_world, app) = world_with_player().await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let begun = init(&app).await;
        approve(&app, &approval(&begun)).await.ok();
        tokens.push(poll(&app, &begun).await.ok());
    }
    assert_eq!(tokens[0]["device_id"], tokens[1]["device_id"]);
    let use_of = |token: &Value| {
        let bearer = token["access_token"].as_str().unwrap();
        Request::post("/api/devices").bearer(bearer).json(&json!({"hostname": "x"}))
    };
    app.send(use_of(&tokens[0])).await.is_refused(401, "Not authenticated");
    assert_eq!(app.send(use_of(&tokens[1])).await.status, 201);
}

#[actix_web::test]
async fn wrong_codes_are_limited() {
    let (_world, app) = world_with_player().await;
    let begun = init(&app).await;
    for _ in 0..5 {
        pending(&app, "AAAAAAAA").await.is_refused(404, "Unknown or expired code");
    }
    let answer = pending(&app, begun["user_code"].as_str().unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("60")));
    let answer = approve(&app, &approval(&begun)).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("60")));
}
