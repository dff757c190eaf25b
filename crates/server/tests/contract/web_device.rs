//! The device of a browser that logs in (contract § 1, the login's row, and § 3, its last paragraph).

use std::future::IntoFuture as _;

use memcard_testkit::contract::race;
use serde_json::{Value, json};

use crate::support::{Answer, Home, PASSWORD, Person, Request, Server, cookie_in, on_every_database};

on_every_database! {
    a_browser_that_logs_in_is_a_device_of_its_user_s,
    the_login_page_and_the_set_up_page_make_the_device_too,
    a_browser_that_logs_in_again_is_the_same_device,
    racing_logins_of_one_browser_are_one_device,
    another_browser_or_another_address_is_another_device,
    a_program_that_logs_in_has_no_device,
    only_the_session_itself_stands_for_the_device,
    a_session_outlives_its_device,
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0";

async fn a_browser_that_logs_in_is_a_device_of_its_user_s(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for (request, agent, name, version) in [
        (server.post("/api/login").basic("admin", PASSWORD), FIREFOX, "Firefox on Linux", "128"),
        (
            server.post("/api/login").form(&[("username", "admin"), ("password", PASSWORD)]),
            EDGE,
            "Edge on Windows",
            "126",
        ),
        (
            server.post("/api/login").json(&json!({"username": "admin", "password": PASSWORD})),
            "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
            "Firefox on Android",
            "127",
        ),
    ] {
        let device = current_device(&server, &request.header("user-agent", agent).await).await;
        let shown = server.get(&device_uri(&device)).by(&admin).await.ok();
        for (member, expected) in [
            ("name", json!(name)),
            ("client", json!("web")),
            ("client_version", json!(version)),
            ("platform", json!("Web")),
            ("ip_address", json!("127.0.0.1")),
            ("sync_mode", json!("api")),
            ("sync_enabled", json!(true)),
            ("client_device_identifier", json!(null)),
            ("user_id", json!(admin.id)),
        ] {
            assert_eq!(shown[member], expected, "{member} of {name}");
        }
    }
}

async fn the_login_page_and_the_set_up_page_make_the_device_too(home: &Home) {
    let server = home.serve();
    let token = server.setup_token.clone().unwrap();
    let form = [("token", token.as_str()), ("username", "admin"), ("password", PASSWORD)];
    let set_up = server.post("/setup").form(&form).header("user-agent", FIREFOX).await;
    assert_eq!(set_up.status, 303, "{}", set_up.text());
    let form = [("username", "admin"), ("password", PASSWORD)];
    let logged_in = server.post("/login").form(&form).header("user-agent", FIREFOX).await;
    assert_eq!(logged_in.status, 303, "{}", logged_in.text());

    let device = current_device(&server, &set_up).await;
    assert!(device.is_string(), "{device}");
    assert_eq!(current_device(&server, &logged_in).await, device);
}

async fn a_browser_that_logs_in_again_is_the_same_device(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let device = current_device(&server, &log_in(&server, FIREFOX).await).await;
    let uri = device_uri(&device);
    let renamed = json!({"name": "Desk", "ip_address": null, "client": null});
    let before = server.put(&uri).by(&admin).json(&renamed).await.ok();

    let again = current_device(&server, &log_in(&server, NEWER_FIREFOX).await).await;
    assert_eq!(again, device);
    let after = server.get(&uri).by(&admin).await.ok();
    assert_eq!((&after["name"], &after["client_version"]), (&json!("Desk"), &json!("129")));
    assert!(after["last_seen"].as_str() > before["last_seen"].as_str(), "{before} {after}");
}

async fn racing_logins_of_one_browser_are_one_device(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let answers = race(6, |_| {
        let login = server.post("/api/login").basic("admin", PASSWORD).header("user-agent", FIREFOX);
        login.into_future()
    })
    .await;
    for answer in &answers {
        answer.ok();
    }
    let devices = server.get("/api/devices").by(&admin).await.ok();
    assert_eq!(devices.as_array().unwrap().len(), 1, "{devices}");
}

async fn another_browser_or_another_address_is_another_device(home: &Home) {
    let server = home.serve_with(&["--trusted-proxy", "127.0.0.0/8"]);
    let admin = server.set_up("admin").await;
    let guest = server.add_person(&admin, "guest", "user").await;
    let from = |agent: &str, address: &str, person: &Person| {
        let login = server.post("/api/login").basic(&person.name, PASSWORD).header("user-agent", agent);
        login.header("x-forwarded-for", address)
    };
    let mut seen: Vec<Value> = Vec::new();
    for login in [
        from(FIREFOX, "192.0.2.1", &admin),
        from(EDGE, "192.0.2.1", &admin),
        from(FIREFOX, "192.0.2.2", &admin),
        from(FIREFOX, "192.0.2.1", &guest),
    ] {
        let device = current_device(&server, &login.await).await;
        assert!(device.is_string() && !seen.contains(&device), "{device} {seen:?}");
        seen.push(device);
    }
    let again = current_device(&server, &from(FIREFOX, "192.0.2.2", &admin).await).await;
    assert_eq!(again, seen[2]);
}

async fn a_program_that_logs_in_has_no_device(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for agent in ["curl/8.8.0", "python-requests/2.32.3", "Go-http-client/1.1", "okhttp/4.12.0", ""] {
        let answer = log_in(&server, agent).await;
        assert_eq!(current_device(&server, &answer).await, Value::Null, "{agent:?}");
    }
    assert_eq!(server.get("/api/devices").by(&admin).await.ok(), json!([]));
}

async fn only_the_session_itself_stands_for_the_device(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let browser = log_in(&server, FIREFOX).await;
    assert!(current_device(&server, &browser).await.is_string());
    for request in [
        server.get("/api/users/me").by(&admin),
        server.get("/api/users/me").in_person(&admin),
        server.get("/api/users/me").basic("admin", PASSWORD).header("user-agent", FIREFOX),
    ] {
        assert_eq!(request.await.ok()["current_device_id"], Value::Null);
    }
    let devices = server.get("/api/devices").by(&admin).await.ok();
    assert_eq!(devices.as_array().unwrap().len(), 1, "Basic credentials on a route are no login");
}

async fn a_session_outlives_its_device(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let session = log_in(&server, FIREFOX).await;
    let device = current_device(&server, &session).await;
    let uri = device_uri(&device);
    server.delete(&uri).by(&admin).await.is_done();
    assert_eq!(current_device(&server, &session).await, Value::Null);

    let next = current_device(&server, &log_in(&server, FIREFOX).await).await;
    assert!(next.is_string() && next != device, "{next}");
    assert_eq!(current_device(&server, &session).await, Value::Null);
}

fn device_uri(id: &Value) -> String {
    format!("/api/devices/{}", id.as_str().unwrap())
}

/// The first account's login from whatever says that of itself.
fn log_in(server: &Server, agent: &str) -> Request {
    server.post("/api/login").basic("admin", PASSWORD).header("user-agent", agent)
}

/// The device that the session stands for which the answer begins.
async fn current_device(server: &Server, login: &Answer) -> Value {
    let mut me = server.get("/api/users/me").header("cookie", cookie_in(login)).await.ok();
    me["current_device_id"].take()
}
