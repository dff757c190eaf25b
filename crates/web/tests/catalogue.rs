//! The catalogue (contract § 6): platforms, games, the library, and what clients ask for around them.

mod support;

use actix_web::http::Method;
use memcard_domain::account::{Role, Scope, ScopeSet};
use memcard_domain::catalogue::{FoundGame, GameHashes, GameSource};
use memcard_testkit::builders::{a_game, at};
use serde_json::{Value, json};

use support::{Answer, App, Player, Request, World};

/// A player and an empty catalogue.
struct Catalogue {
    world: World,
    app: App,
    player: Player,
}

impl Catalogue {
    async fn empty() -> Self {
        let world = World::new();
        let player = world.a_player("player");
        let app = world.app().await;
        Self { world, app, player }
    }

    async fn get(&self, uri: &str) -> Answer {
        self.send(Request::get(uri)).await
    }

    async fn post(&self, uri: &str, body: &Value) -> Answer {
        self.send(Request::post(uri).json(body)).await
    }

    async fn send(&self, request: Request) -> Answer {
        self.app.send(request.bearer(&self.player.token)).await
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("/api/roms?{query}")).await.ok();
        let names = page["items"].as_array().into_iter().flatten().map(|game| game["name"].as_str());
        names.map(|name| name.unwrap_or_default().to_owned()).collect()
    }
}

fn found(platform: &str, file: &str, size: u64) -> FoundGame {
    FoundGame { platform_folder: platform.to_owned(), fs_name: file.to_owned(), size }
}

#[actix_web::test]
async fn platforms_are_listed_with_the_number_of_their_games() {
    let catalogue = Catalogue::empty().await;
    catalogue.world.a_game_like(a_game().named("A").on("gba"));
    catalogue.world.a_game_like(a_game().named("B").on("gba"));
    catalogue.world.a_game_like(a_game().named("C").on("snes"));
    let platforms = catalogue.get("/api/platforms").await.ok();
    let gba = &platforms[0];
    assert_eq!(
        *gba,
        json!({
            "id": gba["id"],
            "slug": "gba",
            "fs_slug": "gba",
            "name": "GBA",
            "rom_count": 2,
            "created_at": "2026-09-04T10:32:27.123457+00:00",
            "updated_at": "2026-09-04T10:32:27.123457+00:00",
        })
    );
    assert_eq!(platforms[1]["rom_count"], 1);
    let ids = catalogue.get("/api/platforms/identifiers").await.ok();
    assert_eq!(ids, json!([gba["id"], platforms[1]["id"]]));
    assert_eq!(catalogue.get(&format!("/api/platforms/{}", gba["id"])).await.ok(), *gba);
    catalogue.get("/api/platforms/999").await.is_refused(404, "Platform with id '999' not found");
    let none = catalogue.get("/api/platforms?updated_after=2027-01-01T00:00:00Z").await.ok();
    assert_eq!(none, json!([]));
    let bad = catalogue.get("/api/platforms?updated_after=x").await;
    bad.is_invalid_at(&json!(["query", "updated_after"]));
}

#[actix_web::test]
async fn a_game_is_shown_with_all_its_members() {
    let catalogue = Catalogue::empty().await;
    let hashes = GameHashes {
        crc32: Some("0a1b2c3d".to_owned()),
        md5: Some("5d41402abc4b2a76b9719d911017c592".to_owned()),
        sha1: None,
    };
    let game =
        a_game().named("Golden Sun").in_file("Golden Sun (USA) [!].gba").of_size(8).with_hashes(hashes);
    let id = catalogue.world.a_game_like(game);
    let shown = catalogue.get(&format!("/api/roms/{id}")).await.ok();
    assert_eq!(
        shown,
        json!({
            "id": id.0,
            "platform_id": shown["platform_id"],
            "platform_slug": "gba",
            "platform_fs_slug": "gba",
            "name": "Golden Sun",
            "slug": "golden-sun",
            "fs_name": "Golden Sun (USA) [!].gba",
            "fs_name_no_tags": "Golden Sun",
            "fs_name_no_ext": "Golden Sun (USA) [!]",
            "fs_extension": "gba",
            "fs_size_bytes": 8,
            "files": [{
                "id": id.0,
                "rom_id": id.0,
                "file_name": "Golden Sun (USA) [!].gba",
                "file_path": "roms/gba",
                "file_size_bytes": 8,
                "full_path": "roms/gba/Golden Sun (USA) [!].gba",
            }],
            "has_multiple_files": false,
            "has_nested_single_file": false,
            "missing_from_fs": false,
            "crc_hash": "0a1b2c3d",
            "md5_hash": "5d41402abc4b2a76b9719d911017c592",
            "sha1_hash": null,
            "sibling_roms": [],
            "siblings": [],
            "rom_user": {"user_id": catalogue.player.user.id.0, "rom_id": id.0, "last_played": null},
            "created_at": "2026-09-04T10:32:27.123457+00:00",
            "updated_at": "2026-09-04T10:32:27.123457+00:00",
        })
    );
    assert_eq!(catalogue.get(&format!("/api/roms/{id}/simple")).await.ok(), shown);
    assert_eq!(catalogue.get("/api/roms").await.ok()["items"], json!([shown]));
    catalogue.get("/api/roms/999").await.is_refused(404, "Rom with id '999' not found");
    catalogue.get("/api/roms/999/simple").await.is_refused(404, "Rom with id '999' not found");
}

#[actix_web::test]
async fn games_without_a_file_have_none() {
    let catalogue = Catalogue::empty().await;
    for (source, missing) in [(GameSource::Missing, true), (GameSource::Declared, false)] {
        let id = catalogue.world.a_game_like(a_game().named(&format!("{source:?}")).known_from(source));
        let shown = catalogue.get(&format!("/api/roms/{id}")).await.ok();
        assert_eq!((&shown["files"], &shown["missing_from_fs"]), (&json!([]), &json!(missing)));
    }
}

#[actix_web::test]
async fn games_are_listed_by_name_page_by_page() {
    let catalogue = Catalogue::empty().await;
    for index in 0..60 {
        catalogue.world.a_game_like(a_game().named(&format!("Game {index:02}")));
    }
    let page = catalogue.get("/api/roms").await.ok();
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(60), &json!(50), &json!(0)));
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    let page = catalogue.get("/api/roms?limit=7&offset=56").await.ok();
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(60), &json!(7), &json!(56)));
    assert_eq!(catalogue.names("limit=7&offset=56").await, ["Game 56", "Game 57", "Game 58", "Game 59"]);
    assert_eq!(catalogue.names("offset=100").await, Vec::<String>::new());
    assert_eq!(catalogue.names("limit=10000&order_by=name").await.len(), 60);
    assert_eq!(catalogue.get("/api/roms/identifiers").await.ok().as_array().unwrap().len(), 60);
    for limit in ["0", "10001", "-1", "x"] {
        let answer = catalogue.get(&format!("/api/roms?limit={limit}")).await;
        answer.is_invalid_at(&json!(["query", "limit"]));
    }
}

#[actix_web::test]
async fn filters_really_filter() {
    let catalogue = Catalogue::empty().await;
    catalogue.world.a_game_like(a_game().named("Alpha").on("gba"));
    catalogue.world.a_game_like(a_game().named("Beta").on("snes"));
    catalogue.world.a_game_like(a_game().named("Gamma").on("nes").added(at(10)));
    let platforms = catalogue.get("/api/platforms").await.ok();
    let id = |slug: &str| {
        let platforms = platforms.as_array().unwrap();
        platforms.iter().find(|platform| platform["slug"] == slug).unwrap()["id"].clone()
    };
    let (gba, snes, nes) = (id("gba"), id("snes"), id("nes"));
    for (query, names) in [
        (format!("platform_id={gba}"), vec!["Alpha"]),
        (format!("platform_ids={gba}&platform_ids={snes}"), vec!["Alpha", "Beta"]),
        (format!("platform_ids={gba},{nes}"), vec!["Alpha", "Gamma"]),
        (format!("platform_ids={snes}&platform_id={nes}"), vec!["Beta", "Gamma"]),
        ("platform_ids=999".to_owned(), vec![]),
        ("search_term=ALPH".to_owned(), vec!["Alpha"]),
        ("search_term=".to_owned(), vec!["Alpha", "Beta", "Gamma"]),
        ("updated_after=2026-09-04T10:40:00Z".to_owned(), vec!["Gamma"]),
    ] {
        assert_eq!(catalogue.names(&query).await, names, "{query}");
    }
    catalogue.get("/api/roms?platform_ids=x").await.is_invalid_at(&json!(["query", "platform_ids"]));
}

#[actix_web::test]
async fn a_game_is_found_by_any_of_its_hashes() {
    let catalogue = Catalogue::empty().await;
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    let hashes = GameHashes { md5: Some(md5.to_owned()), ..GameHashes::default() };
    let id = catalogue.world.a_game_like(a_game().with_hashes(hashes));
    for query in [format!("md5_hash={md5}"), format!("crc_hash=00000000&md5_hash={}", md5.to_uppercase())] {
        assert_eq!(catalogue.get(&format!("/api/roms/by-hash?{query}")).await.ok()["id"], id.0, "{query}");
    }
    let unknown = catalogue.get("/api/roms/by-hash?crc_hash=00000000").await;
    unknown.is_refused(404, "No ROM or file found with given hash values");
    assert_eq!(catalogue.get("/api/roms/by-hash").await.status, 400);
}

#[actix_web::test]
async fn props_read_back_as_they_were_stored_and_are_each_user_s_own() {
    let catalogue = Catalogue::empty().await;
    let id = catalogue.world.a_game();
    let uri = format!("/api/roms/{id}/props");
    let put = async |body: Value| catalogue.send(Request::new(Method::PUT, &uri).json(&body)).await;

    let stored =
        put(json!({"data": {"rating": 5, "note": {"text": "é"}}, "update_last_played": true})).await.ok();
    assert_eq!(
        stored,
        json!({
            "user_id": catalogue.player.user.id.0,
            "rom_id": id.0,
            "last_played": "2026-09-04T10:32:27.123457+00:00",
            "rating": 5,
            "note": {"text": "é"},
        })
    );
    let more = put(json!({"data": {"rating": 4, "user_id": 999}})).await.ok();
    assert_eq!((&more["rating"], &more["note"]["text"]), (&json!(4), &json!("é")));
    assert_eq!(more["user_id"], catalogue.player.user.id.0, "a stored member passes for none of ours");
    assert_eq!(catalogue.get(&format!("/api/roms/{id}")).await.ok()["rom_user"], more);
    assert_eq!(put(json!({"remove_last_played": true})).await.ok()["last_played"], Value::Null);

    let other = catalogue.world.a_player("other");
    let theirs = catalogue.app.send(Request::get(&format!("/api/roms/{id}")).bearer(&other.token)).await.ok();
    assert_eq!(theirs["rom_user"]["rating"], Value::Null);

    put(json!({"data": {"big": "x".repeat(70_000)}})).await.is_invalid_at(&json!(["body", "data"]));
    put(json!({"data": 7})).await.is_invalid_at(&json!(["body", "data"]));
    let unknown = Request::new(Method::PUT, "/api/roms/999/props").json(&json!({}));
    catalogue.send(unknown).await.is_refused(404, "Rom with id '999' not found");
}

#[actix_web::test]
async fn who_may_not_read_props_still_reads_games() {
    let catalogue = Catalogue::empty().await;
    let id = catalogue.world.a_game();
    let props =
        Request::new(Method::PUT, &format!("/api/roms/{id}/props")).json(&json!({"data": {"rating": 5}}));
    catalogue.send(props).await.ok();
    let token = catalogue.world.a_token(&catalogue.player.user, ScopeSet::of(&[Scope::RomsRead]), None);
    let page = catalogue.app.send(Request::get("/api/roms").bearer(&token)).await.ok();
    assert_eq!(page["items"][0]["rom_user"]["rating"], Value::Null);
}

#[actix_web::test]
async fn a_declared_game_is_made_once_and_takes_saves() {
    let catalogue = Catalogue::empty().await;
    let declaration = json!({
        "platform_slug": "gba",
        "file_name": "Homebrew (v1).gba",
        "md5": "5D41402ABC4B2A76B9719D911017C592",
    });
    let game = catalogue.post("/api/roms/declare", &declaration).await.ok();
    assert_eq!((&game["name"], &game["platform_slug"]), (&json!("Homebrew"), &json!("gba")));
    assert_eq!(game["md5_hash"], "5d41402abc4b2a76b9719d911017c592");
    let again = json!({"platform_slug": "gba", "file_name": "Homebrew (v1).gba", "name": "Other"});
    assert_eq!(catalogue.post("/api/roms/declare", &again).await.ok(), game);

    let upload = Request::post(&format!("/api/saves?rom_id={}&slot=a", game["id"]));
    catalogue.send(upload.multipart(support::Multipart::save("a.srm", b"x"))).await.ok();

    for (member, value) in [
        ("platform_slug", json!("---")),
        ("file_name", json!("../x.gba")),
        ("name", json!("n".repeat(256))),
        ("md5", json!("xyz")),
        ("sha1", json!("00")),
        ("crc32", json!("123")),
    ] {
        let mut bad = declaration.clone();
        bad[member] = value;
        catalogue.post("/api/roms/declare", &bad).await.is_invalid_at(&json!(["body", member]));
    }
}

#[actix_web::test]
async fn an_administrator_names_the_library_and_scans_it() {
    let catalogue = Catalogue::empty().await;
    let admin = catalogue.world.a_player_with("admin", Role::Admin);
    let send = async |request: Request| catalogue.app.send(request.bearer(&admin.token)).await;
    let scan = || Request::post("/api/library/scan");
    let name = |folder: Value| Request::new(Method::PUT, "/api/library").json(&json!({"folder": folder}));

    assert_eq!(send(scan()).await.status, 400);
    assert_eq!(send(name(json!("/library"))).await.ok(), json!({"folder": "/library"}));
    assert_eq!(send(Request::get("/api/library")).await.ok(), json!({"folder": "/library"}));
    assert_eq!(send(scan()).await.status, 400, "there is no such folder");

    let first = vec![found("gba", "A.gba", 1), found("gba", "B.gba", 2), found("snes", "C.sfc", 3)];
    catalogue.world.library.put("/library", first);
    let report = json!({"platforms": 2, "found": 3, "added": 3, "updated": 0, "missing": 0});
    assert_eq!(send(scan()).await.ok(), report);
    let second = vec![found("gba", "A.gba", 10), found("snes", "C.sfc", 3)];
    catalogue.world.library.put("/library", second);
    let report = json!({"platforms": 2, "found": 2, "added": 0, "updated": 1, "missing": 1});
    assert_eq!(send(scan()).await.ok(), report);
    assert_eq!(catalogue.names("").await, ["A", "B", "C"]);

    assert_eq!(send(name(Value::Null)).await.ok(), json!({"folder": null}));
    for request in [scan(), name(json!("/")), Request::get("/api/library")] {
        catalogue.send(request).await.is_refused(403, "Forbidden");
    }
}

#[actix_web::test]
async fn what_clients_ask_for_at_start_is_there_and_empty() {
    let catalogue = Catalogue::empty().await;
    for (uri, expected) in [
        ("/api/config", json!({"PLATFORMS_BINDING": {}, "PLATFORMS_VERSIONS": {}})),
        ("/api/collections", json!([])),
        ("/api/collections/smart", json!([])),
        ("/api/collections/virtual", json!([])),
        ("/api/collections/identifiers", json!([])),
        ("/api/firmware", json!([])),
        ("/api/firmware/identifiers", json!([])),
    ] {
        assert_eq!(catalogue.get(uri).await.ok(), expected, "{uri}");
        assert_eq!(catalogue.get(&format!("{uri}/")).await.ok(), expected, "{uri}/");
        catalogue.app.send(Request::get(uri)).await.is_refused(401, "Not authenticated");
    }
}

#[actix_web::test]
async fn a_probe_without_credentials_is_told_so() {
    let catalogue = Catalogue::empty().await;
    for uri in ["/api/roms", "/api/roms?limit=x", "/api/platforms"] {
        catalogue.app.send(Request::get(uri)).await.is_refused(401, "Not authenticated");
    }
}

#[actix_web::test]
async fn each_endpoint_needs_its_scope() {
    let catalogue = Catalogue::empty().await;
    let id = catalogue.world.a_game();
    for (missing, uri) in [
        (Scope::PlatformsRead, "/api/platforms".to_owned()),
        (Scope::PlatformsRead, "/api/platforms/identifiers".to_owned()),
        (Scope::PlatformsRead, "/api/platforms/1".to_owned()),
        (Scope::RomsRead, "/api/roms".to_owned()),
        (Scope::RomsRead, "/api/roms/identifiers".to_owned()),
        (Scope::RomsRead, "/api/roms/by-hash?crc_hash=00000000".to_owned()),
        (Scope::RomsRead, format!("/api/roms/{id}")),
        (Scope::RomsRead, format!("/api/roms/{id}/simple")),
        (Scope::CollectionsRead, "/api/collections".to_owned()),
        (Scope::FirmwareRead, "/api/firmware".to_owned()),
    ] {
        let held = ScopeSet::ALL.difference(ScopeSet::of(&[missing]));
        let token = catalogue.world.a_token(&catalogue.player.user, held, None);
        catalogue.app.send(Request::get(&uri).bearer(&token)).await.is_refused(403, "Forbidden");
    }
    let declaring = ScopeSet::of(&[Scope::DevicesWrite, Scope::RomsUserWrite]);
    let token = catalogue.world.a_token(&catalogue.player.user, ScopeSet::ALL.difference(declaring), None);
    let body = json!({"platform_slug": "gba", "file_name": "a.gba"});
    let declare = Request::post("/api/roms/declare").json(&body).bearer(&token);
    catalogue.app.send(declare).await.is_refused(403, "Forbidden");
    let props = Request::new(Method::PUT, &format!("/api/roms/{id}/props")).json(&json!({})).bearer(&token);
    catalogue.app.send(props).await.is_refused(403, "Forbidden");
}
