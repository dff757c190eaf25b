//! Accounts and tokens, where time passes (contract § 1).

mod support;

use chrono::Duration;
use memcard_domain::account::Role;
use serde_json::{Value, json};
use support::{App, PASSWORD, Request, World};

async fn world_with_player() -> (World, App) {
    let world = World::new();
    world.a_person("player", Role::User).await;
    let app = world.app().await;
    (world, app)
}

async fn a_token(app: &App) -> Value {
    let body = json!({"name": "script", "scopes": ["me.read"], "expires_in": "30d"});
    app.send(Request::post("/api/client-tokens").basic("player", PASSWORD).json(&body)).await.json()
}

#[actix_web::test]
async fn an_access_token_lives_for_a_quarter_of_an_hour() {
    let (world, app) = world_with_player().await;
    let form = [("grant_type", "password"), ("username", "player"), ("password", PASSWORD)];
    let token = app.send(Request::post("/api/token").form(&form)).await.ok();
    let me = || Request::get("/api/users/me").bearer(token["access_token"].as_str().unwrap());
    world.clock.advance(Duration::minutes(15) - Duration::seconds(1));
    app.send(me()).await.ok();
    world.clock.advance(Duration::seconds(1));
    app.send(me()).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn without_a_setup_token_nobody_sets_up() {
    let account = json!({"username": "first", "password": PASSWORD, "setup_token": "printed"});
    let app = World::new().app().await;
    app.send(Request::post("/api/users").json(&account)).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn a_client_token_ends_when_it_was_said_to() {
    let (world, app) = world_with_player().await;
    let token = a_token(&app).await;
    let me = || Request::get("/api/users/me").bearer(token["raw_token"].as_str().unwrap());
    world.clock.advance(Duration::days(30) - Duration::seconds(1));
    app.send(me()).await.ok();
    world.clock.advance(Duration::seconds(1));
    app.send(me()).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn a_pair_code_is_good_for_a_minute() {
    let (world, app) = world_with_player().await;
    let token = a_token(&app).await;
    let offer = Request::post(&format!("/api/client-tokens/{}/pair", token["id"])).basic("player", PASSWORD);
    let offer = app.send(offer).await.ok();
    let status = format!("/api/client-tokens/pair/{}/status", offer["code"].as_str().unwrap());
    world.clock.advance(Duration::seconds(59));
    app.send(Request::get(&status)).await.ok();
    world.clock.advance(Duration::seconds(1));
    app.send(Request::get(&status)).await.is_refused(404, "Not Found");
    let exchange = Request::post("/api/client-tokens/exchange").json(&json!({"code": offer["code"]}));
    app.send(exchange.from("192.0.2.1")).await.is_refused(404, "Invalid or expired pairing code");
}
