//! Accounts and tokens (contract § 1).
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod support;

use chrono::Duration;
use memcard_domain::account::{Role, Scope, ScopeSet};
use memcard_domain::secret::Secret;
use serde_json::{Value, json};
use support::{App, PASSWORD, Request, World};

async fn world_of(people: &[(&str, Role)]) -> (World, App) {
    let world = World::new();
    for (name, role) in people {
        world.a_person(name, *role).await;
    }
    let app = world.app().await;
    (world, app)
}

async fn token_by_password(app: &App, scope: &str) -> support::Answer {
    let form = [("grant_type", "password"), ("username", "player"), ("password", PASSWORD), ("scope", scope)];
    app.send(Request::post("/api/token").form(&form)).await
}

async fn refreshed(app: &App, token: &Value) -> support::Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
    app.send(Request::post("/api/token").form(&form)).await
}

fn new_token(scopes: &[&str]) -> Value {
    json!({"name": "script", "scopes": scopes})
}

#[actix_web::test]
async fn a_password_buys_an_access_token_for_a_quarter_of_an_hour() {
    let (world, app) = world_of(&[("player", Role::User)]).await;
    let token = token_by_password(&app, "").await.ok();
    assert_eq!((&token["token_type"], &token["expires"]), (&json!("bearer"), &json!(900)));
    assert_eq!(token["refresh_expires"], 30 * 24 * 3600);
    let me = || Request::get("/api/users/me").bearer(token["access_token"].as_str().unwrap());
    assert_eq!(app.send(me()).await.ok()["username"], "player");
    world.clock.advance(Duration::minutes(15));
    app.send(me()).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn an_access_token_may_only_do_what_it_was_asked_for() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let token = token_by_password(&app, "devices.read").await.ok();
    let bearer = token["access_token"].as_str().unwrap();
    app.send(Request::get("/api/devices").bearer(bearer)).await.ok();
    app.send(Request::get("/api/users/me").bearer(bearer)).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn scopes_above_one_s_own_are_refused() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let answer = token_by_password(&app, "me.read users.write").await;
    answer.is_refused(403, "Requested scopes exceed your permissions: users.write");
    token_by_password(&app, "nonsense").await.is_invalid_at(&json!(["body", "scope"]));
}

#[actix_web::test]
async fn a_refresh_token_is_good_once() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let first = token_by_password(&app, "").await.ok();
    let second = refreshed(&app, &first["refresh_token"]).await.ok();
    assert_ne!(first["access_token"], second["access_token"]);
    refreshed(&app, &first["refresh_token"]).await.is_refused(401, "Not authenticated");
    let old = Request::get("/api/users/me").bearer(first["access_token"].as_str().unwrap());
    app.send(old).await.is_refused(401, "Not authenticated");
    refreshed(&app, &second["refresh_token"]).await.ok();
}

#[actix_web::test]
async fn another_grant_or_a_missing_member_is_invalid() {
    let (_world, app) = world_of(&[]).await;
    for (form, member) in [
        (&[("grant_type", "magic")][..], "grant_type"),
        (&[("grant_type", "password")], "username"),
        (&[("grant_type", "password"), ("username", "player")], "password"),
        (&[("grant_type", "refresh_token")], "refresh_token"),
        (&[], "grant_type"),
    ] {
        let answer = app.send(Request::post("/api/token").form(form)).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

#[actix_web::test]
async fn the_first_account_needs_the_setup_token_and_is_an_admin() {
    let world = World::with(|settings| settings.setup_token = Some(Secret::new("printed").digest()));
    let app = world.app().await;
    let account = json!({"username": "first", "password": PASSWORD, "role": "user"});
    let create = || Request::post("/api/users").json(&account);
    app.send(create()).await.is_refused(403, "Forbidden");
    app.send(create().header("x-setup-token", "guessed")).await.is_refused(403, "Forbidden");
    let answer = app.send(create().header("x-setup-token", "printed")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["role"]), (201, &json!("admin")));
    app.send(create().header("x-setup-token", "printed")).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn the_setup_token_may_stand_in_the_body_and_without_one_nobody_sets_up() {
    let account = json!({"username": "first", "password": PASSWORD, "setup_token": "printed"});
    let closed = World::new();
    closed.app().await.send(Request::post("/api/users").json(&account)).await.is_refused(403, "Forbidden");
    let open = World::with(|settings| settings.setup_token = Some(Secret::new("printed").digest()));
    let answer = open.app().await.send(Request::post("/api/users").json(&account)).await;
    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn afterwards_only_an_administrator_adds_users() {
    let (_world, app) = world_of(&[("admin", Role::Admin), ("player", Role::User)]).await;
    let account =
        json!({"username": "new", "password": "secret", "role": "editor", "email": "new@example.org"});
    let create = |name| Request::post("/api/users").basic(name, PASSWORD).json(&account);
    app.send(create("player")).await.is_refused(403, "Forbidden");
    let answer = app.send(create("admin")).await;
    assert_eq!(answer.status, 201);
    let user = answer.json();
    assert_eq!((&user["role"], &user["email"]), (&json!("editor"), &json!("new@example.org")));
    assert_eq!(app.send(create("admin")).await.status, 409);
}

#[actix_web::test]
async fn what_is_no_account_is_invalid() {
    let (_world, app) = world_of(&[("admin", Role::Admin)]).await;
    for (account, member) in [
        (json!({"password": "secret"}), "username"),
        (json!({"username": "a:b", "password": "secret"}), "username"),
        (json!({"username": "new", "password": ""}), "password"),
        (json!({"username": "new", "password": "secret", "role": "nonsense"}), "role"),
    ] {
        let answer = app.send(Request::post("/api/users").basic("admin", PASSWORD).json(&account)).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

#[actix_web::test]
async fn users_are_listed_for_administrators_alone() {
    let (_world, app) = world_of(&[("admin", Role::Admin), ("player", Role::User)]).await;
    let users = app.send(Request::get("/api/users").basic("admin", PASSWORD)).await.ok();
    let names: Vec<_> = users.as_array().unwrap().iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, ["admin", "player"]);
    app.send(Request::get("/api/users").basic("player", PASSWORD)).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn the_caller_is_shown_with_role_scopes_and_device() {
    let world = World::new();
    let player = world.a_player("player");
    let device = world.a_device(&player.user, "Handheld");
    let token = world.a_token(&player.user, ScopeSet::ALL, Some(device));
    let app = world.app().await;
    let me = app.send(Request::get("/api/users/me").bearer(&token)).await.ok();
    assert_eq!(me["current_device_id"], device.to_string());
    assert_eq!((&me["role"], &me["enabled"], &me["avatar_path"]), (&json!("user"), &json!(true), &json!("")));
    assert_eq!(me["oauth_scopes"], json!(Role::User.scopes().names()));
    let created = me["created_at"].as_str().unwrap();
    assert!(created.ends_with("+00:00"), "{created}");
    let me = app.send(Request::get("/api/users/me").bearer(&player.token)).await.ok();
    assert_eq!(me["current_device_id"], Value::Null);
}

#[actix_web::test]
async fn permissions_say_who_is_an_admin_and_hide_nothing() {
    let (_world, app) = world_of(&[("admin", Role::Admin), ("player", Role::User)]).await;
    for (name, is_admin) in [("admin", true), ("player", false)] {
        let answer = app.send(Request::get("/api/permissions/me").basic(name, PASSWORD)).await.ok();
        assert_eq!(
            answer,
            json!({"is_admin": is_admin, "grants": [], "hidden": {"platforms": [], "roms": []}})
        );
    }
}

#[actix_web::test]
async fn one_s_own_account_is_changed_by_form_or_json() {
    let (world, app) = world_of(&[("player", Role::User)]).await;
    let id = world.a_person("other", Role::User).await.id;
    let uri = format!("/api/users/{id}");
    let form = Request::put(&uri).basic("other", PASSWORD).form(&[("email", "o@example.org")]);
    assert_eq!(app.send(form).await.ok()["email"], "o@example.org");
    let json = Request::put(&uri).basic("other", PASSWORD).json(&json!({"email": ""}));
    assert_eq!(app.send(json).await.ok()["email"], Value::Null);
    let role = Request::put(&uri).basic("other", PASSWORD).json(&json!({"role": "admin"}));
    app.send(role).await.is_refused(403, "Forbidden");
    let foreign = Request::put(&uri).basic("player", PASSWORD).json(&json!({"email": "p@example.org"}));
    app.send(foreign).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    let (_world, app) = world_of(&[("admin", Role::Admin)]).await;
    let id = app.send(Request::get("/api/users/me").basic("admin", PASSWORD)).await.ok()["id"].clone();
    let demote =
        Request::put(&format!("/api/users/{id}")).basic("admin", PASSWORD).json(&json!({"role": "user"}));
    assert_eq!(app.send(demote).await.status, 400);
    let delete = Request::delete(&format!("/api/users/{id}")).basic("admin", PASSWORD);
    assert_eq!(app.send(delete).await.status, 400);
}

#[actix_web::test]
async fn a_deleted_user_is_gone_and_so_are_their_credentials() {
    let (world, app) = world_of(&[("admin", Role::Admin)]).await;
    let player = world.a_player("player");
    let delete = || Request::delete(&format!("/api/users/{}", player.user.id)).basic("admin", PASSWORD);
    assert_eq!(app.send(delete()).await.ok(), Value::Null);
    app.send(delete()).await.is_refused(404, &format!("User with ID {} not found", player.user.id));
    app.send(Request::get("/api/users/me").bearer(&player.token)).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn a_client_token_is_shown_once() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let body =
        json!({"name": "script", "scopes": ["me.read", "devices.read", "me.read"], "expires_in": "30d"});
    let answer = app.send(Request::post("/api/client-tokens").basic("player", PASSWORD).json(&body)).await;
    assert_eq!(answer.status, 201);
    let token = answer.json();
    let secret = token["raw_token"].as_str().unwrap();
    assert!(secret.starts_with("rmm_") && secret.len() == 68, "{secret}");
    assert_eq!(token["scopes"], json!(["devices.read", "me.read"]));
    assert_eq!((&token["last_used_at"], &token["device_id"]), (&Value::Null, &Value::Null));
    assert_eq!(app.send(Request::get("/api/users/me").bearer(secret)).await.ok()["username"], "player");
    let list = app.send(Request::get("/api/client-tokens").basic("player", PASSWORD)).await.ok();
    assert_eq!((&list[0]["id"], &list[0]["name"]), (&token["id"], &json!("script")));
    assert_eq!(list[0].get("raw_token"), None);
    assert!(list[0]["last_used_at"].is_string());
}

#[actix_web::test]
async fn a_client_token_ends_when_it_was_said_to() {
    let (world, app) = world_of(&[("player", Role::User)]).await;
    let body = json!({"name": "script", "scopes": ["me.read"], "expires_in": "30d"});
    let create = Request::post("/api/client-tokens").basic("player", PASSWORD).json(&body);
    let token = app.send(create).await.json();
    let secret = token["raw_token"].as_str().unwrap();
    world.clock.advance(Duration::days(30));
    app.send(Request::get("/api/users/me").bearer(secret)).await.is_refused(401, "Not authenticated");
}

#[actix_web::test]
async fn what_is_no_token_is_invalid() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let create = |body: &Value| Request::post("/api/client-tokens").basic("player", PASSWORD).json(body);
    for (body, member) in [
        (new_token(&[]), "scopes"),
        (new_token(&["nonsense"]), "scopes"),
        (json!({"name": "", "scopes": ["me.read"]}), "name"),
        (json!({"scopes": ["me.read"]}), "name"),
    ] {
        app.send(create(&body)).await.is_invalid_at(&json!(["body", member]));
    }
    let answer = app.send(create(&json!({"name": "a", "scopes": ["me.read"], "expires_in": "2w"}))).await;
    answer.is_refused(422, "Invalid expires_in value: 2w. Valid values: 30d, 90d, 1y, never");
    let answer = app.send(create(&new_token(&["me.read", "users.write", "logs.read"]))).await;
    answer.is_refused(403, "Requested scopes exceed your permissions: logs.read, users.write");
}

#[actix_web::test]
async fn a_user_has_25_live_tokens_at_most() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let create =
        || Request::post("/api/client-tokens").basic("player", PASSWORD).json(&new_token(&["me.read"]));
    for _ in 0..25 {
        assert_eq!(app.send(create()).await.status, 201);
    }
    app.send(create()).await.is_refused(400, "Maximum of 25 tokens per user reached");
}

#[actix_web::test]
async fn a_client_token_makes_no_tokens() {
    let world = World::new();
    let player = world.a_player("player");
    let app = world.app().await;
    let create = Request::post("/api/client-tokens").bearer(&player.token).json(&new_token(&["me.read"]));
    app.send(create).await.is_refused(403, "Forbidden");
}

#[actix_web::test]
async fn a_regenerated_token_s_old_secret_is_dead() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let create = Request::post("/api/client-tokens").basic("player", PASSWORD).json(&new_token(&["me.read"]));
    let old = app.send(create).await.json();
    let uri = format!("/api/client-tokens/{}/regenerate", old["id"]);
    let new = app.send(Request::put(&uri).basic("player", PASSWORD)).await.ok();
    assert_eq!(old["id"], new["id"]);
    let me = |token: &Value| Request::get("/api/users/me").bearer(token["raw_token"].as_str().unwrap());
    app.send(me(&old)).await.is_refused(401, "Not authenticated");
    app.send(me(&new)).await.ok();
}

#[actix_web::test]
async fn a_token_is_deleted_by_its_owner_and_unknown_to_others() {
    let (world, app) = world_of(&[("player", Role::User)]).await;
    let other = world.a_player("other");
    let create = Request::post("/api/client-tokens").basic("player", PASSWORD).json(&new_token(&["me.read"]));
    let token = app.send(create).await.json();
    let uri = format!("/api/client-tokens/{}", token["id"]);
    app.send(Request::delete(&uri).bearer(&other.token)).await.is_refused(404, "Token not found");
    assert_eq!(app.send(Request::delete(&uri).basic("player", PASSWORD)).await.ok(), Value::Null);
    app.send(Request::delete(&uri).basic("player", PASSWORD)).await.is_refused(404, "Token not found");
}

#[actix_web::test]
async fn administrators_see_and_delete_everybody_s_tokens() {
    let (world, app) = world_of(&[("admin", Role::Admin)]).await;
    let player = world.a_player("player");
    let all = app.send(Request::get("/api/client-tokens/all").basic("admin", PASSWORD)).await.ok();
    assert_eq!((&all[0]["username"], &all[0]["user_avatar_path"]), (&json!("player"), &json!("")));
    assert!(all[0]["user_updated_at"].is_string());
    let uri = format!("/api/client-tokens/{}/admin", all[0]["id"]);
    app.send(Request::delete(&uri).bearer(&player.token)).await.is_refused(403, "Forbidden");
    app.send(Request::get("/api/client-tokens/all").bearer(&player.token)).await.is_refused(403, "Forbidden");
    app.send(Request::delete(&uri).basic("admin", PASSWORD)).await.ok();
    app.send(Request::get("/api/users/me").bearer(&player.token)).await.is_refused(401, "Not authenticated");
}

async fn offered(app: &App) -> (Value, String) {
    let create = Request::post("/api/client-tokens").basic("player", PASSWORD).json(&new_token(&["me.read"]));
    let token = app.send(create).await.json();
    let uri = format!("/api/client-tokens/{}/pair", token["id"]);
    let offer = app.send(Request::post(&uri).basic("player", PASSWORD)).await.ok();
    assert_eq!(offer["expires_in"], 60);
    (token, offer["code"].as_str().unwrap().to_owned())
}

fn exchange(code: &str) -> Request {
    Request::post("/api/client-tokens/exchange").json(&json!({ "code": code })).from("192.0.2.1")
}

#[actix_web::test]
async fn a_pair_code_hands_out_its_token_once_with_a_fresh_secret() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let (token, code) = offered(&app).await;
    assert!(
        code.len() == 8 && code.bytes().all(|it| b"ABCDEFGHJKMNPQRSTUVWXYZ23456789".contains(&it)),
        "{code}"
    );
    let status = format!("/api/client-tokens/pair/{code}/status");
    assert_eq!(app.send(Request::get(&status)).await.ok(), Value::Null);
    let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    let handed = app.send(exchange(&typed)).await.ok();
    assert_eq!((&handed["id"], &handed["name"]), (&token["id"], &json!("script")));
    assert_ne!(handed["raw_token"], token["raw_token"]);
    app.send(Request::get(&status)).await.is_refused(404, "Not Found");
    app.send(exchange(&code)).await.is_refused(404, "Invalid or expired pairing code");
}

#[actix_web::test]
async fn a_pair_code_is_good_for_a_minute() {
    let (world, app) = world_of(&[("player", Role::User)]).await;
    let (_, code) = offered(&app).await;
    world.clock.advance(Duration::seconds(60));
    app.send(Request::get(&format!("/api/client-tokens/pair/{code}/status")))
        .await
        .is_refused(404, "Not Found");
    app.send(exchange(&code)).await.is_refused(404, "Invalid or expired pairing code");
}

#[actix_web::test]
async fn a_pair_code_of_a_token_that_is_gone_says_so() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    let (token, code) = offered(&app).await;
    let delete = Request::delete(&format!("/api/client-tokens/{}", token["id"])).basic("player", PASSWORD);
    app.send(delete).await.ok();
    let answer = app.send(exchange(&code)).await;
    assert!(
        ["Token no longer exists", "Invalid or expired pairing code"]
            .contains(&answer.json()["detail"].as_str().unwrap()),
        "{}",
        answer.text()
    );
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn exchanging_is_limited_per_address() {
    let (_world, app) = world_of(&[("player", Role::User)]).await;
    for _ in 0..5 {
        app.send(exchange("AAAAAAAA")).await.is_refused(404, "Invalid or expired pairing code");
    }
    let answer = app.send(exchange("AAAAAAAA")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("60")));
    let elsewhere = app.send(exchange("AAAAAAAA").from("192.0.2.2")).await;
    elsewhere.is_refused(404, "Invalid or expired pairing code");
}

#[actix_web::test]
async fn a_token_s_scopes_are_held_against_its_owner_s_present_ones() {
    let world = World::new();
    let admin = world.a_player_with("admin", Role::Admin);
    let second = world.a_player_with("second", Role::Admin);
    let app = world.app().await;
    let users = || Request::get("/api/users").bearer(&second.token);
    app.send(users()).await.ok();
    let demote = Request::put(&format!("/api/users/{}", second.user.id)).bearer(&admin.token);
    app.send(demote.json(&json!({"role": "user"}))).await.ok();
    app.send(users()).await.is_refused(403, "Forbidden");
    assert!(!Role::User.scopes().contains(Scope::UsersRead));
}
