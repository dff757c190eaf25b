//! Browsers' sessions: the cookie, and what other sites cannot do with it (security.md, "HTTP").

mod support;

use memcard_domain::account::Role;
use memcard_testkit::builders::at;
use memcard_web::Settings;
use serde_json::json;
use support::{App, Browser, PASSWORD, Request, World};

const NEW_DEVICE: &str = "/api/devices";

async fn world_with(change: impl FnOnce(&mut Settings)) -> (World, App) {
    let world = World::with(change);
    world.a_person("player", Role::User).await;
    let app = world.app().await;
    (world, app)
}

fn register() -> Request {
    Request::post(NEW_DEVICE).json(&json!({"name": "Handheld"}))
}

#[actix_web::test]
async fn over_https_the_cookie_is_for_this_host_alone() {
    let (_world, app) =
        world_with(|settings| settings.public_url = "https://games.example".parse().ok()).await;
    let answer = app.send(Request::post("/api/login").basic("player", PASSWORD)).await;
    let cookie = answer.header("set-cookie").unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("__Host-memcard="), "{value}");
    assert_eq!(attributes, "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax; Secure");
}

#[actix_web::test]
async fn over_http_the_cookie_has_the_name_that_browsers_accept_there() {
    let (_world, app) = world_with(|_| {}).await;
    let answer = app.send(Request::post("/api/login").basic("player", PASSWORD)).await;
    let cookie = answer.header("set-cookie").unwrap();
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("memcard="), "{value}");
    assert_eq!(attributes, "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax");
}

#[actix_web::test]
async fn every_login_has_a_cookie_of_its_own() {
    let (_world, app) = world_with(|_| {}).await;
    let one = Browser::of("player", &app).await;
    let two = Browser::of("player", &app).await;
    assert_ne!(one.cookie, two.cookie);
    assert_ne!(one.csrf_token, two.csrf_token);
}

#[actix_web::test]
async fn another_session_s_token_is_none() {
    let (_world, app) = world_with(|_| {}).await;
    let browser = Browser::of("player", &app).await;
    let other = Browser::of("player", &app).await;
    for token in [other.csrf_token.as_str(), "", "x"] {
        let request = browser.cookie_on(register()).header("x-csrf-token", token);
        app.send(request).await.is_refused(403, "CSRF validation failed");
    }
}

#[actix_web::test]
async fn a_request_from_elsewhere_is_refused_even_with_the_token() {
    let (_world, app) =
        world_with(|settings| settings.public_url = "https://games.example".parse().ok()).await;
    let browser = Browser::of("player", &app).await;
    let at_home = |request: Request| request.header("host", "192.168.1.5:8080");
    for (name, value, is_ours) in [
        ("origin", "https://games.example", true),
        ("origin", "https://games.example:443", true),
        ("origin", "https://games.example:8443", false),
        ("origin", "http://games.example", false),
        ("origin", "https://evil.example", false),
        ("origin", "https://games.example.evil.example", false),
        ("origin", "http://192.168.1.5:8080", true),
        ("origin", "http://192.168.1.5:9090", false),
        ("origin", "http://192.168.1.5", false),
        ("origin", "null", true),
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "none", true),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "cross-site", false),
    ] {
        let answer = app.send(at_home(browser.script(register())).header(name, value)).await;
        let expected = if is_ours { 201 } else { 403 };
        assert_eq!(answer.status, expected, "{name}: {value}");
    }
}

#[actix_web::test]
async fn logging_in_from_elsewhere_is_refused() {
    let (_world, app) = world_with(|_| {}).await;
    for uri in ["/api/login", "/login"] {
        let form = [("username", "player"), ("password", PASSWORD)];
        let request = Request::post(uri).header("sec-fetch-site", "cross-site").form(&form);
        let answer = app.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (403, None), "{uri}");
    }
}

#[actix_web::test]
async fn a_changed_password_ends_the_other_sessions_and_not_its_own() {
    let (world, app) = world_with(|_| {}).await;
    let here = Browser::of("player", &app).await;
    let there = Browser::of("player", &app).await;
    let id = app.send(here.get("/api/users/me")).await.ok()["id"].clone();
    let change = Request::put(&format!("/api/users/{id}")).json(&json!({"password": "another one"}));
    app.send(here.script(change)).await.ok();
    app.send(here.get("/api/users/me")).await.ok();
    app.send(there.get("/api/users/me")).await.is_refused(401, "Not authenticated");
    drop(world);
}

#[actix_web::test]
async fn a_session_ends_without_use() {
    let (world, app) = world_with(|_| {}).await;
    let browser = Browser::of("player", &app).await;
    world.clock.set(at(14 * 24 * 60));
    app.send(browser.get("/api/users/me")).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn too_many_wrong_passwords_lock_right_ones_out_on_every_route_that_takes_one() {
    let (_world, app) = world_with(|_| {}).await;
    for _ in 0..5 {
        app.send(Request::get("/api/users/me").basic("player", "wrong").from("192.0.2.1")).await;
    }
    let form = [("username", "player"), ("password", PASSWORD)];
    let token = [("grant_type", "password"), ("username", "player"), ("password", PASSWORD)];
    for request in [
        Request::get("/api/users/me").basic("player", PASSWORD),
        Request::post("/api/login").basic("player", PASSWORD),
        Request::post("/api/login").form(&form),
        Request::post("/api/token").form(&token),
        Request::post("/login").form(&form),
    ] {
        let answer = app.send(request.from("192.0.2.1")).await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("1")));
    }
}
