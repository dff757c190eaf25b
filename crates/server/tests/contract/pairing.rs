//! Pairing (contract § 2): what each of the five endpoints takes, answers and refuses.

mod approving;
mod beginning;
mod polling;

use serde_json::{Value, json};

use crate::support::{Answer, Home, Person, Server};

/// What the pairings here ask for; `users.write` is what pairing never grants.
const SCOPES: [&str; 3] = ["devices.write", "assets.read", "users.write"];

/// What a device says of itself.
fn request() -> Value {
    json!({
        "client_device_identifier": "card-1",
        "name": "Handheld",
        "client": "grout",
        "client_version": "1.2",
        "requested_scopes": SCOPES,
    })
}

async fn with_player(home: &Home) -> (Server, Person) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    (server, player)
}

async fn init(server: &Server) -> Value {
    server.post("/api/auth/device/init").json(&request()).await.created()
}

async fn poll(server: &Server, begun: &Value) -> Answer {
    server.post("/api/auth/device/token").json(&json!({"device_code": begun["device_code"]})).await
}

async fn pending(server: &Server, person: &Person, typed: &str) -> Answer {
    server.get(&format!("/api/auth/device/pending/{typed}")).in_person(person).await
}

fn approval(begun: &Value) -> Value {
    json!({"user_code": begun["user_code"], "approved_scopes": ["devices.write", "assets.read"]})
}

async fn approve(server: &Server, person: &Person, approval: &Value) -> Answer {
    server.post("/api/auth/device/approve").in_person(person).json(approval).await
}

async fn deny(server: &Server, person: &Person, begun: &Value) -> Answer {
    let body = json!({"user_code": begun["user_code"]});
    server.post("/api/auth/device/deny").in_person(person).json(&body).await
}

fn code_of(begun: &Value) -> &str {
    begun["user_code"].as_str().unwrap()
}
