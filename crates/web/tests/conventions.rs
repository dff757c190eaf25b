//! What holds for every endpoint (contract § 0).
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use std::sync::Arc;

use actix_web::http::Method;
use memcard_domain::account::{Role, ScopeSet};
use memcard_domain::ports::{Access, BoxFuture, StoreError, UnitOfWork, Work};
use memcard_web::{AppState, openapi};
use serde_json::{Value, json};
use support::{App, PASSWORD, Request, Server, World};

/// An id that is no device's.
const NO_DEVICE: &str = "f9dc4c67-7a0d-4d5a-9b52-2c0f3f3d0001";

/// Method, path with every parameter filled in, and whether it needs no credentials, of every documented endpoint.
fn documented() -> Vec<(Method, String, bool)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut endpoints = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = if path.contains("/devices/") { NO_DEVICE } else { "1" };
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
        let filled = segments.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            endpoints.push((method, filled.clone(), operation["security"] == json!([])));
        }
    }
    endpoints
}

async fn set_up_world() -> (World, App) {
    let world = World::new();
    world.a_person("admin", Role::Admin).await;
    let app = world.app().await;
    (world, app)
}

#[actix_web::test]
async fn every_endpoint_but_the_open_ones_refuses_a_request_without_credentials() {
    let (_world, app) = set_up_world().await;
    let mut open = Vec::new();
    for (method, path, is_open) in documented() {
        let answer = app.send(Request::new(method.clone(), &path)).await;
        if is_open {
            open.push(format!("{method} {path}"));
            continue;
        }
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{method} {path}");
        assert_eq!(answer.json(), json!({"detail": "Not authenticated"}), "{method} {path}");
    }
    assert_eq!(
        open,
        [
            "POST /api/auth/device/init",
            "POST /api/auth/device/token",
            "POST /api/client-tokens/exchange",
            "GET /api/client-tokens/pair/1/status",
            "GET /api/heartbeat",
            "POST /api/login",
            "GET /api/openapi.json",
            "POST /api/token",
        ]
    );
}

#[actix_web::test]
async fn every_documented_endpoint_answers_with_and_without_a_trailing_slash_and_never_by_redirect() {
    let (_world, app) = set_up_world().await;
    for (method, path, _) in documented() {
        let bare = app.send(Request::new(method.clone(), &path).body("{}")).await;
        let slashed = app.send(Request::new(method.clone(), &format!("{path}/?x=1")).body("{}")).await;
        assert_eq!(bare.status, slashed.status, "{method} {path}");
        assert_ne!(bare.status, 405, "{method} {path}");
        assert!(!bare.status.is_redirection(), "{method} {path}");
        assert_eq!(bare.body, slashed.body, "{method} {path}");
    }
}

#[actix_web::test]
async fn every_answer_of_the_json_surface_is_json_and_kept_by_nobody() {
    let (_world, app) = set_up_world().await;
    for (method, path, _) in documented() {
        let answer = app.send(Request::new(method.clone(), &path)).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {path}");
        // The description of the surface is everybody's.
        let kept = if path == "/api/openapi.json" { "no-cache" } else { "private, no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
    }
}

#[test]
fn operations_have_names_of_their_own_and_the_document_is_always_the_same() {
    let document = serde_json::to_value(openapi()).unwrap();
    assert_eq!(document, serde_json::to_value(openapi()).unwrap());
    let mut names = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        names.extend(item.as_object().unwrap().values().map(|operation| operation["operationId"].clone()));
    }
    let distinct: std::collections::BTreeSet<String> = names.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn everything_that_the_document_refers_to_is_in_it() {
    let document = serde_json::to_value(openapi()).unwrap();
    let text = document.to_string();
    let references: Vec<&str> =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for kind in ["/components/schemas/", "/components/responses/"] {
        assert!(references.iter().any(|reference| reference.starts_with(kind)), "nothing refers to {kind}");
    }
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[actix_web::test]
async fn an_unknown_route_is_not_found_and_names_nothing() {
    let (_world, app) = set_up_world().await;
    for path in ["/api/nonsense", "/nonsense", "/api", "/api/users/1/nonsense"] {
        app.send(Request::get(path)).await.is_refused(404, "Not Found");
    }
}

#[actix_web::test]
async fn a_wrong_method_is_refused_in_json_with_the_right_ones() {
    let (_world, app) = set_up_world().await;
    let answer = app.send(Request::delete("/api/heartbeat")).await;
    answer.is_refused(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), Some("GET"));
    let answer = app.send(Request::delete("/api/users/me")).await;
    answer.is_refused(405, "Method Not Allowed");
}

#[actix_web::test]
async fn the_heartbeat_says_a_plain_triple_and_whether_anybody_has_an_account() {
    let world = World::new();
    let app = world.app().await;
    let heartbeat = app.send(Request::get("/api/heartbeat")).await.ok();
    assert_eq!(
        heartbeat,
        json!({"SYSTEM": {"VERSION": "5.1.0", "SHOW_SETUP_WIZARD": true}, "MEMCARD": {"VERSION": "0.1.0"}})
    );
    world.a_person("admin", Role::Admin).await;
    let heartbeat = app.send(Request::get("/api/heartbeat")).await.ok();
    assert_eq!(heartbeat["SYSTEM"]["SHOW_SETUP_WIZARD"], false);
}

#[actix_web::test]
async fn bad_credentials_are_no_credentials() {
    let (_world, app) = set_up_world().await;
    for authorization in
        ["Bearer nonsense", "Bearer rmm_00", "Basic !", "Basic YQ==", "Digest x", "Bearer", ""]
    {
        let request = Request::get("/api/users/me").header("authorization", authorization);
        app.send(request).await.is_refused(401, "Not authenticated");
    }
}

#[actix_web::test]
async fn scheme_names_know_no_case() {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let request =
            Request::get("/api/users/me").header("authorization", &format!("{scheme} {}", player.token));
        assert_eq!(app.send(request).await.ok()["username"], "player");
    }
}

#[actix_web::test]
async fn a_missing_scope_is_forbidden() {
    let world = World::new();
    let player = world.a_player("player");
    let bare = world.a_token(&player.user, ScopeSet::EMPTY, None);
    let app = world.app().await;
    for (method, path, is_open) in documented() {
        if is_open || method != Method::GET {
            continue;
        }
        let answer = app.send(Request::new(method, &path).bearer(&bare)).await;
        let is_config = answer.status == 200 && path == "/api/config";
        assert!(is_config || answer.status == 403 || answer.status == 422, "{path}: {}", answer.status);
        if answer.status == 403 {
            assert_eq!(answer.json(), json!({"detail": "Forbidden"}), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_body_that_is_no_json_says_so() {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    for body in ["", "{", "nonsense"] {
        let answer = app.send(Request::post("/api/devices").bearer(&player.token).body(body)).await;
        answer.is_invalid_at(&json!(["body"]));
    }
}

#[actix_web::test]
async fn an_id_that_is_no_32_bit_integer_is_invalid() {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    for id in ["x", "1.5", "2147483648", "-"] {
        let answer =
            app.send(Request::delete(&format!("/api/client-tokens/{id}")).bearer(&player.token)).await;
        answer.is_invalid_at(&json!(["path", "id"]));
    }
}

#[actix_web::test]
async fn a_body_above_the_limit_is_refused_whether_it_says_its_length_or_comes_in_chunks() {
    let world = World::with(|settings| settings.max_body_bytes = 10);
    let player = world.a_player("player");
    let app = world.app().await;
    let text = "Request body exceeds the maximum allowed size of 10 bytes";
    let sent = Request::post("/api/devices").bearer(&player.token).body("{           }");
    app.send(sent).await.is_refused(413, text);
    let mut connection = Server::start(&world).connect().await;
    let head =
        format!("POST /api/devices HTTP/1.1\r\nhost: memcard\r\nauthorization: Bearer {}\r\n", player.token);
    connection.send(format!("{head}transfer-encoding: chunked\r\n\r\nb\r\n{{         }}\r\n")).await.unwrap();
    assert!(connection.head().await.starts_with("http/1.1 413"));
}

#[actix_web::test]
async fn json_is_compressed_for_whoever_accepts_it() {
    let (_world, app) = set_up_world().await;
    let request = Request::get("/api/users/me").basic("admin", PASSWORD).header("accept-encoding", "gzip");
    assert_eq!(app.send(request).await.header("content-encoding"), Some("gzip"));
    let request = Request::get("/api/users/me").basic("admin", PASSWORD);
    assert_eq!(app.send(request).await.header("content-encoding"), None);
}

#[actix_web::test]
async fn an_encoding_that_is_not_there_is_refused_in_json() {
    let (_world, app) = set_up_world().await;
    let request = Request::get("/api/heartbeat").header("accept-encoding", "identity;q=0");
    app.send(request).await.is_refused(406, "Not Acceptable");
}

#[actix_web::test]
async fn https_is_asked_for_for_a_year_where_the_public_address_is_https() {
    let (_world, app) = set_up_world().await;
    assert_eq!(app.send(Request::get("/api/heartbeat")).await.header("strict-transport-security"), None);
    let world = World::with(|settings| settings.public_url = "https://games.example".parse().ok());
    let answer = world.app().await.send(Request::get("/api/heartbeat")).await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

/// A store that fails in one way.
struct Failing(fn() -> StoreError);

impl UnitOfWork for Failing {
    fn execute(&self, _: Access, _: Work) -> BoxFuture<'_, Result<(), StoreError>> {
        let error = (self.0)();
        Box::pin(async move { Err(error) })
    }
}

async fn heartbeat_of(fails: fn() -> StoreError) -> support::Answer {
    let mut ports = World::new().state.ports;
    ports.store = Arc::new(Failing(fails));
    let state = AppState::new(ports, memcard_web::Settings::new("0.1.0"));
    App::new(&state).await.send(Request::get("/api/heartbeat")).await
}

#[actix_web::test]
async fn a_store_that_cannot_be_reached_asks_to_come_back() {
    let answer = heartbeat_of(|| StoreError::Unavailable("connection to 10.0.0.7 refused".into())).await;
    answer.is_refused(503, "Service temporarily unavailable");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}

#[actix_web::test]
async fn a_store_that_fails_tells_nothing_of_how() {
    let answer = heartbeat_of(|| StoreError::Backend("syntax error near users".into())).await;
    answer.is_refused(500, "Internal Server Error");
    assert!(!answer.text().contains("syntax"));
}
