//! Rules of [`CatalogueRepository`](memcard_domain::ports::CatalogueRepository).

use memcard_domain::catalogue::{
    Direction, Game, GameFile, GameFilter, GameHashes, GameKey, GameOrder, GameProps, GameSource, NewGame,
    NewGameFile, NewPlatform, Platform,
};
use memcard_domain::ids::{GameFileId, GameId, PlatformId, UserId};
use memcard_domain::ports::Transaction;
use serde_json::json;

use super::store::{assert_conflict, race_writes};
use super::{Store, attempt, look, suite, write};
use crate::builders::{ODD_TEXT, a_game, a_game_file, a_platform, a_user, at};

suite! { $
    /// Hooks the rules of [`CatalogueRepository`](memcard_domain::ports::CatalogueRepository). Takes an async factory
    /// of `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    catalogue_repository_contract: catalogue over dyn memcard_domain::ports::UnitOfWork {
        the_library_s_folder_is_named_renamed_and_forgotten,
        a_platform_reads_back_with_every_field,
        a_platform_is_inserted_once_per_folder,
        an_update_of_a_platform_replaces_every_field_but_id_and_creation,
        an_update_to_a_folder_that_is_taken_is_a_conflict,
        of_16_that_find_or_insert_a_platform_all_get_the_same,
        platforms_are_listed_by_name_with_the_number_of_their_games,
        only_platforms_changed_after_an_instant_are_listed,
        a_game_reads_back_with_every_field,
        every_source_reads_back,
        a_game_is_inserted_once_per_platform_and_file,
        of_16_that_find_or_insert_a_game_all_get_the_same_and_one_inserted_it,
        a_game_on_an_unknown_platform_is_a_conflict,
        unknown_ids_are_none_or_false,
        games_are_listed_by_name_and_filtered,
        a_search_takes_wildcards_for_letters,
        a_search_finds_in_any_case_beyond_ascii,
        games_are_listed_in_any_order_either_way,
        pages_fit_together_where_games_are_equal_by_the_key,
        every_game_of_a_platform_is_listed_by_file_name,
        a_game_is_found_by_any_of_its_hashes_the_first_by_id,
        ids_are_listed_ascending,
        of_ids_those_of_games_are_known_1000_at_once,
        an_update_replaces_every_field_but_id_platform_and_creation,
        an_update_to_a_file_name_that_is_taken_is_a_conflict,
        files_read_back_with_every_field_by_path,
        files_that_are_put_replace_those_that_were_and_a_path_keeps_its_id,
        files_of_many_games_are_read_at_once,
        files_of_an_unknown_game_are_a_conflict,
        a_game_is_found_by_a_hash_of_any_of_its_files,
        props_read_back_whatever_json_they_hold,
        props_are_the_user_s_own_and_replaced_as_a_whole,
        props_of_an_unknown_user_or_game_are_a_conflict,
    }
}

fn names(games: &[Game]) -> Vec<&str> {
    games.iter().map(|game| game.name.as_str()).collect()
}

fn odd_hashes() -> GameHashes {
    GameHashes { crc32: Some("e1fb68e8".to_owned()), md5: Some("a".repeat(32)), sha1: Some("0".repeat(40)) }
}

async fn the_library_s_folder_is_named_renamed_and_forgotten(store: Store) {
    assert_eq!(look(&store, |tx| tx.catalogue().library_folder()).await, None);
    for folder in [Some(ODD_TEXT), Some(""), None, Some("/games")] {
        let folder = folder.map(str::to_owned);
        let named = folder.clone();
        write(&store, |tx| tx.catalogue().set_library_folder(named)).await;
        assert_eq!(look(&store, |tx| tx.catalogue().library_folder()).await, folder);
    }
}

async fn a_platform_reads_back_with_every_field(store: Store) {
    let new = NewPlatform {
        slug: "süper-nes".to_owned(),
        fs_slug: ODD_TEXT.to_owned(),
        name: format!("{ODD_TEXT} too"),
        created_at: at(3),
    };
    let expected = new.clone();
    let platform = write(&store, move |tx| tx.catalogue().find_or_insert_platform(&new)).await;
    assert!(platform.id.0 > 0);
    let NewPlatform { slug, fs_slug, name, created_at } = expected;
    let expected = Platform { id: platform.id, slug, fs_slug, name, created_at, updated_at: created_at };
    assert_eq!(platform, expected);
    assert_eq!(look(&store, move |tx| tx.catalogue().platform(platform.id)).await, Some(expected));
}

async fn a_platform_is_inserted_once_per_folder(store: Store) {
    let first = write(&store, |tx| tx.catalogue().find_or_insert_platform(&a_platform("gba"))).await;
    let again = NewPlatform {
        slug: "another".to_owned(),
        name: "Another".to_owned(),
        created_at: at(9),
        ..a_platform("gba")
    };
    let second = write(&store, move |tx| tx.catalogue().find_or_insert_platform(&again)).await;
    assert_eq!(second, first, "what is there stays as it is");
    let other_case = write(&store, |tx| tx.catalogue().find_or_insert_platform(&a_platform("GBA"))).await;
    assert_ne!(other_case.id, first.id, "folders are told apart by case");
}

async fn an_update_of_a_platform_replaces_every_field_but_id_and_creation(store: Store) {
    let before = write(&store, |tx| tx.catalogue().find_or_insert_platform(&a_platform("gba"))).await;
    let after = Platform {
        slug: "another".to_owned(),
        fs_slug: ODD_TEXT.to_owned(),
        name: "Another".to_owned(),
        updated_at: at(9),
        ..before.clone()
    };
    let sent = Platform { created_at: at(5), ..after.clone() };
    assert!(write(&store, move |tx| tx.catalogue().update_platform(&sent)).await);
    assert_eq!(look(&store, move |tx| tx.catalogue().platform(before.id)).await, Some(after.clone()));
    let unknown = Platform { id: PlatformId(before.id.0 + 1), fs_slug: "unknown".to_owned(), ..after };
    assert!(!write(&store, move |tx| tx.catalogue().update_platform(&unknown)).await);
}

async fn an_update_to_a_folder_that_is_taken_is_a_conflict(store: Store) {
    let (one, two) = write(&store, |tx| {
        let catalogue = tx.catalogue();
        Ok((
            catalogue.find_or_insert_platform(&a_platform("gba"))?,
            catalogue.find_or_insert_platform(&a_platform("gbc"))?,
        ))
    })
    .await;
    let taken = Platform { fs_slug: two.fs_slug, ..one };
    assert_conflict(attempt(&store, move |tx| tx.catalogue().update_platform(&taken)).await);
}

async fn of_16_that_find_or_insert_a_platform_all_get_the_same(store: Store) {
    let answers = race_writes(&store, 16, |_| {
        |tx: &mut dyn Transaction| tx.catalogue().find_or_insert_platform(&a_platform("gba"))
    })
    .await;
    assert!(answers.iter().all(|platform| *platform == answers[0]), "{answers:?}");
}

async fn platforms_are_listed_by_name_with_the_number_of_their_games(store: Store) {
    write(&store, |tx| {
        tx.catalogue().find_or_insert_platform(&a_platform("snes"))?;
        a_game().named("one").on("nes").insert(tx)?;
        a_game().named("two").on("gba").insert(tx)?;
        a_game().named("three").on("gba").known_from(GameSource::Missing).insert(tx)?;
        a_game().named("four").on("gba").known_from(GameSource::Declared).insert(tx)
    })
    .await;
    let platforms = look(&store, |tx| tx.catalogue().platforms(None)).await;
    let listed: Vec<(&str, u64)> =
        platforms.iter().map(|(platform, games)| (platform.name.as_str(), *games)).collect();
    assert_eq!(listed, [("GBA", 3), ("NES", 1), ("SNES", 0)]);
}

async fn only_platforms_changed_after_an_instant_are_listed(store: Store) {
    for (folder, minutes) in [("one", 1), ("two", 2), ("three", 3)] {
        let platform = NewPlatform { created_at: at(minutes), ..a_platform(folder) };
        write(&store, move |tx| tx.catalogue().find_or_insert_platform(&platform)).await;
    }
    let platforms = look(&store, |tx| tx.catalogue().platforms(Some(at(2)))).await;
    let listed: Vec<&str> = platforms.iter().map(|(platform, _)| platform.fs_slug.as_str()).collect();
    assert_eq!(listed, ["three"], "what changed at the instant itself is not after it");
}

async fn a_game_reads_back_with_every_field(store: Store) {
    let odd = a_game()
        .named(ODD_TEXT)
        .in_file("ü (Rev 1) [!].gba")
        .of_size((1 << 40) + 1)
        .with_hashes(odd_hashes())
        .added(at(7));
    let long = a_game().named("long").in_file(&"é".repeat(127)).of_size(0);
    for builder in [odd, long] {
        let game = write(&store, {
            let builder = builder.clone();
            move |tx| builder.insert(tx)
        })
        .await;
        assert!(game.id.0 > 0);
        let NewGame { platform, name, fs_name, size, hashes, source, created_at } =
            builder.build(game.platform);
        let (id, updated_at) = (game.id, created_at);
        let expected = Game { id, platform, name, fs_name, size, hashes, source, created_at, updated_at };
        assert_eq!(game, expected);
        assert_eq!(look(&store, move |tx| tx.catalogue().game(id)).await, Some(expected));
    }
}

async fn every_source_reads_back(store: Store) {
    for source in [GameSource::Library, GameSource::Missing, GameSource::Declared] {
        let game =
            write(&store, move |tx| a_game().named(&format!("{source:?}")).known_from(source).insert(tx))
                .await;
        let seen = look(&store, move |tx| tx.catalogue().game(game.id)).await.unwrap();
        assert_eq!(seen.source, source);
    }
}

async fn a_game_is_inserted_once_per_platform_and_file(store: Store) {
    let (platform, other) = write(&store, |tx| {
        let catalogue = tx.catalogue();
        Ok((
            catalogue.find_or_insert_platform(&a_platform("gba"))?.id,
            catalogue.find_or_insert_platform(&a_platform("gbc"))?.id,
        ))
    })
    .await;
    let insert = |platform, builder: crate::builders::GameBuilder| {
        let game = builder.build(platform);
        write(&store, move |tx| tx.catalogue().find_or_insert_game(&game))
    };
    let (first, was_inserted) = insert(platform, a_game()).await;
    assert!(was_inserted);
    let file = first.fs_name.clone();
    let again = a_game().named("Another").in_file(&file).of_size(1).known_from(GameSource::Declared);
    assert_eq!(insert(platform, again).await, (first.clone(), false), "what is there stays as it is");
    let (elsewhere, was_inserted) = insert(other, a_game()).await;
    assert!(was_inserted && elsewhere.id != first.id, "the same file on another platform");
}

async fn of_16_that_find_or_insert_a_game_all_get_the_same_and_one_inserted_it(store: Store) {
    let platform = write(&store, |tx| tx.catalogue().find_or_insert_platform(&a_platform("gba"))).await.id;
    let answers = race_writes(&store, 16, |_| {
        move |tx: &mut dyn Transaction| tx.catalogue().find_or_insert_game(&a_game().build(platform))
    })
    .await;
    assert!(answers.iter().all(|(game, _)| *game == answers[0].0), "{answers:?}");
    assert_eq!(answers.iter().filter(|(_, was_inserted)| *was_inserted).count(), 1);
}

async fn a_game_on_an_unknown_platform_is_a_conflict(store: Store) {
    let game = a_game().build(PlatformId(1));
    assert_conflict(attempt(&store, move |tx| tx.catalogue().find_or_insert_game(&game)).await);
}

async fn unknown_ids_are_none_or_false(store: Store) {
    let game = write(&store, |tx| a_game().insert(tx)).await;
    let unknown = Game { id: GameId(game.id.0 + 1), fs_name: "unknown".to_owned(), ..game.clone() };
    write(&store, move |tx| {
        let nowhere = PlatformId(game.platform.0 + 1);
        let catalogue = tx.catalogue();
        assert_eq!(catalogue.platform(nowhere)?, None);
        assert_eq!(catalogue.games_of_platform(nowhere)?, []);
        assert_eq!(catalogue.game(unknown.id)?, None);
        assert!(!catalogue.update_game(&unknown)?);
        assert_eq!(catalogue.props(UserId(1), &[unknown.id])?, []);
        assert_eq!(catalogue.game(game.id)?, Some(game));
        Ok(())
    })
    .await;
}

async fn games_are_listed_by_name_and_filtered(store: Store) {
    let (gba, gbc) = write(&store, |tx| {
        let gba = a_game().named("delta").added(at(1)).insert(tx)?.platform;
        a_game().named("alpha").added(at(2)).insert(tx)?;
        a_game().named("charlie").in_file("Third (USA).gba").added(at(3)).insert(tx)?;
        let gbc = a_game().named("bravo").on("gbc").added(at(4)).insert(tx)?.platform;
        a_game().named("echo").on("nes").added(at(5)).insert(tx)?;
        Ok((gba, gbc))
    })
    .await;
    let all = GameFilter { limit: 100, ..GameFilter::default() };
    let searching = |text: &str| GameFilter { search: Some(text.to_owned()), ..all.clone() };
    let cases = [
        (all.clone(), vec!["alpha", "bravo", "charlie", "delta", "echo"], 5),
        (GameFilter { platforms: vec![gbc], ..all.clone() }, vec!["bravo"], 1),
        (
            GameFilter { platforms: vec![gbc, gba], ..all.clone() },
            vec!["alpha", "bravo", "charlie", "delta"],
            4,
        ),
        (GameFilter { platforms: vec![PlatformId(gba.0 + 100)], ..all.clone() }, vec![], 0),
        (searching("ALPH"), vec!["alpha"], 1),
        (searching("third (usa)"), vec!["charlie"], 1),
        (searching(".gba"), vec!["alpha", "bravo", "charlie", "delta", "echo"], 5),
        (searching("nothing"), vec![], 0),
        (searching(""), vec!["alpha", "bravo", "charlie", "delta", "echo"], 5),
        (GameFilter { updated_after: Some(at(3)), ..all.clone() }, vec!["bravo", "echo"], 2),
        (GameFilter { offset: 1, limit: 2, ..all.clone() }, vec!["bravo", "charlie"], 5),
        (GameFilter { offset: 4, ..all.clone() }, vec!["echo"], 5),
        (GameFilter { offset: 5, ..all.clone() }, vec![], 5),
        (GameFilter { limit: 0, ..all.clone() }, vec![], 5),
        (
            GameFilter {
                platforms: vec![gba],
                search: Some("a".to_owned()),
                updated_after: Some(at(1)),
                offset: 1,
                limit: 1,
                ..all.clone()
            },
            vec!["charlie"],
            2,
        ),
    ];
    for (filter, expected, total) in cases {
        let asked = filter.clone();
        let (games, counted) = look(&store, move |tx| tx.catalogue().games(&asked)).await;
        assert_eq!((names(&games), counted), (expected, total), "{filter:?}");
    }
}

async fn search(store: &Store, text: &str) -> Vec<String> {
    let filter = GameFilter { search: Some(text.to_owned()), limit: 100, ..GameFilter::default() };
    let (games, _) = look(store, move |tx| tx.catalogue().games(&filter)).await;
    games.into_iter().map(|game| game.name).collect()
}

async fn a_search_takes_wildcards_for_letters(store: Store) {
    write(&store, |tx| {
        for name in ["a%c", "a_c", "a\\c", "abc"] {
            a_game().named(name).insert(tx)?;
        }
        Ok(())
    })
    .await;
    for text in ["a%c", "a_c", "a\\c"] {
        assert_eq!(search(&store, text).await, [text]);
    }
    assert_eq!(search(&store, "%").await, ["a%c"]);
}

async fn a_search_finds_in_any_case_beyond_ascii(store: Store) {
    write(&store, |tx| {
        a_game().named("Pokémon").insert(tx)?;
        a_game().named("ЧЕРЕПАШКИ").insert(tx)
    })
    .await;
    assert_eq!(search(&store, "POKÉMON").await, ["Pokémon"]);
    assert_eq!(search(&store, "черепашки").await, ["ЧЕРЕПАШКИ"]);
}

async fn games_are_listed_in_any_order_either_way(store: Store) {
    write(&store, |tx| {
        a_game().named("beta").in_file("3.gba").of_size(2).added(at(2)).insert(tx)?;
        let late = a_game().named("Alpha").in_file("B.gba").of_size(3).added(at(1)).insert(tx)?;
        a_game().named("Ärger").in_file("a.gba").of_size(1).added(at(3)).insert(tx)?;
        tx.catalogue().update_game(&Game { updated_at: at(9), ..late })
    })
    .await;
    for (by, ascending) in [
        (GameKey::Name, ["Alpha", "beta", "Ärger"]),
        (GameKey::Id, ["beta", "Alpha", "Ärger"]),
        (GameKey::FsName, ["beta", "Ärger", "Alpha"]),
        (GameKey::Size, ["Ärger", "beta", "Alpha"]),
        (GameKey::CreatedAt, ["Alpha", "beta", "Ärger"]),
        (GameKey::UpdatedAt, ["beta", "Ärger", "Alpha"]),
    ] {
        let mut descending = ascending;
        descending.reverse();
        for (direction, expected) in [(Direction::Ascending, ascending), (Direction::Descending, descending)]
        {
            let filter = GameFilter { order: GameOrder { by, direction }, limit: 9, ..GameFilter::default() };
            let (games, _) = look(&store, move |tx| tx.catalogue().games(&filter)).await;
            assert_eq!(names(&games), expected, "{by:?} {direction:?}");
        }
    }
}

async fn pages_fit_together_where_games_are_equal_by_the_key(store: Store) {
    let mut ids = write(&store, |tx| {
        let mut ids = Vec::new();
        for file in ["c.gba", "a.gba", "d.gba", "b.gba"] {
            ids.push(a_game().in_file(file).insert(tx)?.id);
        }
        Ok(ids)
    })
    .await;
    ids.sort_unstable();
    for direction in [Direction::Ascending, Direction::Descending] {
        for by in [GameKey::Name, GameKey::Size, GameKey::CreatedAt, GameKey::UpdatedAt] {
            let mut paged = Vec::new();
            for offset in 0..4 {
                let order = GameOrder { by, direction };
                let filter = GameFilter { order, offset, limit: 1, ..GameFilter::default() };
                let (page, _) = look(&store, move |tx| tx.catalogue().games(&filter)).await;
                paged.extend(page.into_iter().map(|game| game.id));
            }
            assert_eq!(paged, ids, "{by:?} {direction:?}");
        }
        ids.reverse();
    }
}

async fn every_game_of_a_platform_is_listed_by_file_name(store: Store) {
    let platform = write(&store, |tx| {
        a_game().named("other").on("gbc").insert(tx)?;
        a_game().named("first").in_file("b.gba").known_from(GameSource::Missing).insert(tx)?;
        a_game().named("second").in_file("c.gba").insert(tx)?;
        Ok(a_game().named("third").in_file("a.gba").known_from(GameSource::Declared).insert(tx)?.platform)
    })
    .await;
    let games = look(&store, move |tx| tx.catalogue().games_of_platform(platform)).await;
    assert_eq!(names(&games), ["third", "first", "second"]);
}

async fn a_game_is_found_by_any_of_its_hashes_the_first_by_id(store: Store) {
    let (first, second) = write(&store, |tx| {
        a_game().named("without").insert(tx)?;
        let first = a_game().named("first").with_hashes(odd_hashes()).insert(tx)?;
        let twin = GameHashes { md5: Some("b".repeat(32)), ..odd_hashes() };
        Ok((first, a_game().named("second").with_hashes(twin).insert(tx)?))
    })
    .await;
    let none = GameHashes::default;
    let odd = odd_hashes;
    let cases = [
        (none(), None),
        (GameHashes { crc32: odd().crc32, ..none() }, Some(first.clone())),
        (GameHashes { md5: odd().md5, ..none() }, Some(first.clone())),
        (GameHashes { sha1: odd().sha1, ..none() }, Some(first.clone())),
        (GameHashes { md5: Some("b".repeat(32)), ..none() }, Some(second.clone())),
        (
            GameHashes { md5: Some("b".repeat(32)), crc32: Some("00000000".to_owned()), ..none() },
            Some(second),
        ),
        (GameHashes { md5: Some("b".repeat(32)), sha1: odd().sha1, ..none() }, Some(first)),
        (GameHashes { crc32: Some("00000000".to_owned()), ..none() }, None),
    ];
    for (hashes, expected) in cases {
        let asked = hashes.clone();
        let found = look(&store, move |tx| tx.catalogue().game_by_hash(&asked)).await;
        assert_eq!(found, expected, "{hashes:?}");
    }
}

async fn ids_are_listed_ascending(store: Store) {
    let (mut games, mut platforms) = write(&store, |tx| {
        let (mut games, mut platforms) = (Vec::new(), Vec::new());
        for folder in ["snes", "gba", "nes"] {
            let game = a_game().on(folder).insert(tx)?;
            games.push(game.id);
            platforms.push(game.platform);
        }
        Ok((games, platforms))
    })
    .await;
    games.sort_unstable();
    platforms.sort_unstable();
    let seen = look(&store, |tx| Ok((tx.catalogue().game_ids()?, tx.catalogue().platform_ids()?))).await;
    assert_eq!(seen, (games, platforms));
}

async fn of_ids_those_of_games_are_known_1000_at_once(store: Store) {
    let mut games: Vec<GameId> = write(&store, |tx| {
        ["one", "two", "three"].iter().map(|name| Ok(a_game().named(name).insert(tx)?.id)).collect()
    })
    .await;
    let known = |asked: Vec<GameId>| look(&store, move |tx| tx.catalogue().known_games(&asked));
    assert_eq!(known(Vec::new()).await, []);
    let mut asked: Vec<GameId> = (1_000_000..1_001_000).map(GameId).collect();
    assert_eq!(known(asked.clone()).await, []);
    asked.extend([games[2], games[0]]);
    games.remove(1);
    assert_eq!(known(asked).await, games);
}

async fn an_update_replaces_every_field_but_id_platform_and_creation(store: Store) {
    let (game, other) = write(&store, |tx| {
        Ok((a_game().named("game").insert(tx)?, a_game().named("other").on("gbc").insert(tx)?))
    })
    .await;
    let update = Game {
        id: game.id,
        platform: other.platform,
        name: ODD_TEXT.to_owned(),
        fs_name: "renamed.gba".to_owned(),
        size: 1 << 33,
        hashes: odd_hashes(),
        source: GameSource::Missing,
        created_at: at(99),
        updated_at: at(5),
    };
    let expected = Game { platform: game.platform, created_at: game.created_at, ..update.clone() };
    assert!(write(&store, move |tx| tx.catalogue().update_game(&update)).await);
    let (id, other_id) = (game.id, other.id);
    let seen = look(&store, move |tx| Ok((tx.catalogue().game(id)?, tx.catalogue().game(other_id)?))).await;
    assert_eq!(seen, (Some(expected), Some(other)));
    assert_eq!(search(&store, "ZÉLDA").await, [ODD_TEXT], "it is found by its new name");

    let back = game.clone();
    assert!(write(&store, move |tx| tx.catalogue().update_game(&back)).await);
    assert_eq!(look(&store, move |tx| tx.catalogue().game(id)).await, Some(game), "what was set is cleared");
}

async fn an_update_to_a_file_name_that_is_taken_is_a_conflict(store: Store) {
    let game = write(&store, |tx| {
        a_game().in_file("taken.gba").insert(tx)?;
        a_game().in_file("own.gba").insert(tx)
    })
    .await;
    let update = Game { fs_name: "taken.gba".to_owned(), ..game.clone() };
    assert_conflict(attempt(&store, move |tx| tx.catalogue().update_game(&update)).await);
    assert_eq!(look(&store, move |tx| tx.catalogue().game(game.id)).await, Some(game));
}

async fn files_read_back_with_every_field_by_path(store: Store) {
    let game = write(&store, |tx| a_game().insert(tx)).await.id;
    let odd = NewGameFile {
        path: format!("{ODD_TEXT}/ü.bin"),
        size: (1 << 40) + 1,
        modified_at: at(7),
        hashes: odd_hashes(),
    };
    let mut put = vec![a_game_file("b/Z", 0), a_game_file("b/a", 1), odd, a_game_file("b", 2)];
    let files = put.clone();
    write(&store, move |tx| tx.catalogue().put_files(game, &files)).await;
    put.sort_by(|one, two| one.path.cmp(&two.path));
    let seen = look(&store, move |tx| tx.catalogue().files(&[game])).await;
    let expected = seen.iter().zip(put).map(|(seen, new)| {
        let NewGameFile { path, size, modified_at, hashes } = new;
        GameFile { id: seen.id, game, path, size, modified_at, hashes }
    });
    assert_eq!(seen, expected.collect::<Vec<_>>());
    for file in seen {
        assert!(file.id.0 > 0);
        let id = file.id;
        assert_eq!(look(&store, move |tx| tx.catalogue().file(id)).await, Some(file));
    }
    assert_eq!(look(&store, |tx| tx.catalogue().file(GameFileId(1_000_000))).await, None);
}

async fn files_that_are_put_replace_those_that_were_and_a_path_keeps_its_id(store: Store) {
    let game = write(&store, |tx| a_game().insert(tx)).await.id;
    let put = async |files: Vec<NewGameFile>| {
        write(&store, move |tx| tx.catalogue().put_files(game, &files)).await;
        look(&store, move |tx| tx.catalogue().files(&[game])).await
    };
    let hashed = NewGameFile { hashes: odd_hashes(), ..a_game_file("kept", 1) };
    let before = put(vec![a_game_file("gone", 1), hashed]).await;
    let after = put(vec![a_game_file("kept", 2), a_game_file("new", 3)]).await;
    let shown: Vec<(&str, u64)> = after.iter().map(|file| (file.path.as_str(), file.size)).collect();
    assert_eq!(shown, [("kept", 2), ("new", 3)]);
    assert_eq!((after[0].id, &after[0].hashes), (before[1].id, &GameHashes::default()));
    assert!(after[1].id > before[1].id, "an id is not given twice");
    assert_eq!(put(Vec::new()).await, []);
}

async fn files_of_many_games_are_read_at_once(store: Store) {
    let games = write(&store, |tx| {
        let mut games = Vec::new();
        for name in ["one", "two", "three"] {
            let game = a_game().named(name).insert(tx)?.id;
            tx.catalogue().put_files(game, &[a_game_file(name, 1)])?;
            games.push(game);
        }
        Ok(games)
    })
    .await;
    let asked = vec![games[2], games[0]];
    let files = look(&store, move |tx| tx.catalogue().files(&asked)).await;
    let mut shown: Vec<(GameId, &str)> = files.iter().map(|file| (file.game, file.path.as_str())).collect();
    shown.sort_unstable();
    assert_eq!(shown, [(games[0], "one"), (games[2], "three")]);
    assert_eq!(look(&store, |tx| tx.catalogue().files(&[])).await, []);
}

async fn files_of_an_unknown_game_are_a_conflict(store: Store) {
    let put = |tx: &mut dyn Transaction| tx.catalogue().put_files(GameId(1), &[a_game_file("a", 1)]);
    assert_conflict(attempt(&store, put).await);
}

async fn a_game_is_found_by_a_hash_of_any_of_its_files(store: Store) {
    let md5 = |digit: &str| GameHashes { md5: Some(digit.repeat(32)), ..GameHashes::default() };
    let game = write(&store, move |tx| {
        a_game().named("other").with_hashes(md5("c")).insert(tx)?;
        let game = a_game().insert(tx)?.id;
        let hashed = |path, digit| NewGameFile { hashes: md5(digit), ..a_game_file(path, 1) };
        tx.catalogue().put_files(game, &[hashed("one", "a"), hashed("two", "b")])?;
        Ok(game)
    })
    .await;
    for (digit, expected) in [("a", Some(game)), ("b", Some(game)), ("d", None)] {
        let found = look(&store, move |tx| tx.catalogue().game_by_hash(&md5(digit))).await;
        assert_eq!(found.map(|game| game.id), expected, "{digit}");
    }
}

async fn props_read_back_whatever_json_they_hold(store: Store) {
    let odd = json!({
        "": null,
        "odd": ODD_TEXT,
        "nul": "a\u{0}b",
        "numbers": [0, -1, i64::MIN, u64::MAX, 0.1, 100.0, 1e300],
        "nested": {"deep": [[], {}, [true, false, null]]},
    });
    let cases = [
        GameProps { data: odd.as_object().unwrap().clone(), last_played: None },
        GameProps { data: serde_json::Map::new(), last_played: Some(at(1)) },
        GameProps::default(),
    ];
    let (user, game) = write(&store, |tx| Ok((a_user().insert(tx)?.id, a_game().insert(tx)?.id))).await;
    for props in cases {
        let put = props.clone();
        write(&store, move |tx| tx.catalogue().put_props(user, &[(game, put)])).await;
        assert_eq!(look(&store, move |tx| tx.catalogue().props(user, &[game])).await, [(game, props)]);
    }
}

async fn props_are_the_user_s_own_and_replaced_as_a_whole(store: Store) {
    let props =
        |name: &str| GameProps { data: json!({ name: 1 }).as_object().unwrap().clone(), last_played: None };
    let (players, guests) = (props("player"), props("guest"));
    let replaced = GameProps { last_played: Some(at(2)), ..props("player") };
    let (player, guest, games) = write(&store, {
        let (players, guests, replaced) = (players.clone(), guests.clone(), replaced.clone());
        move |tx| {
            let player = a_user().named("Player").insert(tx)?.id;
            let guest = a_user().named("Guest").insert(tx)?.id;
            let mut games = Vec::new();
            for name in ["one", "two", "three"] {
                games.push(a_game().named(name).insert(tx)?.id);
            }
            tx.catalogue().put_props(player, &[(games[0], props("first"))])?;
            tx.catalogue().put_props(player, &[(games[1], players), (games[0], replaced)])?;
            tx.catalogue().put_props(guest, &[(games[0], guests)])?;
            tx.catalogue().put_props(guest, &[])?;
            Ok((player, guest, games))
        }
    })
    .await;
    let asked = games.clone();
    let (mut of_player, of_guest, of_one, of_none) = look(&store, move |tx| {
        let catalogue = tx.catalogue();
        Ok((
            catalogue.props(player, &asked)?,
            catalogue.props(guest, &asked)?,
            catalogue.props(player, &asked[1..2])?,
            catalogue.props(player, &[])?,
        ))
    })
    .await;
    of_player.sort_by_key(|(game, _)| *game);
    assert_eq!(of_player, [(games[0], replaced), (games[1], players.clone())]);
    assert_eq!(of_guest, [(games[0], guests)]);
    assert_eq!(of_one, [(games[1], players)]);
    assert_eq!(of_none, []);
}

async fn props_of_an_unknown_user_or_game_are_a_conflict(store: Store) {
    let (user, game) = write(&store, |tx| Ok((a_user().insert(tx)?.id, a_game().insert(tx)?.id))).await;
    let put = |user, game| {
        attempt(&store, move |tx| tx.catalogue().put_props(user, &[(game, GameProps::default())]))
    };
    assert_conflict(put(UserId(user.0 + 1), game).await);
    assert_conflict(put(user, GameId(game.0 + 1)).await);
}
