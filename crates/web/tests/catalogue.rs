//! Games of a library (contract § 6) and scanning it.

mod support;

use actix_web::http::Method;
use memcard_domain::account::Role;
use memcard_domain::catalogue::{FoundGame, GameHashes, GameSource};
use memcard_testkit::builders::{a_found_game, a_game};
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

    async fn send(&self, request: Request) -> Answer {
        self.app.send(request.bearer(&self.player.token)).await
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("/api/roms?{query}")).await.ok();
        let names = page["items"].as_array().into_iter().flatten().map(|game| game["name"].as_str());
        names.map(|name| name.unwrap_or_default().to_owned()).collect()
    }
}

fn found(platform: &str, file: &str, size: u64) -> (String, FoundGame) {
    (platform.to_owned(), a_found_game(file, size))
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
            "files": [],
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
    let report = json!({"platforms": 2, "files": 3, "found": 3, "added": 3, "updated": 0, "missing": 0, "unreadable": 0});
    assert_eq!(send(scan()).await.ok(), report);
    let second = vec![found("gba", "A.gba", 10), found("snes", "C.sfc", 3)];
    catalogue.world.library.put("/library", second);
    let report = json!({"platforms": 2, "files": 2, "found": 2, "added": 0, "updated": 1, "missing": 1, "unreadable": 0});
    assert_eq!(send(scan()).await.ok(), report);
    assert_eq!(catalogue.names("").await, ["A", "B", "C"]);

    assert_eq!(send(name(Value::Null)).await.ok(), json!({"folder": null}));
    for request in [scan(), name(json!("/")), Request::get("/api/library")] {
        catalogue.send(request).await.is_refused(403, "Forbidden");
    }
}
