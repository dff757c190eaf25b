//! Accounts, roles and the credentials that are no client tokens (contract § 1).

use memcard_testkit::Multipart;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Home, PASSWORD, Person, Server, on_every_database};

on_every_database! {
    every_scope_there_is_is_accepted_wherever_scopes_are_named,
    each_role_carries_its_scopes_and_another_role_is_invalid,
    every_kind_of_credential_opens_every_route,
    a_password_buys_an_access_token_with_the_user_s_scopes,
    an_access_token_may_only_do_what_it_was_asked_for,
    an_access_token_with_scopes_above_one_s_own_is_refused,
    a_refresh_token_is_good_once,
    another_grant_or_a_missing_member_is_invalid,
    a_browser_logs_in_by_basic_credentials_or_by_form,
    a_session_is_dead_after_logout,
    authorization_wins_over_the_cookie,
    the_first_account_needs_the_setup_token_and_is_an_administrator_s,
    the_setup_token_may_stand_in_the_body,
    afterwards_only_an_administrator_adds_users,
    what_is_no_account_is_invalid,
    users_are_listed_for_administrators_alone,
    one_s_own_account_is_changed_by_form_or_json,
    the_last_administrator_stays_one,
    a_deleted_user_is_gone_and_so_are_their_credentials,
    the_caller_is_shown_with_every_member,
    the_current_device_is_the_bound_token_s,
    permissions_say_who_is_an_administrator_and_hide_nothing,
}

const SCOPES: [&str; 22] = [
    "me.read",
    "me.write",
    "roms.read",
    "roms.write",
    "roms.user.read",
    "roms.user.write",
    "platforms.read",
    "platforms.write",
    "assets.read",
    "assets.write",
    "devices.read",
    "devices.write",
    "firmware.read",
    "firmware.write",
    "collections.read",
    "collections.write",
    "playlists.read",
    "playlists.write",
    "users.read",
    "users.write",
    "tasks.run",
    "logs.read",
];

async fn with_player(home: &Home) -> (Server, Person, Person) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    (server, admin, player)
}

async fn buy_token(server: &Server, name: &str, scope: Option<&str>) -> Answer {
    let mut form = vec![("grant_type", "password"), ("username", name), ("password", PASSWORD)];
    form.extend(scope.map(|scope| ("scope", scope)));
    server.post("/api/token").form(&form).await
}

async fn refresh(server: &Server, bought: &Value) -> Answer {
    let token = bought["refresh_token"].as_str().unwrap();
    server.post("/api/token").form(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

fn access(bought: &Value) -> &str {
    bought["access_token"].as_str().unwrap()
}

fn sorted(mut scopes: Vec<&str>) -> Value {
    scopes.sort_unstable();
    json!(scopes)
}

async fn every_scope_there_is_is_accepted_wherever_scopes_are_named(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let expected = sorted(SCOPES.to_vec());
    assert_eq!(server.get("/api/users/me").by(&admin).await.ok()["oauth_scopes"], expected);
    buy_token(&server, "admin", Some(&SCOPES.join(" "))).await.ok();
    let token = json!({"name": "all", "scopes": SCOPES});
    let token = server.post("/api/client-tokens").in_person(&admin).json(&token).await.created();
    assert_eq!(token["scopes"], expected);
    let request = json!({
        "client_device_identifier": "x", "name": "x", "client": "x", "requested_scopes": SCOPES,
    });
    let begun = server.post("/api/auth/device/init").json(&request).await.created();
    let pending = format!("/api/auth/device/pending/{}", begun["user_code"].as_str().unwrap());
    assert_eq!(server.get(&pending).in_person(&admin).await.ok()["requested_scopes"], expected);
}

async fn each_role_carries_its_scopes_and_another_role_is_invalid(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let reads =
        ["me", "roms", "roms.user", "platforms", "assets", "devices", "firmware", "collections", "playlists"];
    let reads = reads.map(|name| format!("{name}.read"));
    let mut scopes: Vec<&str> = reads.iter().map(String::as_str).collect();
    scopes.extend(["me.write", "assets.write", "devices.write", "roms.user.write", "collections.write"]);
    scopes.push("playlists.write");
    let of_user = sorted(scopes.clone());
    scopes.extend(["roms.write", "platforms.write", "firmware.write"]);
    let of_editor = sorted(scopes);
    let of_admin = sorted(SCOPES.to_vec());
    for (role, shown, scopes) in [
        ("user", "user", &of_user),
        ("viewer", "user", &of_user),
        ("editor", "editor", &of_editor),
        ("admin", "admin", &of_admin),
    ] {
        let account = json!({"username": format!("a {role}"), "password": "secret", "role": role});
        let made = server.post("/api/users").by(&admin).json(&account).await.created();
        assert_eq!((&made["role"], &made["oauth_scopes"]), (&json!(shown), scopes), "{role}");
    }
    for role in ["owner", "", "users"] {
        let account = json!({"username": "another", "password": "secret", "role": role});
        let answer = server.post("/api/users").by(&admin).json(&account).await;
        answer.is_invalid_at(&json!(["body", "role"]));
    }
}

async fn every_kind_of_credential_opens_every_route(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let browser = Browser::of("player", &server).await;
    for uri in ["/api/users/me", "/api/devices", "/api/saves", "/api/roms", "/api/client-tokens"] {
        server.get(uri).by(&player).await.ok();
        server.get(uri).in_person(&player).await.ok();
        server.get(uri).basic("player", PASSWORD).await.ok();
        browser.cookie_on(server.get(uri)).await.ok();
    }
    let game = server.declare_game(&player, "Game.gba").await;
    let upload = || {
        let request = server.post(&format!("/api/saves?rom_id={game}"));
        request.multipart(Multipart::save("a.srm", b"x"))
    };
    for request in [
        upload().by(&player),
        upload().in_person(&player),
        upload().basic("player", PASSWORD),
        browser.script(upload()),
    ] {
        request.await.ok();
    }
}

async fn a_password_buys_an_access_token_with_the_user_s_scopes(home: &Home) {
    let (server, _, _) = with_player(home).await;
    for scope in [None, Some("")] {
        let bought = buy_token(&server, "player", scope).await.ok();
        let mut members: Vec<_> = bought.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["access_token", "expires", "refresh_expires", "refresh_token", "token_type"]);
        assert_eq!((&bought["token_type"], &bought["expires"]), (&json!("bearer"), &json!(900)));
        assert_eq!(bought["refresh_expires"], 30 * 24 * 3600);
        for uri in ["/api/users/me", "/api/devices", "/api/saves", "/api/roms"] {
            server.get(uri).by(access(&bought)).await.ok();
        }
    }
    for (name, password) in [("player", "wrong"), ("nobody", PASSWORD)] {
        let form = [("grant_type", "password"), ("username", name), ("password", password)];
        server.post("/api/token").form(&form).await.is_refused(401, "Not authenticated");
    }
}

async fn an_access_token_may_only_do_what_it_was_asked_for(home: &Home) {
    let (server, _, _) = with_player(home).await;
    let bought = buy_token(&server, "player", Some("devices.read roms.read")).await.ok();
    server.get("/api/devices").by(access(&bought)).await.ok();
    server.get("/api/roms").by(access(&bought)).await.ok();
    server.get("/api/users/me").by(access(&bought)).await.is_refused(403, "Forbidden");
}

async fn an_access_token_with_scopes_above_one_s_own_is_refused(home: &Home) {
    let (server, _, _) = with_player(home).await;
    let answer = buy_token(&server, "player", Some("me.read users.write")).await;
    answer.is_refused(403, "Requested scopes exceed your permissions: users.write");
    buy_token(&server, "player", Some("nonsense")).await.is_invalid_at(&json!(["body", "scope"]));
}

async fn a_refresh_token_is_good_once(home: &Home) {
    let (server, _, _) = with_player(home).await;
    let first = buy_token(&server, "player", None).await.ok();
    let second = refresh(&server, &first).await.ok();
    assert_ne!(first["access_token"], second["access_token"]);
    refresh(&server, &first).await.is_refused(401, "Not authenticated");
    server.get("/api/users/me").by(access(&first)).await.is_refused(401, "Not authenticated");
    refresh(&server, &second).await.ok();
}

async fn another_grant_or_a_missing_member_is_invalid(home: &Home) {
    let server = home.serve();
    for (form, member) in [
        (&[("grant_type", "magic")][..], "grant_type"),
        (&[("grant_type", "password")], "username"),
        (&[("grant_type", "password"), ("username", "player")], "password"),
        (&[("grant_type", "refresh_token")], "refresh_token"),
        (&[], "grant_type"),
    ] {
        let answer = server.post("/api/token").form(form).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

async fn a_browser_logs_in_by_basic_credentials_or_by_form(home: &Home) {
    let (server, _, _) = with_player(home).await;
    let form = server.post("/api/login").form(&[("username", "player"), ("password", PASSWORD)]);
    for answer in [form.await, server.post("/api/login").basic("player", PASSWORD).await] {
        assert_eq!(answer.ok(), Value::Null);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let me = server.get("/api/users/me").header("cookie", cookie).await.ok();
        assert_eq!(me["username"], "player");
    }
    let wrong = server.post("/api/login").form(&[("username", "player"), ("password", "wrong")]);
    wrong.await.is_refused(401, "Not authenticated");
    server.post("/api/login").basic("player", "wrong").await.is_refused(401, "Not authenticated");
}

async fn a_session_is_dead_after_logout(home: &Home) {
    let (server, _, _) = with_player(home).await;
    let browser = Browser::of("player", &server).await;
    let answer = browser.script(server.post("/api/logout")).await;
    assert_eq!(answer.ok(), Value::Null);
    assert!(answer.header("set-cookie").unwrap().starts_with("memcard=; Path=/; Max-Age=0;"));
    browser.cookie_on(server.get("/api/users/me")).await.is_refused(401, "Not authenticated");
}

async fn authorization_wins_over_the_cookie(home: &Home) {
    let (server, admin, _) = with_player(home).await;
    let browser = Browser::of("player", &server).await;
    let me = browser.cookie_on(server.get("/api/users/me")).by(&admin).await.ok();
    assert_eq!(me["username"], "admin");
    let register = server.post("/api/devices").json(&json!({"name": "Handheld"}));
    browser.cookie_on(register).by(&admin).await.created();
    let nonsense = browser.cookie_on(server.get("/api/users/me")).by("nonsense");
    nonsense.await.is_refused(401, "Not authenticated");
}

async fn the_first_account_needs_the_setup_token_and_is_an_administrator_s(home: &Home) {
    let server = home.serve();
    let printed = server.setup_token.clone().unwrap();
    let account = json!({"username": "first", "password": PASSWORD, "role": "user"});
    let create = || server.post("/api/users").json(&account);
    create().await.is_refused(403, "Forbidden");
    create().header("x-setup-token", "guessed").await.is_refused(403, "Forbidden");
    let made = create().header("x-setup-token", &printed).await.created();
    assert_eq!(made["role"], "admin");
    create().header("x-setup-token", &printed).await.is_refused(401, "Not authenticated");
}

async fn the_setup_token_may_stand_in_the_body(home: &Home) {
    let server = home.serve();
    let mut account = json!({"username": "first", "password": PASSWORD, "setup_token": "guessed"});
    server.post("/api/users").json(&account).await.is_refused(403, "Forbidden");
    account["setup_token"] = json!(server.setup_token);
    server.post("/api/users").json(&account).await.created();
}

async fn afterwards_only_an_administrator_adds_users(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let account =
        json!({"username": "new", "password": "secret", "role": "editor", "email": "new@example.org"});
    let create = || server.post("/api/users").json(&account);
    create().by(&player).await.is_refused(403, "Forbidden");
    let made = create().by(&admin).await.created();
    assert_eq!((&made["role"], &made["email"]), (&json!("editor"), &json!("new@example.org")));
    assert_eq!(create().by(&admin).await.status, 409);
}

async fn what_is_no_account_is_invalid(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    for (account, member) in [
        (json!({"password": "secret"}), "username"),
        (json!({"username": "new"}), "password"),
        (json!({"username": "a:b", "password": "secret"}), "username"),
        (json!({"username": "", "password": "secret"}), "username"),
        (json!({"username": "new", "password": ""}), "password"),
        (json!({"username": "new", "password": "p".repeat(1025)}), "password"),
    ] {
        let answer = server.post("/api/users").by(&admin).json(&account).await;
        answer.is_invalid_at(&json!(["body", member]));
    }
}

async fn users_are_listed_for_administrators_alone(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let users = server.get("/api/users").by(&admin).await.ok();
    let names: Vec<_> = users.as_array().unwrap().iter().map(|user| user["username"].clone()).collect();
    assert_eq!(names, ["admin", "player"]);
    server.get("/api/users").by(&player).await.is_refused(403, "Forbidden");
}

async fn one_s_own_account_is_changed_by_form_or_json(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let own = format!("/api/users/{}", player.id);
    let by_form = server.put(&own).in_person(&player).form(&[("email", "p@example.org")]);
    assert_eq!(by_form.await.ok()["email"], "p@example.org");
    let by_json = server.put(&own).in_person(&player).json(&json!({"email": ""}));
    assert_eq!(by_json.await.ok()["email"], Value::Null);
    let role = server.put(&own).in_person(&player).json(&json!({"role": "admin"}));
    role.await.is_refused(403, "Forbidden");
    let without_scope = server.token_without(&player, &["me.write"]).await;
    let edit = server.put(&own).by(&without_scope).json(&json!({"email": "p@example.org"}));
    edit.await.is_refused(403, "Forbidden");

    let foreign = server.put(&format!("/api/users/{}", admin.id)).in_person(&player);
    foreign.json(&json!({"email": "p@example.org"})).await.is_refused(403, "Forbidden");
    let by_admin = server.put(&own).in_person(&admin).json(&json!({"role": "editor"}));
    assert_eq!(by_admin.await.ok()["role"], "editor");
}

async fn the_last_administrator_stays_one(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let own = format!("/api/users/{}", admin.id);
    let demote = server.put(&own).in_person(&admin).json(&json!({"role": "user"}));
    assert_eq!(demote.await.status, 400);
    assert_eq!(server.delete(&own).in_person(&admin).await.status, 400);
    assert_eq!(server.get("/api/users/me").by(&admin).await.ok()["role"], "admin");
}

async fn a_deleted_user_is_gone_and_so_are_their_credentials(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    let uri = format!("/api/users/{}", player.id);
    server.delete(&uri).by(&player).await.is_refused(403, "Forbidden");
    assert_eq!(server.delete(&uri).by(&admin).await.ok(), Value::Null);
    let gone = format!("User with ID {} not found", player.id);
    server.delete(&uri).by(&admin).await.is_refused(404, &gone);
    server.get("/api/users/me").by(&player).await.is_refused(401, "Not authenticated");
    server.get("/api/users/me").in_person(&player).await.is_refused(401, "Not authenticated");
    server.get("/api/users/me").basic("player", PASSWORD).await.is_refused(401, "Not authenticated");
}

async fn the_caller_is_shown_with_every_member(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let me = server.get("/api/users/me").by(&player).await.ok();
    assert_eq!(
        me,
        json!({
            "id": player.id,
            "username": "player",
            "email": null,
            "enabled": true,
            "role": "user",
            "oauth_scopes": me["oauth_scopes"],
            "avatar_path": "",
            "last_login": me["last_login"],
            "last_active": me["last_active"],
            "created_at": me["created_at"],
            "updated_at": me["updated_at"],
            "current_device_id": null,
        })
    );
    for time in ["last_login", "created_at", "updated_at"] {
        assert!(me[time].as_str().is_some_and(|time| time.ends_with("+00:00")), "{time}: {}", me[time]);
    }
    let without = server.token_without(&player, &["me.read"]).await;
    server.get("/api/users/me").by(&without).await.is_refused(403, "Forbidden");
}

async fn the_current_device_is_the_bound_token_s(home: &Home) {
    let (server, _, player) = with_player(home).await;
    let handheld = server.pair_with(&player, "handheld", &["me.read", "devices.read"]).await;
    assert_eq!(server.get("/api/users/me").by(&handheld).await.ok()["current_device_id"], handheld.id);
    assert_eq!(server.get("/api/users/me").by(&player).await.ok()["current_device_id"], Value::Null);
}

async fn permissions_say_who_is_an_administrator_and_hide_nothing(home: &Home) {
    let (server, admin, player) = with_player(home).await;
    for (person, is_admin) in [(&admin, true), (&player, false)] {
        let told = server.get("/api/permissions/me").by(person).await.ok();
        assert_eq!(
            told,
            json!({"is_admin": is_admin, "grants": [], "hidden": {"platforms": [], "roms": []}})
        );
    }
}
