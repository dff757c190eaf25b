//! The catalogue: declared games, scans of the library, and what users have to do with games.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod server;

use std::collections::BTreeSet;

use memcard_domain::account::{Caller, Forbidden, Role, Scope, ScopeSet};
use memcard_domain::catalogue::{
    CatalogueError, Declaration, DeclareError, FoundGame, Game, GameFilter, GameHashes, GameSource,
    InvalidDeclaration, LastPlayed, PropsError, PropsPatch, ScanError, ScanReport, declare, edit_props, game,
    game_by_hash, game_ids, games, library_folder, platform, platform_ids, platforms, props, scan,
    set_library_folder, start_scan,
};
use memcard_domain::event::{Event, LibraryEvent, Listener};
use memcard_domain::ids::{GameId, PlatformId};
use memcard_domain::ports::{Heard, LibraryError};
use memcard_testkit::builders::{a_found_folder, a_found_game, a_game, a_platform, at};
use serde_json::{Map, Value, json};

use server::Server;

const FOLDER: &str = "library";

fn declared(platform: &str, file: &str) -> Declaration {
    Declaration { platform_slug: platform.to_owned(), file_name: file.to_owned(), ..Declaration::default() }
}

/// A game of one file in that platform's folder.
fn found(platform: &str, file: &str, size: u64) -> (String, FoundGame) {
    (platform.to_owned(), a_found_game(file, size))
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

impl Server {
    fn declare(&self, caller: &Caller, declaration: Declaration) -> Result<Game, DeclareError> {
        self.tx(|tx| declare(tx, self.now(), caller, declaration))
    }

    /// An administrator whose library is that folder.
    fn librarian(&self) -> Caller {
        let admin = self.person("admin", Role::Admin);
        self.tx(|tx| set_library_folder(tx, &admin, Some(FOLDER.to_owned()))).unwrap();
        admin
    }

    async fn scan(&self, games: Vec<(String, FoundGame)>) -> ScanReport {
        self.library.put(FOLDER, games);
        self.wait(60);
        scan(&self.ports, &|_| ()).await.unwrap()
    }

    fn all_games(&self, caller: &Caller) -> Vec<Game> {
        let filter = GameFilter { limit: 100, ..GameFilter::default() };
        self.tx(|tx| games(tx, caller, &filter)).unwrap().0
    }

    fn game_of(&self, caller: &Caller, file: &str) -> Game {
        self.all_games(caller).into_iter().find(|game| game.fs_name == file).unwrap()
    }
}

// Declaring

#[test]
fn a_declared_game_is_made_once_and_stays_as_it_was_declared_first() {
    let server = Server::new();
    let player = server.player();
    let first = server.declare(&player, declared("gba", "Golden Sun (USA) [!].gba")).unwrap();
    assert_eq!((first.name.as_str(), first.size), ("Golden Sun", 0));
    assert_eq!(first.source, GameSource::Declared);
    let again =
        Declaration { name: Some("Another name".to_owned()), ..declared("GBA", "Golden Sun (USA) [!].gba") };
    assert_eq!(server.declare(&player, again).unwrap(), first);
    let known = server.tx(|tx| platform(tx, &player, first.platform)).unwrap();
    assert_eq!((known.0.name.as_str(), known.0.slug.as_str(), known.1), ("Game Boy Advance", "gba", 1));
}

#[test]
fn a_declaration_finds_a_platform_by_its_folder_before_its_slug() {
    let server = Server::new();
    let player = server.player();
    let upper = server.tx(|tx| tx.catalogue().find_or_insert_platform(&a_platform("GBA"))).unwrap();
    assert_eq!(server.declare(&player, declared("GBA", "a.gba")).unwrap().platform, upper.id);
    let lower = server.tx(|tx| tx.catalogue().find_or_insert_platform(&a_platform("gba"))).unwrap();
    assert_eq!(server.declare(&player, declared("gba", "a.gba")).unwrap().platform, lower.id);
}

#[test]
fn devices_and_players_may_declare_and_readers_may_not() {
    let server = Server::new();
    let player = server.player();
    for (secret, scope) in [("rmm_d", Scope::DevicesWrite), ("rmm_u", Scope::RomsUserWrite)] {
        let by_token = server.by_token(&player, secret, ScopeSet::of(&[scope]));
        assert!(server.declare(&by_token, declared("gba", "a.gba")).is_ok());
    }
    let reader = server.by_token(&player, "rmm_r", ScopeSet::of(&[Scope::RomsRead]));
    assert!(matches!(server.declare(&reader, declared("gba", "b.gba")), Err(DeclareError::Forbidden(_))));
}

#[test]
fn a_declaration_that_names_nothing_or_too_much_is_refused() {
    let server = Server::new();
    let player = server.player();
    let sound = declared("gba", "a.gba");
    let hashed = |md5: &str| GameHashes { md5: Some(md5.to_owned()), ..GameHashes::default() };
    let long = |length| "x".repeat(length);
    for (declaration, fault) in [
        (declared("", "a.gba"), InvalidDeclaration::PlatformSlug),
        (declared("../", "a.gba"), InvalidDeclaration::PlatformSlug),
        (declared(&long(101), "a.gba"), InvalidDeclaration::PlatformSlug),
        (declared("gba", ""), InvalidDeclaration::FileName),
        (declared("gba", ".."), InvalidDeclaration::FileName),
        (declared("gba", "../a.gba"), InvalidDeclaration::FileName),
        (declared("gba", "x\\a.gba"), InvalidDeclaration::FileName),
        (declared("gba", "a\n.gba"), InvalidDeclaration::FileName),
        (declared("gba", &long(256)), InvalidDeclaration::FileName),
        (Declaration { name: Some(long(256)), ..sound.clone() }, InvalidDeclaration::Name),
        (Declaration { hashes: hashed("xyz"), ..sound.clone() }, InvalidDeclaration::Hash("md5")),
        (Declaration { hashes: hashed(&"g".repeat(32)), ..sound.clone() }, InvalidDeclaration::Hash("md5")),
    ] {
        let refused = server.declare(&player, declaration.clone());
        assert!(matches!(refused, Err(DeclareError::Invalid(found)) if found == fault), "{declaration:?}");
    }
    let upper = Declaration { hashes: hashed(&"AB".repeat(16)), ..sound };
    let kept = server.declare(&player, upper).unwrap().hashes;
    assert_eq!(kept, hashed(&"ab".repeat(16)));
}

// Scanning

#[tokio::test]
async fn a_scan_needs_an_administrator_and_a_folder_that_is_there() {
    let server = Server::new();
    let (admin, player) = (server.person("admin", Role::Admin), server.player());
    let refused = start_scan(&server.ports, &player).await;
    assert!(matches!(refused, Err(ScanError::Forbidden(Forbidden::MissingScope(Scope::TasksRun)))));
    assert!(matches!(start_scan(&server.ports, &admin).await, Err(ScanError::NoFolder)));
    let refused = server.tx(|tx| set_library_folder(tx, &player, Some(FOLDER.to_owned())));
    assert!(matches!(refused, Err(CatalogueError::Forbidden(_))));
    server.tx(|tx| set_library_folder(tx, &admin, Some(format!(" {FOLDER} ")))).unwrap();
    assert_eq!(server.tx(|tx| library_folder(tx, &admin)).unwrap().as_deref(), Some(FOLDER));
    let lost = start_scan(&server.ports, &admin).await;
    assert!(matches!(lost, Err(ScanError::Library(LibraryError::NotFound(_)))));
    server.tx(|tx| set_library_folder(tx, &admin, Some("  ".to_owned()))).unwrap();
    assert!(matches!(start_scan(&server.ports, &admin).await, Err(ScanError::NoFolder)));
}

#[tokio::test]
async fn a_scan_adds_what_is_new_and_writes_nothing_when_nothing_is() {
    let server = Server::new();
    let admin = server.librarian();
    let library = vec![
        found("gba", "Golden Sun (USA).gba", 8),
        found("gba", "Metroid Fusion.gba", 8),
        found("Super Famicom", "Chrono Trigger.sfc", 4),
    ];
    let first = server.scan(library.clone()).await;
    assert_eq!(first, ScanReport { platforms: 2, files: 3, found: 3, added: 3, ..ScanReport::default() });
    let games = server.all_games(&admin);
    assert_eq!(server.game_of(&admin, "Golden Sun (USA).gba").name, "Golden Sun");
    let known = server.tx(|tx| platforms(tx, &admin, None)).unwrap();
    let slugs: BTreeSet<_> = known.iter().map(|(platform, _)| platform.slug.as_str()).collect();
    assert_eq!(slugs, BTreeSet::from(["gba", "snes"]));
    let second = server.scan(library).await;
    assert_eq!(second, ScanReport { platforms: 2, files: 3, found: 3, ..ScanReport::default() });
    assert_eq!(server.all_games(&admin), games, "not even an instant has changed");
}

#[tokio::test]
async fn a_game_that_is_no_longer_found_is_missing_and_comes_back_with_its_id() {
    let server = Server::new();
    let admin = server.librarian();
    let (kept, lost) = (found("gba", "kept.gba", 1), found("snes", "lost.sfc", 1));
    server.scan(vec![kept.clone(), lost.clone()]).await;
    let before = server.game_of(&admin, "lost.sfc");
    let report = server.scan(vec![kept.clone()]).await;
    assert_eq!(report, ScanReport { platforms: 1, files: 1, found: 1, missing: 1, ..ScanReport::default() });
    let missing = server.game_of(&admin, "lost.sfc");
    assert_eq!((missing.id, missing.source), (before.id, GameSource::Missing));
    let again = server.scan(vec![kept.clone()]).await;
    assert_eq!(again.missing, 0, "it was missing before");
    let report = server.scan(vec![kept, lost]).await;
    assert_eq!((report.updated, report.added), (1, 0));
    assert_eq!(server.game_of(&admin, "lost.sfc").source, GameSource::Library);
}

#[tokio::test]
async fn a_declared_game_becomes_the_library_s_when_its_file_appears_and_is_never_missing() {
    let server = Server::new();
    let admin = server.librarian();
    let md5 = GameHashes { md5: Some("ab".repeat(16)), ..GameHashes::default() };
    let one = Declaration { hashes: md5.clone(), ..declared("gba", "one.gba") };
    let one = server.declare(&admin, one).unwrap();
    server.declare(&admin, declared("gba", "two.gba")).unwrap();
    let report = server.scan(vec![found("gba", "one.gba", 9)]).await;
    assert_eq!(report, ScanReport { platforms: 1, files: 1, found: 1, updated: 1, ..ScanReport::default() });
    let appeared = server.game_of(&admin, "one.gba");
    assert_eq!((appeared.id, appeared.source, appeared.size), (one.id, GameSource::Library, 9));
    assert_eq!(appeared.hashes, md5);
    assert_eq!(server.game_of(&admin, "two.gba").source, GameSource::Declared);
}

#[tokio::test]
async fn a_file_that_became_another_one_loses_the_hashes_of_the_old() {
    let server = Server::new();
    let admin = server.librarian();
    let md5 = GameHashes { md5: Some("ab".repeat(16)), ..GameHashes::default() };
    let declaration = Declaration { hashes: md5, ..declared("gba", "one.gba") };
    server.declare(&admin, declaration).unwrap();
    server.scan(vec![found("gba", "one.gba", 9)]).await;
    let report = server.scan(vec![found("gba", "one.gba", 10)]).await;
    assert_eq!(report.updated, 1);
    let changed = server.game_of(&admin, "one.gba");
    assert_eq!((changed.size, changed.hashes), (10, GameHashes::default()));
}

#[tokio::test]
async fn what_cannot_be_read_is_not_missing() {
    let server = Server::new();
    let admin = server.librarian();
    let library = || vec![found("gba", "a.gba", 1), found("gba", "b.gba", 1), found("snes", "c.sfc", 1)];
    server.scan(library()).await;
    server.library.lock_platform(FOLDER, "snes");
    server.library.lock_game(FOLDER, "gba", "a.gba");
    let report = scan(&server.ports, &|_| ()).await.unwrap();
    let expected = ScanReport { platforms: 1, files: 1, found: 1, unreadable: 2, ..ScanReport::default() };
    assert_eq!(report, expected);
    for file in ["a.gba", "b.gba", "c.sfc"] {
        assert_eq!(server.game_of(&admin, file).source, GameSource::Library, "{file}");
    }
}

#[tokio::test]
async fn a_platform_whose_folder_is_renamed_stays_the_same_and_so_do_its_games() {
    let server = Server::new();
    let admin = server.librarian();
    server.scan(vec![found("sfc", "a.sfc", 1), found("gba", "b.gba", 1)]).await;
    let before = server.game_of(&admin, "a.sfc");
    let report = server.scan(vec![found("Super Famicom", "a.sfc", 1), found("gba", "b.gba", 1)]).await;
    assert_eq!((report.added, report.updated, report.missing), (0, 0, 0));
    assert_eq!(server.game_of(&admin, "a.sfc"), before);
    let (renamed, games) = server.tx(|tx| platform(tx, &admin, before.platform)).unwrap();
    assert_eq!((renamed.fs_slug.as_str(), renamed.slug.as_str(), games), ("Super Famicom", "snes", 1));
}

#[tokio::test]
async fn two_folders_of_one_platform_are_two() {
    let server = Server::new();
    let admin = server.librarian();
    server.scan(vec![found("sfc", "a.sfc", 1), found("snes", "a.sfc", 1)]).await;
    let known = server.tx(|tx| platforms(tx, &admin, None)).unwrap();
    let shown: Vec<_> = known.iter().map(|(platform, games)| (platform.slug.as_str(), *games)).collect();
    assert_eq!(shown, [("snes", 1), ("snes", 1)]);
}

#[tokio::test]
async fn a_file_that_stays_keeps_its_id_and_one_that_changes_makes_the_game_change() {
    let server = Server::new();
    let admin = server.librarian();
    let disc = |files: &[(&str, u64)]| vec![("psx".to_owned(), a_found_folder("Game", files))];
    server.scan(disc(&[("Game/1.bin", 1), ("Game/2.bin", 2)])).await;
    let game = server.game_of(&admin, "Game");
    let files = |server: &Server| server.tx(|tx| tx.catalogue().files(&[game.id])).unwrap();
    let before = files(&server);
    let report = server.scan(disc(&[("Game/2.bin", 2), ("Game/3.bin", 3)])).await;
    assert_eq!((report.files, report.updated), (2, 1));
    let after = files(&server);
    assert_eq!(after[0], before[1]);
    assert_eq!((after[1].path.as_str(), server.game_of(&admin, "Game").size), ("Game/3.bin", 5));
    let (folder, mut written) = found("gba", "a.gba", 1);
    server.scan(vec![(folder.clone(), written.clone())]).await;
    written.files[0].modified_at = at(9);
    assert_eq!(server.scan(vec![(folder, written)]).await.updated, 1, "of the same size, but written to");
}

#[tokio::test]
async fn a_scan_tells_how_far_it_is() {
    let server = Server::new();
    let admin = server.librarian();
    server.library.put(FOLDER, vec![found("gba", "a.gba", 1), found("snes", "b.sfc", 1)]);
    let before = server.ports.events.latest().await.unwrap();
    let told = std::sync::Mutex::new(Vec::new());
    let progress = |report: ScanReport| told.lock().unwrap().push((report.found, report.added));
    scan(&server.ports, &progress).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [(1, 1), (2, 2)]);
    let listener = Listener { user: admin.user.id, is_admin: true };
    let Heard::Events(heard) = server.ports.events.next(listener, before).await.unwrap() else { panic!() };
    let heard: Vec<Event> = heard.into_iter().map(|(_, event)| event).collect();
    let expected = [
        LibraryEvent::ScanStarted,
        LibraryEvent::ScanProgress { scanned: 1 },
        LibraryEvent::ScanProgress { scanned: 2 },
        LibraryEvent::ScanCompleted { scanned: 2, added: 2 },
    ];
    assert_eq!(heard, expected.map(Event::OfLibrary));
}

// Reading

#[test]
fn a_game_is_found_by_a_hash_in_any_case() {
    let server = Server::new();
    let player = server.player();
    let sha1 = |text: &str| GameHashes { sha1: Some(text.to_owned()), ..GameHashes::default() };
    let known = a_game().with_hashes(sha1(&"ab".repeat(20)));
    let known = server.tx(|tx| known.insert(tx)).unwrap();
    let by = |hashes| server.tx(|tx| game_by_hash(tx, &player, hashes));
    assert_eq!(by(sha1(&"AB".repeat(20))).unwrap(), known);
    for unknown in [sha1(&"cd".repeat(20)), sha1("no hash")] {
        let refused = by(unknown).unwrap_err();
        assert_eq!(refused.to_string(), "No ROM or file found with given hash values");
    }
    assert!(matches!(by(GameHashes::default()), Err(CatalogueError::NoHashes)));
}

#[test]
fn reading_needs_the_scope_of_what_is_read_and_names_what_is_missing() {
    let server = Server::new();
    let player = server.player();
    let known = server.tx(|tx| a_game().insert(tx)).unwrap();
    let idle = server.by_token(&player, "rmm_i", ScopeSet::of(&[Scope::MeRead]));
    for refused in [
        server.tx(|tx| platforms(tx, &idle, None)).map(|_| ()),
        server.tx(|tx| platform(tx, &idle, known.platform)).map(|_| ()),
        server.tx(|tx| platform_ids(tx, &idle)).map(|_| ()),
        server.tx(|tx| games(tx, &idle, &GameFilter::default())).map(|_| ()),
        server.tx(|tx| game(tx, &idle, known.id)).map(|_| ()),
        server.tx(|tx| game_ids(tx, &idle)).map(|_| ()),
        server.tx(|tx| game_by_hash(tx, &idle, GameHashes::default())).map(|_| ()),
        server.tx(|tx| props(tx, &idle, &[known.id])).map(|_| ()),
        server.tx(|tx| library_folder(tx, &player)).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(CatalogueError::Forbidden(_))));
    }
    assert_eq!(server.tx(|tx| game(tx, &player, known.id)).unwrap(), known);
    assert_eq!(server.tx(|tx| game_ids(tx, &player)).unwrap(), [known.id]);
    assert_eq!(server.tx(|tx| platform_ids(tx, &player)).unwrap(), [known.platform]);
    let unknown = server.tx(|tx| game(tx, &player, GameId(999))).unwrap_err();
    assert_eq!(unknown.to_string(), "Rom with id '999' not found");
    let unknown = server.tx(|tx| platform(tx, &player, PlatformId(999)));
    assert!(matches!(unknown, Err(CatalogueError::PlatformNotFound(_))));
}

// Props

#[test]
fn props_are_each_user_s_own_and_members_that_are_not_named_stay() {
    let server = Server::new();
    let (player, guest) = (server.person("player", Role::User), server.person("guest", Role::User));
    let known = server.tx(|tx| a_game().insert(tx)).unwrap().id;
    let change = |data, last_played| {
        let patch = PropsPatch { data: members(data), last_played };
        server.tx(|tx| edit_props(tx, server.now(), &player, known, patch)).unwrap()
    };
    change(json!({"rating": 9, "hidden": false}), LastPlayed::Now);
    let played = Some(server.now());
    server.wait(60);
    let kept = change(json!({"hidden": true}), LastPlayed::Keep);
    assert_eq!(kept.data, members(json!({"rating": 9, "hidden": true})));
    assert_eq!(kept.last_played, played);
    assert_eq!(server.tx(|tx| props(tx, &player, &[known])).unwrap(), [(known, kept)]);
    assert!(server.tx(|tx| props(tx, &guest, &[known])).unwrap().is_empty());
    assert_eq!(change(json!({}), LastPlayed::Forget).last_played, None);
}

#[test]
fn props_need_a_game_a_scope_and_less_than_64_kib() {
    let server = Server::new();
    let player = server.player();
    let known = server.tx(|tx| a_game().insert(tx)).unwrap().id;
    let edit = |who: &Caller, game, data| {
        let patch = PropsPatch { data: members(data), last_played: LastPlayed::Keep };
        server.tx(|tx| edit_props(tx, server.now(), who, game, patch))
    };
    assert!(matches!(edit(&player, GameId(999), json!({})), Err(PropsError::GameNotFound(_))));
    let reader = server.by_token(&player, "rmm_r", ScopeSet::of(&[Scope::RomsUserRead]));
    assert!(matches!(edit(&reader, known, json!({})), Err(PropsError::Forbidden(_))));
    let half = || json!("x".repeat(40 * 1024));
    assert!(edit(&player, known, json!({"a": half()})).is_ok());
    assert!(matches!(edit(&player, known, json!({"b": half()})), Err(PropsError::TooLarge)));
    assert!(edit(&player, known, json!({"a": 1, "b": half()})).is_ok());
}
