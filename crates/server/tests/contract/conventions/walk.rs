//! What every documented endpoint does (rules 2, 6, 8, 10, 11), found by walking the OpenAPI document.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Server, on_every_database};

on_every_database! {
    every_endpoint_but_the_open_ones_refuses_a_request_without_credentials,
    every_documented_endpoint_answers_with_and_without_a_trailing_slash_and_never_by_redirect,
    every_answer_of_the_json_surface_is_json_and_kept_by_nobody,
    a_missing_scope_is_forbidden,
    an_unknown_route_is_not_found_and_names_nothing,
    a_wrong_method_is_refused_in_json_with_the_right_ones,
}

const DOCUMENT: &str = include_str!("../../../../../docs/api/openapi.json");

/// An id that is no device's.
const NO_DEVICE: &str = "f9dc4c67-7a0d-4d5a-9b52-2c0f3f3d0001";

/// A documented endpoint, every parameter of its path filled in.
struct Endpoint {
    method: Method,
    path: String,
    needs_credentials: bool,
}

impl Endpoint {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    async fn called_on(&self, server: &Server, slash: &str) -> Answer {
        server.request(self.method.clone(), &format!("{}{slash}", self.path)).body("{}").await
    }
}

fn documented() -> Vec<Endpoint> {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut endpoints = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = if path.contains("/devices/") { NO_DEVICE } else { "1" };
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { id } else { segment });
        let filled = segments.collect::<Vec<_>>().join("/");
        for (method, operation) in item.as_object().unwrap() {
            endpoints.push(Endpoint {
                method: method.to_uppercase().parse().unwrap(),
                path: filled.clone(),
                needs_credentials: operation["security"] != json!([]),
            });
        }
    }
    endpoints
}

async fn every_endpoint_but_the_open_ones_refuses_a_request_without_credentials(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    let mut open = Vec::new();
    for endpoint in documented() {
        let name = endpoint.name();
        if !endpoint.needs_credentials {
            open.push(name);
            continue;
        }
        let answer = endpoint.called_on(&server, "").await;
        assert_eq!(answer.status, 401, "{name}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{name}");
        if endpoint.method != Method::HEAD {
            assert_eq!(answer.json(), json!({"detail": "Not authenticated"}), "{name}");
        }
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
    server.get("/api/roms").await.is_refused(401, "Not authenticated");
}

async fn every_documented_endpoint_answers_with_and_without_a_trailing_slash_and_never_by_redirect(
    home: &Home,
) {
    let (server, _) = home.serve_with_account().await;
    for endpoint in documented() {
        let name = endpoint.name();
        let bare = endpoint.called_on(&server, "").await;
        let slashed = endpoint.called_on(&server, "/?x=1").await;
        assert_eq!(bare.status, slashed.status, "{name}");
        assert_ne!(bare.status, 405, "{name}");
        assert!(!(300..400).contains(&bare.status), "{name}");
        assert_eq!(bare.body, slashed.body, "{name}");
    }
}

async fn every_answer_of_the_json_surface_is_json_and_kept_by_nobody(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    for endpoint in documented() {
        let name = endpoint.name();
        let answer = endpoint.called_on(&server, "").await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
        // The description of the surface is everybody's.
        let kept = if endpoint.path == "/api/openapi.json" { "no-cache" } else { "private, no-store" };
        assert_eq!(answer.header("cache-control"), Some(kept), "{name}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{name}");
    }
}

async fn a_missing_scope_is_forbidden(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let token = server.token_of(&admin, &["playlists.read"]).await;
    let reads = documented().into_iter().filter(|endpoint| endpoint.method == Method::GET);
    for endpoint in reads.filter(|endpoint| endpoint.needs_credentials) {
        let answer = server.get(&endpoint.path).by(&token).begin().await;
        let status = answer.status().as_u16();
        let is_config = status == 200 && endpoint.path == "/api/config";
        assert!(is_config || [403, 422].contains(&status), "{}: {status}", endpoint.path);
        if status == 403 {
            let told = Answer::read(answer).await.json();
            assert_eq!(told, json!({"detail": "Forbidden"}), "{}", endpoint.path);
        }
    }
}

async fn an_unknown_route_is_not_found_and_names_nothing(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for path in ["/api/nonsense", "/nonsense", "/api", "/api/users/1/nonsense"] {
        server.get(path).await.is_refused(404, "Not Found");
        server.get(path).by(&admin).await.is_refused(404, "Not Found");
    }
    server.get("/api/client-tokens/pair/AAAAAAAA/status").await.is_refused(404, "Not Found");
}

async fn a_wrong_method_is_refused_in_json_with_the_right_ones(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    let answer = server.delete("/api/heartbeat").await;
    answer.is_refused(405, "Method Not Allowed");
    assert_eq!(answer.header("allow"), Some("GET"));
    server.delete("/api/users/me").await.is_refused(405, "Method Not Allowed");
}
