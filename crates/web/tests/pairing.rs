//! Pairing as JSON, where time passes (contract § 2).

mod support;

use chrono::Duration;
use memcard_domain::account::Role;
use serde_json::json;
use support::{PASSWORD, Request, World};

#[actix_web::test]
async fn a_denied_device_is_told_so_for_a_minute() {
    let world = World::new();
    world.a_person("player", Role::User).await;
    let app = world.app().await;
    let request = json!({
        "client_device_identifier": "card-1", "name": "Handheld", "client": "grout",
        "requested_scopes": ["assets.read"],
    });
    let begun =
        app.send(Request::post("/api/auth/device/init").json(&request).from("192.0.2.1")).await.json();
    let denial = json!({"user_code": begun["user_code"]});
    app.send(Request::post("/api/auth/device/deny").basic("player", PASSWORD).json(&denial)).await.ok();

    let body = json!({"device_code": begun["device_code"]});
    let poll = || Request::post("/api/auth/device/token").json(&body);
    world.clock.advance(Duration::seconds(59));
    app.send(poll()).await.is_refused(400, "access_denied");
    world.clock.advance(Duration::seconds(1));
    app.send(poll()).await.is_refused(400, "expired_token");
}
