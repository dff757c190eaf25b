//! What a browser sees: every page's headers, setting up, logging in, devices, the library and the consent page.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use actix_web::http::Method;
use chrono::Duration;
use memcard_domain::account::Role;
use memcard_domain::catalogue::ScanReport;
use memcard_domain::secret::Secret;
use memcard_testkit::builders::{a_found_game, at};
use memcard_web::page_routes;
use serde_json::{Value, json};
use support::{Answer, App, Browser, PASSWORD, Request, World};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn world_with(people: &[(&str, Role)]) -> (World, App) {
    let world = World::new();
    for (name, role) in people {
        world.a_person(name, *role).await;
    }
    let app = world.app().await;
    (world, app)
}

async fn world_with_player() -> (World, App, Browser) {
    let (world, app) = world_with(&[("player", Role::User)]).await;
    let browser = Browser::of("player", &app).await;
    (world, app, browser)
}

#[track_caller]
fn is_guarded(answer: &Answer, what: &str) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
}

#[actix_web::test]
async fn every_page_is_guarded_for_strangers_and_visitors_alike() {
    let world = World::with(|settings| settings.public_url = "https://games.example".parse().ok());
    world.a_person("admin", Role::Admin).await;
    let app = world.app().await;
    let browser = Browser::of("admin", &app).await;
    let routes = page_routes();
    assert!(routes.len() > 10);
    for route in routes {
        let stranger = app.send(Request::new(route.method.clone(), &route.path)).await;
        is_guarded(&stranger, &format!("{route} as a stranger"));
        let visitor = app.send(browser.script(Request::new(route.method.clone(), &route.path))).await;
        is_guarded(&visitor, &format!("{route} as a visitor"));
        if !route.path.starts_with("/static/") {
            assert_eq!(visitor.header("cache-control"), Some("private, no-store"), "{route}");
        }
    }
}

#[actix_web::test]
async fn no_page_has_anything_inline_or_from_elsewhere() {
    let (_world, app) = world_with(&[("admin", Role::Admin)]).await;
    let browser = Browser::of("admin", &app).await;
    for route in page_routes().into_iter().filter(|route| route.method == Method::GET) {
        let answer = app.send(browser.get(&route.path)).await;
        if answer.header("content-type") != Some("text/html; charset=utf-8") {
            continue;
        }
        for forbidden in ["<style", " style=", " onclick=", "http://", "https://", "<script>"] {
            assert!(!answer.text().contains(forbidden), "{route}: {forbidden}");
        }
    }
}

#[actix_web::test]
async fn no_page_is_compressed_around_its_token() {
    let (_world, app, browser) = world_with_player().await;
    let answer = app.send(browser.get("/pair/device").header("accept-encoding", "gzip")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, None));
}

#[actix_web::test]
async fn every_form_that_changes_something_needs_its_token() {
    let (_world, app) = world_with(&[("admin", Role::Admin)]).await;
    let browser = Browser::of("admin", &app).await;
    for route in page_routes().into_iter().filter(|route| route.method == Method::POST) {
        if ["/login", "/setup"].contains(&route.path.as_str()) {
            continue;
        }
        let answer =
            app.send(browser.cookie_on(Request::post(&route.path)).form(&[("csrf_token", "x")])).await;
        assert_eq!(answer.status, 403, "{route}");
    }
}

#[actix_web::test]
async fn strangers_are_sent_to_log_in_and_then_on_to_where_they_wanted() {
    let (_world, app, _) = world_with_player().await;
    let wanted = "/pair/device?user_code=ABCD2345";
    let login = "/login?next=%2Fpair%2Fdevice%3Fuser%5Fcode%3DABCD2345";
    app.send(Request::get(wanted)).await.sends_on_to(login);
    let page = app.send(Request::get(login)).await;
    assert!(page.text().contains(&format!(r#"name="next" value="{wanted}""#)), "{}", page.text());
    let form = [("username", "player"), ("password", PASSWORD), ("next", wanted)];
    app.send(Request::post("/login").form(&form)).await.sends_on_to(wanted);
}

#[actix_web::test]
async fn nobody_is_sent_elsewhere() {
    let (_world, app, browser) = world_with_player().await;
    for elsewhere in ["//evil.example/", "https://evil.example/", "/\\evil.example"] {
        let form = [("username", "player"), ("password", PASSWORD), ("next", elsewhere)];
        app.send(Request::post("/login").form(&form)).await.sends_on_to("/");
        let encoded = elsewhere.replace('/', "%2F").replace('\\', "%5C").replace(':', "%3A");
        app.send(browser.get(&format!("/login?next={encoded}"))).await.sends_on_to("/");
    }
}

#[actix_web::test]
async fn a_wrong_password_is_told_and_the_name_kept() {
    let (_world, app, _) = world_with_player().await;
    let answer = app.send(Request::post("/login").form(&[("username", "<b>"), ("password", "wrong")])).await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (401, None));
    assert!(answer.text().contains("Wrong name or password.") && answer.text().contains("&#60;b&#62;"));
}

#[actix_web::test]
async fn logging_out_ends_the_session() {
    let (_world, app, browser) = world_with_player().await;
    assert_eq!(app.send(browser.get("/logout")).await.status, 200);
    let answer = app.send(browser.send("/logout", &[])).await;
    answer.sends_on_to("/login");
    app.send(browser.get("/")).await.sends_on_to("/login?next=%2F");
}

fn setup_form(token: &str) -> Request {
    let form = [("token", token), ("username", "first"), ("email", ""), ("password", PASSWORD)];
    Request::post("/setup").form(&form)
}

#[actix_web::test]
async fn the_first_account_is_made_with_the_printed_address_and_logged_in() {
    let world = World::with(|settings| settings.setup_token = Some(Secret::new("printed").digest()));
    let app = world.app().await;
    assert_eq!(app.send(Request::get("/setup")).await.status, 403);
    assert_eq!(app.send(Request::get("/setup?token=guessed")).await.status, 403);
    assert_eq!(app.send(setup_form("guessed")).await.status, 403);
    let page = app.send(Request::get("/setup?token=printed")).await;
    assert!(page.text().contains(r#"name="token" value="printed""#));
    let bad = [("token", "printed"), ("username", "a:b"), ("email", ""), ("password", PASSWORD)];
    assert_eq!(app.send(Request::post("/setup").form(&bad)).await.status, 422);
    let answer = app.send(setup_form("printed")).await;
    answer.sends_on_to("/");
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap();
    let me = app.send(Request::get("/api/users/me").header("cookie", cookie)).await.ok();
    assert_eq!((&me["username"], &me["role"]), (&json!("first"), &json!("admin")));
}

#[actix_web::test]
async fn there_is_nothing_to_set_up_afterwards() {
    let world = World::with(|settings| settings.setup_token = Some(Secret::new("printed").digest()));
    world.a_person("admin", Role::Admin).await;
    let app = world.app().await;
    app.send(Request::get("/setup?token=printed")).await.sends_on_to("/login");
    app.send(setup_form("printed")).await.sends_on_to("/login");
    assert_eq!(
        app.send(Request::get("/api/users").basic("admin", PASSWORD)).await.ok().as_array().unwrap().len(),
        1
    );
}

#[actix_web::test]
async fn the_start_page_shows_one_s_devices_and_the_library() {
    let (world, app, browser) = world_with_player().await;
    let empty = app.send(browser.get("/")).await;
    assert!(
        empty.text().contains("No device is paired yet") && empty.text().contains("The library is empty")
    );
    let stranger = world.a_player("stranger");
    world.a_device(&stranger.user, "Not mine");
    let me = app.send(browser.get("/api/users/me")).await.ok();
    let user = world.keep(|tx| tx.users().find_by_name("player")).unwrap();
    assert_eq!(me["id"], user.id.0);
    world.a_device(&user, "Deck <1>");
    world.a_game();
    world.clock.advance(Duration::hours(2));
    let page = app.send(browser.get("/")).await;
    let text = page.text();
    assert!(text.contains("Deck &#60;1&#62;") && text.contains("2 hours ago"), "{text}");
    assert!(text.contains("1 game on 1 platform.") && text.contains(r#"href="/pair/device""#), "{text}");
    assert!(!text.contains("Not mine") && !text.contains("/library"), "{text}");
}

#[actix_web::test]
async fn an_administrator_names_the_library_and_scans_it() {
    let (world, app) = world_with(&[("admin", Role::Admin)]).await;
    let admin = Browser::of("admin", &app).await;
    let page = app.send(admin.send("/library/scan", &[])).await;
    assert!(page.status == 400 && page.text().contains("no library folder is set"), "{}", page.text());
    app.send(admin.send("/library", &[("folder", " /games ")])).await.sends_on_to("/library");
    assert!(app.send(admin.get("/library")).await.text().contains(r#"value="/games""#));
    let page = app.send(admin.send("/library/scan", &[])).await;
    assert!(
        page.status == 400 && page.text().contains("library folder not found: /games"),
        "{}",
        page.text()
    );
    world.library.put("/games", vec![("gba".to_owned(), a_found_game("a.gba", 1))]);
    app.send(admin.send("/library/scan", &[])).await.sends_on_to("/library");
    assert!(app.send(admin.get("/library")).await.text().contains("Games found so far"));
    let report = ScanReport { platforms: 1, found: 2, added: 2, ..ScanReport::default() };
    world.scans.end(at(1), Ok(report));
    let page = app.send(admin.get("/library")).await;
    for row in ["<dt>Platforms</dt><dd>1</dd>", "<dt>Games found</dt><dd>2</dd>", "<dt>New</dt><dd>2</dd>"] {
        assert!(page.text().contains(row), "{row}");
    }
}

#[actix_web::test]
async fn the_library_is_not_for_others() {
    let (_world, app, browser) = world_with_player().await;
    assert_eq!(app.send(browser.get("/library")).await.status, 403);
    assert_eq!(app.send(browser.send("/library", &[("folder", "/")])).await.status, 403);
    assert_eq!(app.send(browser.send("/library/scan", &[])).await.status, 403);
}

async fn begin(app: &App, identifier: &str) -> Value {
    let body = json!({
        "client_device_identifier": identifier,
        "name": "Handheld <i>",
        "client": "grout",
        "client_version": "1.2",
        "platform": "muOS",
        "requested_scopes": ["devices.write", "assets.read", "users.write"],
    });
    let request =
        Request::post("/api/auth/device/init").header("user-agent", "grout/1.2").from("192.168.1.20");
    app.send(request.json(&body)).await.json()
}

async fn poll(app: &App, begun: &Value) -> Answer {
    let body = json!({"device_code": begun["device_code"]});
    app.send(Request::post("/api/auth/device/token").json(&body)).await
}

async fn consider(app: &App, browser: &Browser, typed: &str) -> Answer {
    app.send(browser.send("/pair/device", &[("user_code", typed)]).from("192.168.1.77")).await
}

fn code(begun: &Value) -> &str {
    begun["user_code"].as_str().unwrap()
}

#[actix_web::test]
async fn a_code_in_the_address_fills_the_field_and_claims_nothing() {
    let (world, app, browser) = world_with_player().await;
    world.a_person("other", Role::User).await;
    let begun = begin(&app, "card-1").await;
    let page = app.send(browser.get(&format!("/pair/device?user_code={}", code(&begun)))).await;
    assert!(
        page.text().contains(&format!(r#"value="{}""#, code(&begun))) && page.text().contains("autofocus")
    );
    let other = Browser::of("other", &app).await;
    assert_eq!(consider(&app, &other, code(&begun)).await.status, 200);
}

#[actix_web::test]
async fn the_consent_page_shows_who_asks() {
    let (world, app, browser) = world_with_player().await;
    let begun = begin(&app, "card-1").await;
    world.clock.advance(Duration::seconds(12));
    let page = consider(&app, &browser, &code(&begun).to_lowercase()).await;
    assert_eq!(page.status, 200);
    let (first, second) = code(&begun).split_at(4);
    for shown in [
        &format!("{first}-{second}"),
        "Compare with your device",
        "Claimed by the device, not verified",
        "Handheld &#60;i&#62;",
        "<dd>grout</dd>",
        "<dd>muOS</dd>",
        "<dd>1.2</dd>",
        "<dd>card-1</dd>",
        "<dd>grout/1.2</dd>",
        "<dd>192.168.1.20</dd>",
        "<dt>Same network as you</dt><dd>yes</dd>",
        "<dd>12 seconds ago</dd>",
        r#"name="scope" value="assets.read" checked"#,
        r#"name="scope" value="devices.write" checked"#,
        r#"<option value="never" selected>"#,
        r#"name="in_front_of_me""#,
        r#"value="approve""#,
        r#"value="deny""#,
    ] {
        assert!(page.text().contains(shown), "{shown} in {}", page.text());
    }
    assert!(!page.text().contains("users.write") && !page.text().contains("Replaces"));
}

#[actix_web::test]
async fn a_device_in_another_network_is_told() {
    let (_world, app, browser) = world_with_player().await;
    let begun = begin(&app, "card-1").await;
    let page =
        app.send(browser.send("/pair/device", &[("user_code", code(&begun))]).from("203.0.113.9")).await;
    assert!(page.text().contains("<dt>Same network as you</dt><dd>no</dd>"));
}

#[actix_web::test]
async fn a_device_is_approved_only_with_the_tick() {
    let (_world, app, browser) = world_with_player().await;
    let begun = begin(&app, "card-1").await;
    let without = [
        ("user_code", code(&begun)),
        ("decision", "approve"),
        ("device_name", "Deck"),
        ("scope", "assets.read"),
        ("expires_in", "90d"),
    ];
    let page = app.send(browser.send("/pair/device/decision", &without)).await;
    assert_eq!(page.status, 422);
    for kept in [
        r#"value="Deck""#,
        r#"value="assets.read" checked"#,
        r#"value="devices.write">"#,
        r#"<option value="90d" selected>"#,
        "Tick that the device is in front of you",
    ] {
        assert!(page.text().contains(kept), "{kept} in {}", page.text());
    }
    poll(&app, &begun).await.is_refused(400, "authorization_pending");
    let ticked = [&without[..], &[("in_front_of_me", "yes")]].concat();
    let page = app.send(browser.send("/pair/device/decision", &ticked)).await;
    assert!(page.status == 200 && page.text().contains("Deck is approved"), "{}", page.text());
    let paired = poll(&app, &begun).await.ok();
    assert_eq!(paired["scopes"], json!(["assets.read"]));
    assert!(paired["expires_at"].is_string());
}

#[actix_web::test]
async fn something_has_to_be_allowed() {
    let (_world, app, browser) = world_with_player().await;
    let begun = begin(&app, "card-1").await;
    let form = [("user_code", code(&begun)), ("decision", "approve"), ("in_front_of_me", "yes")];
    let page = app.send(browser.send("/pair/device/decision", &form)).await;
    assert!(page.status == 422 && page.text().contains("Allow at least one thing"), "{}", page.text());
}

#[actix_web::test]
async fn a_denied_device_gets_nothing() {
    let (_world, app, browser) = world_with_player().await;
    let begun = begin(&app, "card-1").await;
    let form = [("user_code", code(&begun)), ("decision", "deny")];
    let page = app.send(browser.send("/pair/device/decision", &form)).await;
    assert!(page.status == 200 && page.text().contains("The device gets no access"));
    poll(&app, &begun).await.is_refused(400, "access_denied");
    let again = app.send(browser.send("/pair/device/decision", &form)).await;
    assert!(again.status == 410 && again.text().contains("used already"), "{}", again.text());
}

#[actix_web::test]
async fn a_known_device_is_said_to_be_replaced() {
    let (world, app, browser) = world_with_player().await;
    let first = begin(&app, "card-1").await;
    let form = [
        ("user_code", code(&first)),
        ("decision", "approve"),
        ("device_name", "Deck"),
        ("scope", "assets.read"),
        ("in_front_of_me", "yes"),
    ];
    app.send(browser.send("/pair/device/decision", &form)).await;
    poll(&app, &first).await.ok();
    world.clock.advance(Duration::days(3));
    let second = begin(&app, "card-1").await;
    let page = consider(&app, &browser, code(&second)).await;
    assert!(page.text().contains("Replaces Deck, last seen 3 days ago"), "{}", page.text());
}

#[actix_web::test]
async fn a_code_of_another_account_is_unknown_with_a_way_to_switch() {
    let (world, app, browser) = world_with_player().await;
    world.a_person("other", Role::User).await;
    let other = Browser::of("other", &app).await;
    let begun = begin(&app, "card-1").await;
    consider(&app, &other, code(&begun)).await;
    let page = consider(&app, &browser, code(&begun)).await;
    assert_eq!(page.status, 404);
    assert!(
        page.text().contains("No device waits under this code")
            && page.text().contains("Use another account")
    );
}

#[actix_web::test]
async fn too_many_wrong_codes_are_told_as_a_page() {
    let (_world, app, browser) = world_with_player().await;
    for _ in 0..5 {
        assert_eq!(consider(&app, &browser, "AAAAAAAA").await.status, 404);
    }
    let page = consider(&app, &browser, "AAAAAAAA").await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (429, Some("60")));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
}
