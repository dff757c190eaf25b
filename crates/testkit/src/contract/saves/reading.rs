//! Finding saves, alone and in lists.

use memcard_domain::ids::{SaveId, SlotId, StateId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    Companion, Content, ContentHash, ForkState, HistoryFilter, Save, SaveFilter, SlotKey, SlotName,
    SlotPlace, Standing, Visibility,
};

use super::{Story, append, by_version, history, open, orders, show_as, story};
use crate::builders::{a_version, at, content_of, named_place, state_place};
use crate::contract::{Store, look, write};

/// The rows' ids, sorted: where a rule leaves the order open.
fn rows(saves: &[Save]) -> Vec<SaveId> {
    let mut rows: Vec<SaveId> = saves.iter().map(|save| save.id).collect();
    rows.sort_unstable();
    rows
}

pub(super) async fn versions_are_found_alone_and_1000_at_once(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let one = append(&store, a_version(slot)).await;
    let two = append(&store, a_version(slot).as_fork()).await;
    let three = append(&store, a_version(slot)).await;
    let last = three.version.id.0;
    assert_eq!(by_version(&store, VersionId(last + 1)).await, None);
    assert_eq!(by_version(&store, two.version.id).await, Some(two.clone()));

    let mut ids: Vec<VersionId> = (1..=998).map(|offset| VersionId(last + offset)).collect();
    ids.extend([one.version.id, two.version.id]);
    let (mut found, none) =
        look(&store, move |tx| Ok((tx.saves().by_versions(&ids)?, tx.saves().by_versions(&[])?))).await;
    found.sort_by_key(|save| save.version.order);
    assert_eq!(found, [one, two]);
    assert_eq!(none, []);
}

pub(super) async fn a_row_is_found_by_its_owner_whatever_its_state(store: Store) {
    let Story { player, guest, slot, .. } = story(&store).await;
    let mut saves = Vec::new();
    for visibility in Visibility::ALL {
        let version = a_version(slot);
        saves.push(
            write(&store, move |tx| {
                let save = version.append(tx)?;
                show_as(tx, &save, visibility)?;
                Ok(Save { visibility, ..save })
            })
            .await,
        );
    }
    saves.push(append(&store, a_version(slot).as_fork()).await);
    for save in saves {
        let id = save.id;
        let seen =
            look(&store, move |tx| Ok([tx.saves().by_id(player, id)?, tx.saves().by_id(guest, id)?])).await;
        assert_eq!(seen, [Some(save), None]);
    }
    let unknown = SaveId(i32::MAX);
    assert_eq!(look(&store, move |tx| tx.saves().by_id(player, unknown)).await, None);
}

pub(super) async fn rows_are_found_1000_at_once(store: Store) {
    let Story { player, guest, game, slot, .. } = story(&store).await;
    let (one, two, state) = write(&store, move |tx| {
        let state = SlotKey { user: player, game, place: state_place("game.state", None) };
        let state = tx.saves().open_slot(&state)?.id;
        let one = a_version(slot).append(tx)?;
        let two = a_version(slot).as_fork().append(tx)?;
        show_as(tx, &one, Visibility::Deleted)?;
        let one = Save { visibility: Visibility::Deleted, ..one };
        Ok((one, two, a_version(state).append(tx)?))
    })
    .await;
    let mut asked: Vec<SaveId> = (1_000_000..1_000_997).map(SaveId).collect();
    asked.extend([state.id, two.id, one.id]);
    let asked_states: Vec<StateId> = asked.iter().map(|id| StateId(id.0)).collect();
    let found = look(&store, move |tx| {
        let saves = tx.saves();
        Ok([
            saves.by_ids(player, &asked)?,
            saves.states_by_ids(player, &asked_states)?,
            saves.by_ids(guest, &asked)?,
            saves.states_by_ids(guest, &asked_states)?,
            saves.by_ids(player, &[])?,
        ])
    })
    .await;
    let [mut of_player, states, rest @ ..] = found;
    of_player.sort_by_key(|save| save.version.order);
    assert_eq!((of_player, states), (vec![one, two], vec![state]));
    assert_eq!(rest, [const { Vec::new() }; 3]);
}

pub(super) async fn a_public_row_is_found_unless_it_is_deleted_or_a_fork(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let find = |id: SaveId| look(&store, move |tx| tx.saves().public_by_id(id));
    let private = append(&store, a_version(slot)).await;
    assert_eq!(find(private.id).await, None);
    for (standing, visibility, is_found) in [
        (Standing::Line, Visibility::Visible, true),
        (Standing::Line, Visibility::Cleaned, true),
        (Standing::Line, Visibility::Deleted, false),
        (Standing::Fork(ForkState::Open), Visibility::Visible, false),
        (Standing::Fork(ForkState::KeptFork), Visibility::Visible, false),
    ] {
        let save = write(&store, move |tx| {
            let save = a_version(slot).standing(standing).append(tx)?;
            show_as(tx, &save, visibility)?;
            tx.saves().set_public(save.id, true)?;
            Ok(Save { visibility, is_public: true, ..save })
        })
        .await;
        let found = find(save.id).await;
        assert_eq!(found, is_found.then_some(save), "{standing:?}, {visibility:?}");
    }
    assert_eq!(find(SaveId(i32::MAX)).await, None);
}

pub(super) async fn a_history_holds_all_versions_newest_first(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let mut expected = write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
        a_version(other).append(tx)?;
        let mut saves = Vec::new();
        for visibility in Visibility::ALL {
            let save = a_version(slot).append(tx)?;
            show_as(tx, &save, visibility)?;
            saves.push(Save { visibility, ..save });
        }
        saves.push(a_version(slot).as_fork().append(tx)?);
        saves.push(a_version(slot).standing(Standing::Fork(ForkState::Dismissed)).append(tx)?);
        Ok(saves)
    })
    .await;
    expected.reverse();
    assert_eq!(history(&store, slot).await, expected);
}

pub(super) async fn histories_are_read_1000_at_once(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
        let unasked = open(tx, player, game, "unasked")?;
        a_version(unasked).append(tx)?;
        for slot in [slot, other, other, slot] {
            a_version(slot).append(tx)?;
        }
        Ok(other)
    })
    .await;
    let mut asked: Vec<SlotId> = (1_000_000..1_000_998).map(SlotId).collect();
    asked.extend([other, slot]);
    let mut found = look(&store, move |tx| tx.saves().histories(&asked)).await;
    // Which slot comes first is open; the order within each is not.
    found.sort_by_key(|save| save.version.slot);
    let expected = [history(&store, slot).await, history(&store, other).await].concat();
    assert_eq!((orders(&found), &found), (vec![2, 1, 2, 1], &expected));
    assert_eq!(look(&store, |tx| tx.saves().histories(&[])).await, []);
}

pub(super) async fn the_same_bytes_are_found_within_their_slot_newest_first(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
        a_version(other).of_bytes(b"same").append(tx)?;
        a_version(slot).of_bytes(b"same").append(tx)?;
        a_version(slot).of_bytes(b"different").append(tx)?;
        a_version(slot).of_bytes(b"same").as_fork().append(tx)?;
        let deleted = a_version(slot).of_bytes(b"same").append(tx)?;
        show_as(tx, &deleted, Visibility::Deleted)
    })
    .await;
    let (same, unknown) = look(&store, move |tx| {
        Ok((
            tx.saves().by_digest(slot, content_of(b"same").digest)?,
            tx.saves().by_digest(slot, content_of(b"unknown").digest)?,
        ))
    })
    .await;
    assert_eq!(orders(&same), [4, 3, 1]);
    assert_eq!(unknown, []);
}

pub(super) async fn content_hashes_are_found_in_every_slot_of_the_user_1000_at_once(store: Store) {
    let Story { player, guest, game, other_game, slot, .. } = story(&store).await;
    let hash_of = |bytes: &[u8]| content_of(bytes).content_hash.unwrap();
    let (expected, of_guest) = write(&store, move |tx| {
        let other = open(tx, player, other_game, "other")?;
        let archival = SlotPlace::Archival { file_name: "a.srm".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: player, game, place: archival })?.id;
        let guests = open(tx, guest, game, "autosave")?;
        let unreadable = Content { content_hash: None, ..content_of(b"one") };
        a_version(slot).with_content(unreadable).append(tx)?;
        a_version(slot).of_bytes(b"three").append(tx)?;
        let deleted = a_version(slot).of_bytes(b"two").append(tx)?;
        show_as(tx, &deleted, Visibility::Deleted)?;
        let expected = [
            a_version(slot).of_bytes(b"one").append(tx)?,
            a_version(slot).of_bytes(b"one").as_fork().append(tx)?,
            a_version(other).of_bytes(b"one").append(tx)?,
            a_version(archival).of_bytes(b"two").append(tx)?,
            deleted,
        ];
        Ok((expected, a_version(guests).of_bytes(b"one").append(tx)?))
    })
    .await;
    let mut hashes: Vec<ContentHash> =
        (0..998u32).map(|number| hash_of(format!("unknown {number}").as_bytes())).collect();
    hashes.extend([hash_of(b"one"), hash_of(b"two")]);
    let (found, guests, none) = look(&store, move |tx| {
        let saves = tx.saves();
        Ok((
            saves.by_content_hashes(player, &hashes)?,
            saves.by_content_hashes(guest, &hashes)?,
            saves.by_content_hashes(player, &[])?,
        ))
    })
    .await;
    assert_eq!(rows(&found), rows(&expected));
    assert_eq!(guests, [of_guest]);
    assert_eq!(none, []);
}

pub(super) async fn saves_are_listed_by_the_filter_greatest_updated_at_first(store: Store) {
    let Story { player, guest, game, other_game, slot, .. } = story(&store).await;
    let (platform, other_platform) = write(&store, move |tx| {
        let slot_of =
            |tx: &mut dyn Transaction, place| tx.saves().open_slot(&SlotKey { user: player, game, place });
        let clock = slot_of(tx, named_place("autosave", Companion::of_extension("rtc")))?.id;
        let unnamed = slot_of(tx, named_place("", None))?.id;
        let archival = slot_of(tx, SlotPlace::Archival { file_name: "autosave".to_owned() })?.id;
        let elsewhere = open(tx, player, other_game, "autosave")?;
        let guests = open(tx, guest, game, "autosave")?;
        for (slot, name, minutes) in [
            (slot, "main 1", 1),
            (slot, "main 4", 4),
            (clock, "clock 2", 2),
            (unnamed, "unnamed 5", 5),
            (archival, "archival 3", 3),
            (elsewhere, "elsewhere 6", 6),
            (guests, "guests 7", 7),
        ] {
            a_version(slot).in_file(name).written(at(minutes)).append(tx)?;
        }
        for visibility in [Visibility::Cleaned, Visibility::Replaced, Visibility::Deleted] {
            let hidden = a_version(slot).in_file("hidden").append(tx)?;
            show_as(tx, &hidden, visibility)?;
        }
        for state in [ForkState::Open, ForkState::KeptHead, ForkState::KeptFork] {
            a_version(slot).in_file("fork").standing(Standing::Fork(state)).append(tx)?;
        }
        let platform_of = |tx: &mut dyn Transaction, game| {
            Ok::<_, StoreError>(tx.catalogue().game(game)?.expect("it is there").platform)
        };
        Ok((platform_of(tx, game)?, platform_of(tx, other_game)?))
    })
    .await;

    let all = SaveFilter { user: player, game: None, platform: None, slot: None };
    let named = |name: &str| Some(SlotName::new(name).unwrap());
    let cases = [
        (all.clone(), vec!["elsewhere 6", "unnamed 5", "main 4", "archival 3", "clock 2", "main 1"]),
        (
            SaveFilter { game: Some(game), ..all.clone() },
            vec!["unnamed 5", "main 4", "archival 3", "clock 2", "main 1"],
        ),
        (SaveFilter { platform: Some(other_platform), ..all.clone() }, vec!["elsewhere 6"]),
        (
            SaveFilter { slot: named("autosave"), ..all.clone() },
            vec!["elsewhere 6", "main 4", "clock 2", "main 1"],
        ),
        (SaveFilter { slot: named(""), ..all.clone() }, vec!["unnamed 5"]),
        (SaveFilter { slot: named("AUTOSAVE"), ..all.clone() }, vec![]),
        (
            SaveFilter { game: Some(game), platform: Some(platform), slot: named("autosave"), ..all.clone() },
            vec!["main 4", "clock 2", "main 1"],
        ),
        (SaveFilter { game: Some(game), platform: Some(other_platform), ..all.clone() }, vec![]),
        (SaveFilter { user: guest, ..all.clone() }, vec!["guests 7"]),
        (SaveFilter { user: UserId(guest.0 + 1), ..all.clone() }, vec![]),
    ];
    for (filter, expected) in cases {
        let asked = filter.clone();
        let saves = look(&store, move |tx| tx.saves().list(&asked)).await;
        let listed: Vec<&str> = saves.iter().map(|save| save.file_name.as_str()).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub(super) async fn a_game_s_history_holds_the_versions_of_every_slot_greatest_updated_at_first(
    store: Store,
) {
    let Story { player, guest, game, other_game, slot, .. } = story(&store).await;
    write(&store, move |tx| {
        let place = |place| SlotKey { user: player, game, place };
        let clock = place(named_place("autosave", Companion::of_extension("rtc")));
        let clock = tx.saves().open_slot(&clock)?.id;
        let unnamed = tx.saves().open_slot(&place(named_place("", None)))?.id;
        let archival = place(SlotPlace::Archival { file_name: "autosave".to_owned() });
        let archival = tx.saves().open_slot(&archival)?.id;
        let elsewhere = open(tx, player, other_game, "autosave")?;
        let guests = open(tx, guest, game, "autosave")?;
        let state = SlotPlace::State { file_name: "autosave".to_owned(), emulator: None };
        let state = tx.saves().open_slot(&place(state))?.id;
        for (slot, name, minutes) in [
            (state, "state 13", 13),
            (slot, "main 1", 1),
            (slot, "main 4", 4),
            (clock, "clock 2", 2),
            (unnamed, "unnamed 5", 5),
            (archival, "archival 3", 3),
            (elsewhere, "elsewhere 6", 6),
            (guests, "guests 7", 7),
        ] {
            a_version(slot).in_file(name).written(at(minutes)).append(tx)?;
        }
        for (visibility, minutes) in
            [(Visibility::Cleaned, 8), (Visibility::Replaced, 9), (Visibility::Deleted, 10)]
        {
            let name = format!("{} {minutes}", visibility.name());
            let hidden = a_version(slot).in_file(&name).written(at(minutes)).append(tx)?;
            show_as(tx, &hidden, visibility)?;
        }
        for (state, minutes) in [(ForkState::Open, 11), (ForkState::KeptHead, 12)] {
            let fork = a_version(clock).in_file(&format!("fork {minutes}")).written(at(minutes));
            fork.standing(Standing::Fork(state)).append(tx)?;
        }
        Ok(())
    })
    .await;

    let hidden = ["fork 12", "fork 11", "deleted 10", "replaced 9", "cleaned 8"];
    let after_hidden = |shown: &[&'static str]| [&hidden, shown].concat();
    let cases = [
        (player, None, after_hidden(&["unnamed 5", "main 4", "archival 3", "clock 2", "main 1"])),
        (player, Some("autosave"), after_hidden(&["main 4", "clock 2", "main 1"])),
        (player, Some(""), vec!["unnamed 5"]),
        (player, Some("AUTOSAVE"), vec![]),
        (guest, None, vec!["guests 7"]),
    ];
    for (user, slot, expected) in cases {
        let slot = slot.map(|name| SlotName::new(name).unwrap());
        let filter = HistoryFilter { user, game, slot };
        let asked = filter.clone();
        let saves = look(&store, move |tx| tx.saves().list_history(&asked)).await;
        let listed: Vec<&str> = saves.iter().map(|save| save.file_name.as_str()).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
}
