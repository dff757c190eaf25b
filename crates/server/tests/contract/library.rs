//! The library (contract § 6): games that are found in a folder on the server's disk, and their bytes.

use std::fs::{self, File};
use std::io::{Cursor, Read as _};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::support::{Answer, Home, Person, Server, on_every_database};

on_every_database! {
    a_game_is_found_with_all_its_members,
    a_game_of_several_files_shows_each_with_its_id,
    either_layout_is_read,
    a_game_s_file_is_served_byte_for_byte_whole_or_in_part,
    a_part_is_served_only_of_the_bytes_it_is_asked_of,
    the_files_of_a_game_are_served_one_by_one_by_their_ids,
    a_game_of_several_files_is_served_as_one_archive,
    a_game_in_a_folder_of_its_own_is_served_as_the_one_file_it_is,
    what_the_server_has_no_file_of_is_not_found_by_name,
    a_file_that_was_taken_away_or_leads_out_of_the_library_is_not_served,
    content_needs_roms_read,
    a_folder_that_cannot_be_read_makes_no_game_missing,
    a_game_that_is_gone_is_missing_and_comes_back_with_its_id,
    a_platform_keeps_its_id_when_its_folder_is_renamed,
    what_did_not_change_is_not_written_again,
    an_administrator_names_the_library_and_scans_it,
    a_scan_runs_beside_requests_and_one_at_a_time,
    a_scan_that_cannot_go_on_says_why,
    the_library_is_scanned_when_the_server_starts,
    a_scan_broken_off_by_a_kill_is_gone_on_with_by_the_next,
    a_server_that_is_told_to_stop_in_a_scan_stops,
}

/// A library beside a server that reads it, and its administrator.
struct Shelf {
    folder: PathBuf,
    server: Server,
    admin: Person,
}

impl Shelf {
    async fn with(home: &Home, files: &[(&str, &[u8])]) -> Self {
        let folder = home.data().join("library");
        fs::create_dir_all(&folder).unwrap();
        let (server, admin) = home.serve_with_account().await;
        let shelf = Self { folder, server, admin };
        for (path, bytes) in files {
            shelf.put(path, bytes);
        }
        let named = json!({"folder": shelf.folder});
        shelf.server.put("/api/library").by(&shelf.admin).json(&named).await.ok();
        shelf.scan().await;
        shelf
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Scans, and tells what came of it.
    async fn scan(&self) -> Value {
        self.server.post("/api/library/scan").by(&self.admin).await.ok();
        scanned(&self.server, &self.admin).await
    }

    async fn get(&self, uri: &str) -> Answer {
        self.server.get(uri).by(&self.admin).await
    }

    async fn games(&self) -> Vec<Value> {
        self.get("/api/roms").await.ok()["items"].as_array().unwrap().clone()
    }

    async fn game(&self, fs_name: &str) -> Value {
        let games = self.games().await;
        games.into_iter().find(|game| game["fs_name"] == fs_name).expect(fs_name)
    }
}

/// The scan that runs, when it has ended.
async fn scanned(server: &Server, admin: &Person) -> Value {
    loop {
        let scan = server.get("/api/library/scan").by(admin).await.ok();
        if scan["status"] != "running" {
            return scan;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A folder of so many games.
fn many_games(home: &Home, number: usize) -> PathBuf {
    let folder = home.data().join("library");
    let games = folder.join("roms/gba");
    fs::create_dir_all(&games).unwrap();
    for index in 0..number {
        fs::write(games.join(format!("{index:04}.gba")), index.to_string()).unwrap();
    }
    folder
}

/// A server that began to scan so many games, and what it says then.
async fn in_a_scan_of(number: usize, home: &Home) -> (Server, Person, Value) {
    let folder = many_games(home, number);
    let (server, admin) = home.serve_with_account().await;
    server.put("/api/library").by(&admin).json(&json!({"folder": folder})).await.ok();
    server.post("/api/library/scan").by(&admin).await.ok();
    loop {
        let scan = server.get("/api/library/scan").by(&admin).await.ok();
        assert_eq!(scan["status"], "running", "there are too few games to see it run");
        if scan["added"].as_u64() > Some(0) {
            return (server, admin, scan);
        }
    }
}

fn content(game: &Value) -> String {
    format!("/api/roms/{}/content/any%20name", game["id"])
}

fn file_content(file: &Value) -> String {
    format!("/api/roms/{}/files/content/any%20name", file["id"])
}

async fn a_game_is_found_with_all_its_members(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Golden Sun (USA) (Rev 1).zip", b"zipped")]).await;
    let game = shelf.game("Golden Sun (USA) (Rev 1).zip").await;
    let (id, platform, at) = (&game["id"], &game["platform_id"], &game["created_at"]);
    assert_eq!(
        game,
        json!({
            "id": id,
            "platform_id": platform,
            "platform_slug": "gba",
            "platform_fs_slug": "gba",
            "name": "Golden Sun",
            "slug": "golden-sun",
            "fs_name": "Golden Sun (USA) (Rev 1).zip",
            "fs_name_no_tags": "Golden Sun",
            "fs_name_no_ext": "Golden Sun (USA) (Rev 1)",
            "fs_extension": "zip",
            "fs_size_bytes": 6,
            "files": [{
                "id": game["files"][0]["id"],
                "rom_id": id,
                "file_name": "Golden Sun (USA) (Rev 1).zip",
                "file_path": "roms/gba",
                "full_path": "roms/gba/Golden Sun (USA) (Rev 1).zip",
                "file_size_bytes": 6,
                "crc_hash": null,
                "md5_hash": null,
                "sha1_hash": null,
            }],
            "has_multiple_files": false,
            "has_nested_single_file": false,
            "missing_from_fs": false,
            "crc_hash": null,
            "md5_hash": null,
            "sha1_hash": null,
            "sibling_roms": [],
            "siblings": [],
            "rom_user": {"user_id": shelf.admin.id, "rom_id": id, "last_played": null},
            "created_at": at,
            "updated_at": at,
        })
    );
    assert_eq!(shelf.get(&format!("/api/roms/{id}")).await.ok(), game);
}

async fn a_game_of_several_files_shows_each_with_its_id(home: &Home) {
    let files: &[(&str, &[u8])] = &[
        ("roms/psx/Game (Europe)/disc 1.bin", b"one"),
        ("roms/psx/Game (Europe)/extra/disc 2.bin", b"two two"),
        ("roms/psx/Nested/only.bin", b"only"),
    ];
    let shelf = Shelf::with(home, files).await;
    let game = shelf.game("Game (Europe)").await;
    assert_eq!((&game["has_multiple_files"], &game["has_nested_single_file"]), (&json!(true), &json!(false)));
    assert_eq!(game["fs_size_bytes"], 10);
    let shown = |index: usize, member: &str| game["files"][index][member].clone();
    assert_eq!(
        (shown(0, "file_name"), shown(0, "file_path")),
        (json!("disc 1.bin"), json!("roms/psx/Game (Europe)"))
    );
    assert_eq!(shown(1, "full_path"), "roms/psx/Game (Europe)/extra/disc 2.bin");
    assert_ne!(shown(0, "id"), shown(1, "id"));
    let nested = shelf.game("Nested").await;
    assert_eq!(
        (&nested["has_multiple_files"], &nested["has_nested_single_file"]),
        (&json!(false), &json!(true))
    );
}

async fn either_layout_is_read(home: &Home) {
    let shelf = Shelf::with(home, &[("sfc/roms/Game.sfc", b"game"), ("sfc/bios/boot.bin", b"no game")]).await;
    let game = shelf.game("Game.sfc").await;
    assert_eq!((&game["platform_slug"], &game["platform_fs_slug"]), (&json!("snes"), &json!("sfc")));
    assert_eq!(shelf.get(&content(&game)).await.text(), "game");
    assert_eq!(shelf.games().await.len(), 1);
}

async fn a_game_s_file_is_served_byte_for_byte_whole_or_in_part(home: &Home) {
    let bytes: Vec<u8> = (0..200_000u32).flat_map(u32::to_le_bytes).collect();
    let shelf = Shelf::with(home, &[("roms/gba/Pokémon.gba", &bytes)]).await;
    let uri = content(&shelf.game("Pokémon.gba").await);
    let whole = shelf.get(&uri).await;
    assert_eq!(whole.status, 200);
    assert!(whole.body == bytes, "the bytes come back changed");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", r#"attachment; filename="Pok_mon.gba"; filename*=UTF-8''Pok%C3%A9mon.gba"#),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
        ("content-length", "800000"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    for (range, expected) in [
        ("bytes=10-19", 10..20),
        ("bytes=799990-", 799_990..800_000),
        ("bytes=-5", 799_995..800_000),
        ("bytes=300000-700000", 300_000..700_001),
    ] {
        let part = shelf.server.get(&uri).by(&shelf.admin).header("range", range).await;
        assert_eq!(part.status, 206, "{range}");
        assert!(part.body == bytes[expected.clone()], "{range}");
        let shown = format!("bytes {}-{}/800000", expected.start, expected.end - 1);
        assert_eq!(part.header("content-range"), Some(shown.as_str()));
    }
    let beyond = shelf.server.get(&uri).by(&shelf.admin).header("range", "bytes=800000-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */800000")));
    let measured = shelf.server.request(Method::HEAD, &uri).by(&shelf.admin).begin().await;
    assert_eq!(
        (measured.status().as_u16(), &measured.headers()["content-length"]),
        (200, &"800000".parse().unwrap())
    );
    assert_eq!(measured.headers()["etag"], whole.headers["etag"]);
}

async fn a_part_is_served_only_of_the_bytes_it_is_asked_of(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Game.gba", b"before")]).await;
    let uri = content(&shelf.game("Game.gba").await);
    let tag = shelf.get(&uri).await.header("etag").unwrap().to_owned();
    let ask = |header: &'static str| {
        let request = shelf.server.get(&uri).by(&shelf.admin).header(header, &tag);
        if header == "if-range" { request.header("range", "bytes=2-") } else { request }
    };
    let known = ask("if-none-match").await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let part = ask("if-range").await;
    assert_eq!((part.status, part.text().as_str()), (206, "fore"));

    shelf.put("roms/gba/Game.gba", b"after!");
    let file = File::options().write(true).open(shelf.path("roms/gba/Game.gba")).unwrap();
    let later = file.metadata().unwrap().modified().unwrap() + Duration::from_secs(60);
    file.set_modified(later).unwrap();
    for header in ["if-none-match", "if-range"] {
        let answer = ask(header).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "after!"), "{header}");
    }
}

async fn the_files_of_a_game_are_served_one_by_one_by_their_ids(home: &Home) {
    let files: &[(&str, &[u8])] = &[("roms/psx/Game/1.bin", b"one"), ("roms/psx/Game/extra/2.bin", b"two")];
    let shelf = Shelf::with(home, files).await;
    let game = shelf.game("Game").await;
    for (index, (name, text)) in [("1.bin", "one"), ("2.bin", "two")].into_iter().enumerate() {
        let uri = file_content(&game["files"][index]);
        let whole = shelf.get(&uri).await;
        assert_eq!((whole.status, whole.text().as_str()), (200, text));
        assert_eq!(
            whole.header("content-disposition"),
            Some(format!("attachment; filename=\"{name}\"").as_str())
        );
        let part = shelf.server.get(&uri).by(&shelf.admin).header("range", "bytes=1-1").await;
        assert_eq!((part.status, part.text()), (206, text[1..2].to_owned()));
        let measured = shelf.server.request(Method::HEAD, &uri).by(&shelf.admin).begin().await;
        assert_eq!(measured.headers()["content-length"], "3");
    }
}

async fn a_game_of_several_files_is_served_as_one_archive(home: &Home) {
    let large: Vec<u8> = (0..3_000_000u32).map(|index| (index % 251) as u8).collect();
    let files: &[(&str, &[u8])] = &[("roms/psx/Game/1.bin", &large), ("roms/psx/Game/extra/2.bin", b"two")];
    let shelf = Shelf::with(home, files).await;
    let uri = content(&shelf.game("Game").await);
    let whole = shelf.get(&uri).await;
    assert_eq!(whole.status, 200);
    for (name, value) in [
        ("content-type", "application/zip"),
        ("content-disposition", r#"attachment; filename="Game.zip""#),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "none"),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    let mut archive = ZipArchive::new(Cursor::new(whole.body.to_vec())).unwrap();
    let names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["1.bin", "extra/2.bin"]);
    for (name, bytes) in [("1.bin", &large[..]), ("extra/2.bin", b"two")] {
        let mut seen = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut seen).unwrap();
        assert!(seen == bytes, "{name}");
    }
    let ask =
        async |header: &str, value: &str| shelf.server.get(&uri).by(&shelf.admin).header(header, value).await;
    assert_eq!(ask("range", "bytes=0-9").await.status, 200, "an archive has no parts");
    assert_eq!(ask("if-none-match", whole.header("etag").unwrap()).await.status, 304);
    let measured = shelf.server.request(Method::HEAD, &uri).by(&shelf.admin).begin().await;
    assert_eq!((measured.status().as_u16(), &measured.headers()["etag"]), (200, &whole.headers["etag"]));
}

async fn a_game_in_a_folder_of_its_own_is_served_as_the_one_file_it_is(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/psx/Nested/only.bin", b"only")]).await;
    let answer = shelf.get(&content(&shelf.game("Nested").await)).await;
    assert_eq!(answer.text(), "only");
    assert_eq!(answer.header("content-disposition"), Some(r#"attachment; filename="only.bin""#));
}

async fn what_the_server_has_no_file_of_is_not_found_by_name(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Game.gba", b"game")]).await;
    let declared = shelf.server.declare_game(&shelf.admin, "Declared.gba").await;
    for (uri, detail) in [
        ("/api/roms/999/content/x".to_owned(), "Rom with id '999' not found".to_owned()),
        ("/api/roms/999/files/content/x".to_owned(), "File with id '999' not found".to_owned()),
        (format!("/api/roms/{declared}/content/x"), format!("No file found for rom with id '{declared}'")),
    ] {
        shelf.get(&uri).await.is_refused(404, &detail);
        assert_eq!(shelf.server.request(Method::HEAD, &uri).by(&shelf.admin).await.status, 404, "{uri}");
    }
}

async fn a_file_that_was_taken_away_or_leads_out_of_the_library_is_not_served(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Game.gba", b"game")]).await;
    let game = shelf.game("Game.gba").await;
    let detail = format!("No file found for rom with id '{}'", game["id"]);
    fs::remove_file(shelf.path("roms/gba/Game.gba")).unwrap();
    shelf.get(&content(&game)).await.is_refused(404, &detail);
    shelf.get(&file_content(&game["files"][0])).await.is_refused(404, &detail);
    symlink(home.data().join("code.key"), shelf.path("roms/gba/Game.gba")).unwrap();
    shelf.get(&content(&game)).await.is_refused(404, &detail);
}

async fn content_needs_roms_read(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Game.gba", b"game")]).await;
    let game = shelf.game("Game.gba").await;
    let token = shelf.server.token_without(&shelf.admin, &["roms.read"]).await;
    for uri in [content(&game), file_content(&game["files"][0])] {
        shelf.server.get(&uri).by(&token).await.is_refused(403, "Forbidden");
        shelf.server.get(&uri).await.is_refused(401, "Not authenticated");
    }
}

/// A link that leads to itself can be read by nobody, whoever the server runs as.
async fn a_folder_that_cannot_be_read_makes_no_game_missing(home: &Home) {
    let files: &[(&str, &[u8])] =
        &[("roms/snes/Game.sfc", b"game"), ("roms/psx/Disc/1.bin", b"one"), ("roms/gba/Other.gba", b"other")];
    let shelf = Shelf::with(home, files).await;
    fs::rename(shelf.path("roms/snes"), shelf.path("away")).unwrap();
    symlink("snes", shelf.path("roms/snes")).unwrap();
    symlink("locked", shelf.path("roms/psx/Disc/locked")).unwrap();
    let report = shelf.scan().await;
    assert_eq!((&report["missing"], &report["unreadable"]), (&json!(0), &json!(2)));
    for game in shelf.games().await {
        assert_eq!(game["missing_from_fs"], false, "{game}");
    }
    fs::remove_file(shelf.path("roms/snes")).unwrap();
    assert_eq!(shelf.scan().await["missing"], 1, "now it is gone");
}

async fn a_game_that_is_gone_is_missing_and_comes_back_with_its_id(home: &Home) {
    let files: &[(&str, &[u8])] = &[("roms/gba/Game.gba", b"game"), ("roms/gba/Other.gba", b"other")];
    let shelf = Shelf::with(home, files).await;
    let before = shelf.game("Game.gba").await;
    fs::rename(shelf.path("roms/gba/Game.gba"), shelf.path("away")).unwrap();
    shelf.scan().await;
    let missing = shelf.game("Game.gba").await;
    assert_eq!((&missing["missing_from_fs"], &missing["files"]), (&json!(true), &json!([])));
    fs::rename(shelf.path("away"), shelf.path("roms/gba/Game.gba")).unwrap();
    shelf.scan().await;
    let back = shelf.game("Game.gba").await;
    assert_eq!((&back["id"], &back["files"]), (&before["id"], &before["files"]));
    assert_eq!(back["missing_from_fs"], false);
}

async fn a_platform_keeps_its_id_when_its_folder_is_renamed(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/sfc/Game.sfc", b"game")]).await;
    let before = shelf.game("Game.sfc").await;
    fs::rename(shelf.path("roms/sfc"), shelf.path("roms/Super Famicom")).unwrap();
    shelf.scan().await;
    let after = shelf.game("Game.sfc").await;
    assert_eq!((&after["id"], &after["platform_id"]), (&before["id"], &before["platform_id"]));
    assert_eq!(after["platform_fs_slug"], "Super Famicom");
    assert_eq!(shelf.get(&content(&after)).await.text(), "game");
    assert_eq!(shelf.get("/api/platforms").await.ok().as_array().unwrap().len(), 1);
}

async fn what_did_not_change_is_not_written_again(home: &Home) {
    let shelf = Shelf::with(home, &[("roms/gba/Game.gba", b"game"), ("roms/gba/Other.gba", b"other")]).await;
    let before = shelf.games().await;
    let report = shelf.scan().await;
    assert_eq!((&report["found"], &report["added"], &report["updated"]), (&json!(2), &json!(0), &json!(0)));
    assert_eq!(shelf.games().await, before);
    shelf.put("roms/gba/Game.gba", b"another");
    assert_eq!(shelf.scan().await["updated"], 1);
    assert_eq!(shelf.game("Other.gba").await["updated_at"], before[1]["updated_at"]);
    assert_eq!(shelf.game("Game.gba").await["fs_size_bytes"], 7);
}

async fn an_administrator_names_the_library_and_scans_it(home: &Home) {
    let (server, admin) = home.serve_with_account().await;
    let player = server.add_person(&admin, "player", "user").await;
    let name = |folder: Value| server.put("/api/library").by(&admin).json(&json!({"folder": folder}));
    let scan = || server.post("/api/library/scan").by(&admin);
    let idle = server.get("/api/library/scan").by(&admin).await.ok();
    assert_eq!((&idle["status"], &idle["started_at"]), (&json!("idle"), &Value::Null));
    scan().await.is_refused(400, "no library folder is set");
    assert_eq!(name(json!(" /nowhere ")).await.ok(), json!({"folder": "/nowhere"}));
    scan().await.is_refused(400, "library folder not found: /nowhere");
    let folder = many_games(home, 3);
    name(json!(folder)).await.ok();
    assert_eq!(server.get("/api/library").by(&admin).await.ok(), json!({"folder": folder}));
    let begun = scan().await.ok();
    assert_eq!((&begun["status"], &begun["ended_at"]), (&json!("running"), &Value::Null));
    let ended = scanned(&server, &admin).await;
    let (started_at, ended_at) = (&begun["started_at"], &ended["ended_at"]);
    assert_eq!(
        ended,
        json!({
            "status": "completed", "started_at": started_at, "ended_at": ended_at, "error": null,
            "platforms": 1, "files": 3, "found": 3, "added": 3, "updated": 0, "missing": 0, "unreadable": 0,
        })
    );
    assert_eq!(name(Value::Null).await.ok(), json!({"folder": null}));
    for request in [
        server.get("/api/library"),
        server.put("/api/library").json(&json!({"folder": "/"})),
        server.get("/api/library/scan"),
        server.post("/api/library/scan"),
    ] {
        request.by(&player).await.is_refused(403, "Forbidden");
    }
}

async fn a_scan_runs_beside_requests_and_one_at_a_time(home: &Home) {
    let (server, admin, running) = in_a_scan_of(1500, home).await;
    let again = server.post("/api/library/scan").by(&admin).await.ok();
    assert_eq!(again["started_at"], running["started_at"]);
    assert!(again["found"].as_u64() >= running["found"].as_u64());
    let games = server.get("/api/roms?limit=1").by(&admin).await.ok()["total"].clone();
    assert!(games.as_u64() >= running["added"].as_u64(), "what was found is there at once");
    let ended = scanned(&server, &admin).await;
    assert_eq!((&ended["status"], &ended["added"]), (&json!("completed"), &json!(1500)));
    assert_eq!(ended["started_at"], running["started_at"]);
}

async fn a_scan_that_cannot_go_on_says_why(home: &Home) {
    let folder = many_games(home, 1);
    let (server, admin) = home.serve_with_account().await;
    server.put("/api/library").by(&admin).json(&json!({"folder": folder})).await.ok();
    fs::rename(&folder, home.data().join("away")).unwrap();
    drop(server);
    let server = home.serve();
    let failed = scanned(&server, &admin).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["error"], format!("library folder not found: {}", folder.display()));
}

async fn the_library_is_scanned_when_the_server_starts(home: &Home) {
    let folder = many_games(home, 3);
    let server = home.serve_with(&["--library", folder.to_str().unwrap()]);
    let admin = server.set_up("admin").await;
    assert_eq!(scanned(&server, &admin).await["added"], 3);
    fs::write(folder.join("roms/gba/new.gba"), "new").unwrap();
    assert!(server.stop().success());
    let server = home.serve();
    assert_eq!(scanned(&server, &admin).await["added"], 1, "the folder is kept");
}

async fn a_scan_broken_off_by_a_kill_is_gone_on_with_by_the_next(home: &Home) {
    let (server, admin, _) = in_a_scan_of(1500, home).await;
    let before =
        server.get("/api/roms?limit=10000").by(&admin).await.ok()["items"].as_array().unwrap().clone();
    server.kill();

    let server = home.serve();
    let ended = scanned(&server, &admin).await;
    assert_eq!((&ended["status"], &ended["found"]), (&json!("completed"), &json!(1500)));
    let kept = 1500 - ended["added"].as_u64().unwrap();
    assert!(kept >= before.len() as u64 && kept < 1500, "{kept} of {}", before.len());
    assert_eq!((&ended["updated"], &ended["missing"]), (&json!(0), &json!(0)));
    let after = server.get("/api/roms?limit=10000&order_by=fs_name").by(&admin).await.ok();
    let after = after["items"].as_array().unwrap();
    assert_eq!(after.len(), 1500);
    for (index, game) in after.iter().enumerate() {
        assert_eq!(game["fs_name"], format!("{index:04}.gba"));
        assert_eq!(game["files"].as_array().unwrap().len(), 1, "{game}");
    }
    assert!(before.iter().all(|game| after.contains(game)), "what was shown before the kill stays as it was");
}

async fn a_server_that_is_told_to_stop_in_a_scan_stops(home: &Home) {
    let (server, admin, _) = in_a_scan_of(1500, home).await;
    assert!(server.stop().success());
    let server = home.serve();
    assert_eq!(scanned(&server, &admin).await["found"], 1500);
}
