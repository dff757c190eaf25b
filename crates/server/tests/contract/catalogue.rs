//! The catalogue that clients match their saves by (contract § 6): platforms, games, what a user keeps of them, declaring
//! them, and what clients ask for around them.

use std::future::IntoFuture as _;

use memcard_testkit::contract::race;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    platforms_are_listed_by_name_with_the_number_of_their_games,
    platforms_that_changed_since_are_listed_alone,
    a_game_is_shown_with_all_its_members,
    a_name_and_a_slug_are_never_missing,
    games_are_listed_by_name_page_by_page,
    platforms_search_and_time_really_filter,
    games_are_ordered_by_any_key_either_way,
    parameters_that_do_not_fit_are_named,
    a_game_is_found_by_any_of_its_hashes_in_any_case,
    props_read_back_as_they_were_stored,
    props_are_each_user_s_own_and_pass_for_nothing_else,
    when_a_game_was_last_played_is_set_and_forgotten,
    props_that_do_not_fit_are_refused,
    of_racing_declarations_one_makes_the_game,
    a_known_game_stays_as_it_is,
    a_declared_platform_is_the_one_known_by_that_name,
    what_is_no_declaration_is_invalid,
    what_clients_ask_for_at_start_is_there_and_empty,
    a_probe_without_credentials_is_told_so_whatever_else_is_wrong,
    each_endpoint_needs_its_scope,
    who_may_not_read_props_still_reads_games,
}

const MD5: &str = "5d41402abc4b2a76b9719d911017c592";
const SHA1: &str = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";
const CRC32: &str = "3610a686";

impl Story {
    async fn declare(&self, game: Value) -> Value {
        self.post("/api/roms/declare").json(&game).await.ok()
    }

    async fn declare_on(&self, platform: &str, file: &str) -> Value {
        self.declare(json!({"platform_slug": platform, "file_name": file})).await
    }

    /// The names of the games that a query lists.
    async fn names(&self, query: &str) -> Vec<String> {
        let page = self.get(&format!("/api/roms?{query}")).await.ok();
        let games = page["items"].as_array().unwrap();
        games.iter().map(|game| game["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn put_props(&self, patch: Value) -> Value {
        self.put(&self.props_uri()).json(&patch).await.ok()
    }

    fn props_uri(&self) -> String {
        format!("/api/roms/{}/props", self.game)
    }

    async fn rom_user(&self) -> Value {
        self.get(&format!("/api/roms/{}", self.game)).await.ok()["rom_user"].clone()
    }
}

/// A parameter that asks for what changed after that.
fn updated_after(shown: &Value) -> String {
    format!("updated_after={}", shown["updated_at"].as_str().unwrap().replace('+', "%2B"))
}

async fn platforms_are_listed_by_name_with_the_number_of_their_games(home: &Home) {
    let story = Story::begin(home).await;
    story.declare_on("snes", "B.sfc").await;
    story.declare_on("snes", "C.sfc").await;
    story.declare_on("atari2600", "D.a26").await;
    let platforms = story.get("/api/platforms").await.ok();
    let shown = |index: usize| {
        let platform = &platforms[index];
        (platform["slug"].as_str().unwrap(), platform["rom_count"].as_i64().unwrap())
    };
    assert_eq!([shown(0), shown(1), shown(2)], [("atari2600", 1), ("gba", 1), ("snes", 2)]);
    let gba = &platforms[1];
    assert!(gba["id"].is_i64() && gba["created_at"].is_string() && gba["updated_at"].is_string());
    assert_eq!(
        *gba,
        json!({
            "id": gba["id"],
            "slug": "gba",
            "fs_slug": "gba",
            "name": "Game Boy Advance",
            "rom_count": 1,
            "created_at": gba["created_at"],
            "updated_at": gba["updated_at"],
        })
    );
    assert_eq!(story.get(&format!("/api/platforms/{}", gba["id"])).await.ok(), *gba);
    story.get("/api/platforms/999").await.is_refused(404, "Platform with id '999' not found");
    let mut ids: Vec<_> = platforms.as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(story.get("/api/platforms/identifiers").await.ok(), json!(ids));
}

async fn platforms_that_changed_since_are_listed_alone(home: &Home) {
    let story = Story::begin(home).await;
    let gba = story.get("/api/platforms").await.ok()[0].clone();
    let uri = format!("/api/platforms?{}", updated_after(&gba));
    assert_eq!(story.get(&uri).await.ok(), json!([]));
    let game = story.declare_on("snes", "B.sfc").await;
    let changed = story.get(&uri).await.ok();
    assert_eq!(changed[0]["id"], game["platform_id"]);
    let bad = story.get("/api/platforms?updated_after=yesterday").await;
    bad.is_invalid_at(&json!(["query", "updated_after"]));
}

async fn a_game_is_shown_with_all_its_members(home: &Home) {
    let story = Story::begin(home).await;
    let game = story
        .declare(json!({
            "platform_slug": "gba",
            "file_name": "Golden Sun (USA) [!].gba",
            "name": "Golden Sun: The Broken Seal",
            "md5": MD5.to_uppercase(),
            "sha1": SHA1,
            "crc32": CRC32,
        }))
        .await;
    let id = &game["id"];
    assert!(id.is_i64() && game["platform_id"].is_i64());
    assert!(game["created_at"].is_string());
    assert_eq!(
        game,
        json!({
            "id": id,
            "platform_id": game["platform_id"],
            "platform_slug": "gba",
            "platform_fs_slug": "gba",
            "name": "Golden Sun: The Broken Seal",
            "slug": "golden-sun-the-broken-seal",
            "fs_name": "Golden Sun (USA) [!].gba",
            "fs_name_no_tags": "Golden Sun",
            "fs_name_no_ext": "Golden Sun (USA) [!]",
            "fs_extension": "gba",
            "fs_size_bytes": 0,
            "files": [],
            "has_multiple_files": false,
            "has_nested_single_file": false,
            "missing_from_fs": false,
            "crc_hash": CRC32,
            "md5_hash": MD5,
            "sha1_hash": SHA1,
            "sibling_roms": [],
            "siblings": [],
            "rom_user": {"user_id": story.player.id, "rom_id": id, "last_played": null},
            "created_at": game["created_at"],
            "updated_at": game["created_at"],
        })
    );
    assert_eq!(story.get(&format!("/api/roms/{id}")).await.ok(), game);
    assert_eq!(story.get(&format!("/api/roms/{id}/simple")).await.ok(), game);
    assert_eq!(story.get("/api/roms?search_term=golden").await.ok()["items"], json!([game]));
    for uri in ["/api/roms/999", "/api/roms/999/simple"] {
        story.get(uri).await.is_refused(404, "Rom with id '999' not found");
    }
}

async fn a_name_and_a_slug_are_never_missing(home: &Home) {
    let story = Story::begin(home).await;
    for file in ["(USA).gba", "!!!.gba", "ポケモン.gba", ".gba", "no extension", "🎮"] {
        let game = story.declare_on("homebrew", file).await;
        for member in ["name", "slug", "platform_slug", "platform_fs_slug", "fs_name_no_tags"] {
            assert_ne!(game[member].as_str().unwrap(), "", "{member} of {file}");
        }
    }
}

async fn games_are_listed_by_name_page_by_page(home: &Home) {
    let story = Story::begin(home).await;
    for index in 0..59 {
        story.declare_on("snes", &format!("Game {index:02}.sfc")).await;
    }
    let place = async |query: &str| {
        let page = story.get(&format!("/api/roms?{query}")).await.ok();
        let count = page["items"].as_array().unwrap().len();
        ["total", "limit", "offset"].map(|member| page[member].as_i64().unwrap()).map(|it| (it, count))
    };
    assert_eq!(place("").await, [60, 50, 0].map(|it| (it, 50)));
    assert_eq!(place("limit=7&offset=57").await, [60, 7, 57].map(|it| (it, 3)));
    assert_eq!(place("limit=1").await, [60, 1, 0].map(|it| (it, 1)));
    assert_eq!(place("limit=10000&offset=100").await, [60, 10_000, 100].map(|it| (it, 0)));
    assert_eq!(story.names("limit=3&offset=57").await, ["Game 56", "Game 57", "Game 58"]);
    assert_eq!(story.names("limit=2").await, ["Game", "Game 00"]);

    let ids = story.get("/api/roms/identifiers").await.ok();
    let ids: Vec<_> = ids.as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
    assert!(ids.len() == 60 && ids.is_sorted(), "{ids:?}");
}

async fn platforms_search_and_time_really_filter(home: &Home) {
    let story = Story::begin(home).await;
    let gba = story.declare_on("gba", "Alpha (USA).gba").await;
    let snes = story.declare_on("snes", "Beta.sfc").await;
    let named = json!({"platform_slug": "nes", "file_name": "g.nes", "name": "Gamma 100%"});
    let nes = story.declare(named).await;
    let [gba_id, snes_id, nes_id] = [&gba, &snes, &nes].map(|game| &game["platform_id"]);
    for (query, names) in [
        (format!("platform_id={gba_id}"), vec!["Alpha", "Game"]),
        (format!("platform_ids={snes_id}"), vec!["Beta"]),
        (format!("platform_ids={gba_id}&platform_ids={snes_id}"), vec!["Alpha", "Beta", "Game"]),
        (format!("platform_ids={snes_id},{nes_id}"), vec!["Beta", "Gamma 100%"]),
        (format!("platform_ids={snes_id}&platform_id={nes_id}"), vec!["Beta", "Gamma 100%"]),
        ("platform_ids=999".to_owned(), vec![]),
        ("search_term=ALPH".to_owned(), vec!["Alpha"]),
        ("search_term=(usa)".to_owned(), vec!["Alpha", "Game"]),
        ("search_term=100%25".to_owned(), vec!["Gamma 100%"]),
        ("search_term=%25".to_owned(), vec!["Gamma 100%"]),
        ("search_term=_".to_owned(), vec![]),
        ("search_term=".to_owned(), vec!["Alpha", "Beta", "Game", "Gamma 100%"]),
        (updated_after(&snes), vec!["Gamma 100%"]),
        (format!("{}&platform_id={snes_id}", updated_after(&gba)), vec!["Beta"]),
    ] {
        assert_eq!(story.names(&query).await, names, "{query}");
        let page = story.get(&format!("/api/roms?limit=1&{query}")).await.ok();
        assert_eq!(page["total"], names.len(), "{query}");
    }
}

async fn games_are_ordered_by_any_key_either_way(home: &Home) {
    let story = Story::begin(home).await;
    for (file, name) in [("z.sfc", "beta"), ("Y.sfc", "Alpha"), ("x.sfc", "Gamma")] {
        story.declare(json!({"platform_slug": "snes", "file_name": file, "name": name})).await;
    }
    let of_snes = story.get("/api/platforms").await.ok()[1]["id"].clone();
    for (order, names) in [
        ("order_by=name", ["Alpha", "beta", "Gamma"]),
        ("order_by=name&order_dir=desc", ["Gamma", "beta", "Alpha"]),
        ("order_by=fs_name", ["Gamma", "Alpha", "beta"]),
        ("order_by=fs_name&order_dir=desc", ["beta", "Alpha", "Gamma"]),
        ("order_by=id&order_dir=asc", ["beta", "Alpha", "Gamma"]),
        ("order_by=id&order_dir=desc", ["Gamma", "Alpha", "beta"]),
        ("order_by=created_at&order_dir=desc", ["Gamma", "Alpha", "beta"]),
        ("order_by=updated_at", ["beta", "Alpha", "Gamma"]),
        ("order_by=fs_size_bytes", ["beta", "Alpha", "Gamma"]),
        ("order_dir=desc", ["Gamma", "beta", "Alpha"]),
    ] {
        assert_eq!(story.names(&format!("platform_id={of_snes}&{order}")).await, names, "{order}");
    }
}

async fn parameters_that_do_not_fit_are_named(home: &Home) {
    let story = Story::begin(home).await;
    for (parameter, value) in [
        ("limit", "0"),
        ("limit", "10001"),
        ("limit", "-1"),
        ("limit", "x"),
        ("offset", "-1"),
        ("platform_id", "x"),
        ("platform_ids", "1,x"),
        ("updated_after", "yesterday"),
        ("order_by", "fame"),
        ("order_dir", "sideways"),
    ] {
        let answer = story.get(&format!("/api/roms?{parameter}={value}")).await;
        answer.is_invalid_at(&json!(["query", parameter]));
    }
}

async fn a_game_is_found_by_any_of_its_hashes_in_any_case(home: &Home) {
    let story = Story::begin(home).await;
    let hashes = json!({
        "platform_slug": "gba", "file_name": "Known.gba", "md5": MD5, "sha1": SHA1, "crc32": CRC32,
    });
    let game = story.declare(hashes).await;
    for query in [
        format!("md5_hash={MD5}"),
        format!("sha1_hash={SHA1}"),
        format!("crc_hash={CRC32}"),
        format!("md5_hash={}", MD5.to_uppercase()),
        format!("crc_hash=00000000&sha1_hash={SHA1}"),
    ] {
        assert_eq!(story.get(&format!("/api/roms/by-hash?{query}")).await.ok(), game, "{query}");
    }
    for unknown in ["crc_hash=00000000", "md5_hash=xyz", &format!("md5_hash={SHA1}")] {
        let answer = story.get(&format!("/api/roms/by-hash?{unknown}")).await;
        answer.is_refused(404, "No ROM or file found with given hash values");
    }
    for none in ["", "md5_hash=&crc_hash="] {
        assert_eq!(story.get(&format!("/api/roms/by-hash?{none}")).await.status, 400, "{none:?}");
    }
}

async fn props_read_back_as_they_were_stored(home: &Home) {
    let story = Story::begin(home).await;
    let stored = story.put_props(json!({"data": {"rating": 5, "note": {"text": "é"}}})).await;
    assert_eq!(
        stored,
        json!({
            "user_id": story.player.id,
            "rom_id": story.game,
            "last_played": null,
            "rating": 5,
            "note": {"text": "é"},
        })
    );
    let more = story.put_props(json!({"data": {"rating": 4}})).await;
    assert_eq!((&more["rating"], &more["note"]["text"]), (&json!(4), &json!("é")), "others stay");
    assert_eq!(story.put_props(json!({})).await, more);
    assert_eq!(story.rom_user().await, more);
    assert_eq!(story.get("/api/roms").await.ok()["items"][0]["rom_user"], more);
}

async fn props_are_each_user_s_own_and_pass_for_nothing_else(home: &Home) {
    let story = Story::begin(home).await;
    let posing = json!({"data": {"rating": 4, "user_id": 999, "rom_id": 999, "last_played": "never"}});
    let stored = story.put_props(posing).await;
    let own = json!({"user_id": story.player.id, "rom_id": story.game, "last_played": null, "rating": 4});
    assert_eq!(stored, own);
    let stranger = story.stranger().await;
    let theirs = story.server.get(&format!("/api/roms/{}", story.game)).by(&stranger).await.ok();
    let none = json!({"user_id": stranger.id, "rom_id": story.game, "last_played": null});
    assert_eq!(theirs["rom_user"], none);
}

async fn when_a_game_was_last_played_is_set_and_forgotten(home: &Home) {
    let story = Story::begin(home).await;
    let played = story.put_props(json!({"update_last_played": true})).await;
    assert!(played["last_played"].is_string());
    let again = story.put_props(json!({"update_last_played": true})).await;
    assert!(again["last_played"].as_str() > played["last_played"].as_str());
    let kept = story.put_props(json!({"data": {"rating": 1}, "update_last_played": false})).await;
    assert_eq!(kept["last_played"], again["last_played"]);
    let forgotten = story.put_props(json!({"remove_last_played": true})).await;
    assert_eq!((&forgotten["last_played"], &forgotten["rating"]), (&Value::Null, &json!(1)));
}

async fn props_that_do_not_fit_are_refused(home: &Home) {
    let story = Story::begin(home).await;
    let before = story.put_props(json!({"data": {"big": "x".repeat(40_000)}})).await;
    for data in [json!({"more": "x".repeat(40_000)}), json!(7), json!(["rating"])] {
        let answer = story.put(&story.props_uri()).json(&json!({ "data": data })).await;
        answer.is_invalid_at(&json!(["body", "data"]));
    }
    assert_eq!(story.rom_user().await, before);
    let unknown = story.put("/api/roms/999/props").json(&json!({})).await;
    unknown.is_refused(404, "Rom with id '999' not found");
}

async fn of_racing_declarations_one_makes_the_game(home: &Home) {
    let story = Story::begin(home).await;
    let declaration = json!({"platform_slug": "new platform", "file_name": "Homebrew (v1).bin"});
    let answers = race(6, |_| story.post("/api/roms/declare").json(&declaration).into_future()).await;
    let games: Vec<Value> = answers.iter().map(|answer| answer.ok()).collect();
    assert!(games.iter().all(|game| *game == games[0]), "{games:?}");
    assert_eq!(games[0]["name"], "Homebrew");
    assert_eq!(story.get("/api/roms").await.ok()["total"], 2);
    assert_eq!(story.get("/api/platforms").await.ok().as_array().unwrap().len(), 2);
}

async fn a_known_game_stays_as_it_is(home: &Home) {
    let story = Story::begin(home).await;
    let game = story.declare_on("gba", "Homebrew.gba").await;
    let again = json!({"platform_slug": "gba", "file_name": "Homebrew.gba", "name": "Another", "md5": MD5});
    assert_eq!(story.declare(again).await, game);
}

async fn a_declared_platform_is_the_one_known_by_that_name(home: &Home) {
    let story = Story::begin(home).await;
    let gba = story.get("/api/platforms").await.ok()[0]["id"].clone();
    for name in ["gba", "GBA", "Game Boy Advance", "game-boy-advance", " gba "] {
        let game = story.declare_on(name, &format!("{name}.gba")).await;
        assert_eq!(game["platform_id"], gba, "{name:?}");
    }
}

async fn what_is_no_declaration_is_invalid(home: &Home) {
    let story = Story::begin(home).await;
    let declaration = json!({"platform_slug": "gba", "file_name": "Homebrew.gba"});
    for (member, value) in [
        ("platform_slug", Value::Null),
        ("platform_slug", json!("---")),
        ("platform_slug", json!("p".repeat(101))),
        ("file_name", Value::Null),
        ("file_name", json!("")),
        ("file_name", json!("../x.gba")),
        ("file_name", json!("n".repeat(256))),
        ("name", json!("n".repeat(256))),
        ("md5", json!("xyz")),
        ("sha1", json!("00")),
        ("crc32", json!("123")),
    ] {
        let mut bad = declaration.clone();
        bad[member] = value;
        story.post("/api/roms/declare").json(&bad).await.is_invalid_at(&json!(["body", member]));
    }
    assert_eq!(story.get("/api/roms").await.ok()["total"], 1);
}

async fn what_clients_ask_for_at_start_is_there_and_empty(home: &Home) {
    let story = Story::begin(home).await;
    for (uri, expected) in [
        ("/api/config", json!({"PLATFORMS_BINDING": {}, "PLATFORMS_VERSIONS": {}})),
        ("/api/collections", json!([])),
        ("/api/collections/smart", json!([])),
        ("/api/collections/virtual", json!([])),
        ("/api/collections/identifiers", json!([])),
        ("/api/firmware", json!([])),
        ("/api/firmware/identifiers", json!([])),
    ] {
        assert_eq!(story.get(uri).await.ok(), expected, "{uri}");
    }
}

async fn a_probe_without_credentials_is_told_so_whatever_else_is_wrong(home: &Home) {
    let (server, _) = home.serve_with_account().await;
    for uri in ["/api/roms", "/api/roms?limit=x", "/api/roms/999", "/api/roms/x"] {
        server.get(uri).await.is_refused(401, "Not authenticated");
    }
}

async fn each_endpoint_needs_its_scope(home: &Home) {
    let story = Story::begin(home).await;
    let platform = &story.get("/api/platforms").await.ok()[0]["id"];
    let game = story.game;
    let props = |server: &crate::support::Server| {
        server.request(Method::PUT, &format!("/api/roms/{game}/props")).json(&json!({}))
    };
    for (scope, uris) in [
        (
            "platforms.read",
            vec![
                "/api/platforms".to_owned(),
                "/api/platforms/identifiers".to_owned(),
                format!("/api/platforms/{platform}"),
            ],
        ),
        (
            "roms.read",
            vec![
                "/api/roms".to_owned(),
                "/api/roms/identifiers".to_owned(),
                format!("/api/roms/{game}"),
                format!("/api/roms/{game}/simple"),
            ],
        ),
        (
            "collections.read",
            ["", "/smart", "/virtual", "/identifiers"].map(|it| format!("/api/collections{it}")).to_vec(),
        ),
        ("firmware.read", ["", "/identifiers"].map(|it| format!("/api/firmware{it}")).to_vec()),
    ] {
        let without = story.server.token_without(&story.player, &[scope]).await;
        let with = story.server.token_of(&story.player, &[scope]).await;
        for uri in &uris {
            story.server.get(uri).by(&without).await.is_refused(403, "Forbidden");
            story.server.get(uri).by(&with).await.ok();
        }
    }
    let by_hash = format!("/api/roms/by-hash?md5_hash={MD5}");
    let blind = story.server.token_without(&story.player, &["roms.read"]).await;
    story.server.get(&by_hash).by(&blind).await.is_refused(403, "Forbidden");

    let both = ["devices.write", "roms.user.write"];
    let declare = || {
        let game = json!({"platform_slug": "gba", "file_name": "a.gba"});
        story.server.post("/api/roms/declare").json(&game)
    };
    let neither = story.server.token_without(&story.player, &both).await;
    declare().by(&neither).await.is_refused(403, "Forbidden");
    props(&story.server).by(&neither).await.is_refused(403, "Forbidden");
    for scope in both {
        let one = story.server.token_of(&story.player, &[scope]).await;
        declare().by(&one).await.ok();
    }
    let writer = story.server.token_of(&story.player, &["roms.user.write"]).await;
    props(&story.server).by(&writer).await.ok();
}

async fn who_may_not_read_props_still_reads_games(home: &Home) {
    let story = Story::begin(home).await;
    story.put_props(json!({"data": {"rating": 5}, "update_last_played": true})).await;
    let reader = story.server.token_of(&story.player, &["roms.read"]).await;
    let page = story.server.get("/api/roms").by(&reader).await.ok();
    let nothing = json!({"user_id": story.player.id, "rom_id": story.game, "last_played": null});
    assert_eq!(page["items"][0]["rom_user"], nothing);
}
