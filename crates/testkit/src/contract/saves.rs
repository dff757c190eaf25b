//! Rules of [`SaveRepository`](memcard_domain::ports::SaveRepository).

use std::collections::BTreeSet;

use chrono::Duration;
use memcard_domain::ids::{DeviceId, GameId, SaveId, SlotId, UserId, VersionId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{
    COMPANIONS, Companion, Content, ContentHash, Digest, FileName, Fill, ForkState, NewVersion, Order, Save,
    SaveFilter, SetAside, Slot, SlotKey, SlotName, SlotPlace, Standing, Version, VersionKind, Visibility,
};

use super::store::assert_conflict;
use super::{Store, attempt, look, race, suite, write};
use crate::builders::{
    ODD_TEXT, VersionBuilder, a_device, a_game, a_slot_key, a_user, a_version, at, content_of, named_place,
    uuid_of,
};

suite! { $
    /// Hooks the rules of [`SaveRepository`](memcard_domain::ports::SaveRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    save_repository_contract: saves over dyn memcard_domain::ports::UnitOfWork {
        a_slot_is_opened_once_and_stays,
        slots_are_told_apart_by_every_part_of_their_key,
        of_32_that_open_a_slot_all_get_the_same,
        a_slot_of_an_unknown_user_or_game_is_a_conflict,
        a_slot_that_nobody_opened_is_none,
        named_slots_come_with_their_heads_the_empty_ones_too,
        an_appended_version_reads_back_with_every_field,
        an_appended_version_gets_a_visible_row_and_moves_no_head,
        every_kind_standing_and_visibility_reads_back,
        every_fill_reads_back,
        a_place_that_is_taken_is_a_conflict,
        of_64_that_append_at_one_place_one_succeeds,
        two_slots_have_orders_of_their_own,
        a_version_of_an_unknown_slot_device_or_parent_is_a_conflict,
        the_last_order_counts_forks_and_deleted_versions,
        the_latest_instant_is_that_of_the_user_and_game_in_every_slot,
        transactions_that_lock_the_same_game_follow_one_another,
        a_version_appended_in_place_takes_over_the_row,
        the_replaced_version_gets_a_row_of_its_own_that_nobody_else_may_fetch,
        each_version_is_named_by_exactly_one_row_however_often_a_row_moves,
        appending_in_place_at_a_place_that_is_taken_is_a_conflict_and_moves_nothing,
        a_row_that_is_not_there_takes_no_version,
        versions_are_found_alone_and_1000_at_once,
        a_row_is_found_by_its_owner_whatever_its_state,
        a_public_row_is_found_unless_it_is_deleted_or_a_fork,
        the_newest_visible_row_is_no_fork,
        a_history_holds_all_versions_newest_first,
        the_same_bytes_are_found_within_their_slot_newest_first,
        content_hashes_are_found_in_every_slot_of_the_user_1000_at_once,
        saves_are_listed_by_the_filter_greatest_updated_at_first,
        a_head_is_moved_and_taken_away,
        a_row_s_visibility_and_publicity_change_alone,
        a_version_s_standing_and_notice_change_alone,
        changes_to_what_is_not_there_are_no_error,
    }
}

/// Anna and Ben, two games, Anna's handheld, and Anna's slot `autosave` of the first game.
#[derive(Debug, Clone, Copy)]
struct Story {
    anna: UserId,
    ben: UserId,
    game: GameId,
    other_game: GameId,
    handheld: DeviceId,
    slot: SlotId,
}

async fn story(store: &Store) -> Story {
    write(store, |tx| {
        let anna = a_user().named("Anna").insert(tx)?.id;
        let game = a_game().named("one").insert(tx)?.id;
        Ok(Story {
            anna,
            ben: a_user().named("Ben").insert(tx)?.id,
            game,
            other_game: a_game().named("two").on("gbc").insert(tx)?.id,
            handheld: a_device(anna, "handheld").insert(tx)?.id,
            slot: open(tx, anna, game, "autosave")?,
        })
    })
    .await
}

fn open(tx: &mut dyn Transaction, user: UserId, game: GameId, name: &str) -> Result<SlotId, StoreError> {
    Ok(tx.saves().open_slot(&a_slot_key(user, game, name))?.id)
}

async fn append(store: &Store, version: VersionBuilder) -> Save {
    write(store, move |tx| version.append(tx)).await
}

async fn append_new(store: &Store, version: &NewVersion) -> Save {
    let version = version.clone();
    write(store, move |tx| tx.saves().append(&version)).await
}

async fn by_version(store: &Store, version: VersionId) -> Option<Save> {
    look(store, move |tx| tx.saves().by_version(version)).await
}

async fn history(store: &Store, slot: SlotId) -> Vec<Save> {
    look(store, move |tx| tx.saves().history(slot)).await
}

/// The rows' ids, sorted: where a rule leaves the order open.
fn rows(saves: &[Save]) -> Vec<SaveId> {
    let mut rows: Vec<SaveId> = saves.iter().map(|save| save.id).collect();
    rows.sort_unstable();
    rows
}

fn orders(saves: &[Save]) -> Vec<i32> {
    saves.iter().map(|save| save.version.order.0).collect()
}

/// Hides, deletes or shows a row.
fn show_as(tx: &mut dyn Transaction, save: &Save, visibility: Visibility) -> Result<(), StoreError> {
    tx.saves().set_visibility(save.id, visibility)
}

async fn a_slot_is_opened_once_and_stays(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let key = a_slot_key(anna, game, "autosave");
    let expected = Slot { id: slot, key: key.clone(), head: None };
    assert!(slot.0 > 0);
    let again = write(&store, {
        let key = key.clone();
        move |tx| tx.saves().open_slot(&key)
    })
    .await;
    assert_eq!(again, expected);
    assert_eq!(look(&store, move |tx| tx.saves().slot(&key)).await, Some(expected));
}

async fn slots_are_told_apart_by_every_part_of_their_key(store: Store) {
    let Story { anna, ben, game, other_game, .. } = story(&store).await;
    let long = "é".repeat(255);
    let names =
        ["", " ", "slot", "SLOT", "slot ", "main", "null", "e\u{301}", "é", "🎮", ODD_TEXT, long.as_str()];
    let mut places: Vec<SlotPlace> = names.iter().map(|name| named_place(name, None)).collect();
    for extension in COMPANIONS {
        let companion = Companion::of_extension(extension);
        assert!(companion.is_some());
        places.extend(["", "slot"].map(|name| named_place(name, companion)));
    }
    for file_name in ["slot", "SLOT", "main", "Golden Sun (USA).srm", ODD_TEXT] {
        places.push(SlotPlace::Archival { file_name: file_name.to_owned() });
    }
    let mut keys: Vec<SlotKey> =
        places.into_iter().map(|place| SlotKey { user: anna, game, place }).collect();
    keys.push(a_slot_key(anna, other_game, "slot"));
    keys.push(a_slot_key(ben, game, "slot"));

    let asked = keys.clone();
    let slots = write(&store, move |tx| asked.iter().map(|key| tx.saves().open_slot(key)).collect()).await;
    let slots: Vec<Slot> = slots;
    let distinct: BTreeSet<SlotId> = slots.iter().map(|slot| slot.id).collect();
    assert_eq!(distinct.len(), keys.len(), "{slots:#?}");
    for (slot, key) in slots.into_iter().zip(keys) {
        assert_eq!(slot.key, key);
        assert_eq!(look(&store, move |tx| tx.saves().slot(&key)).await, Some(slot));
    }
}

async fn of_32_that_open_a_slot_all_get_the_same(store: Store) {
    let Story { anna, game, .. } = story(&store).await;
    for place in [named_place("", None), SlotPlace::Archival { file_name: "a.srm".to_owned() }] {
        let key = SlotKey { user: anna, game, place };
        let answers = race(32, |_| {
            let (store, key) = (Store::clone(&store), key.clone());
            async move { write(&store, move |tx| tx.saves().open_slot(&key)).await }
        })
        .await;
        assert!(answers.iter().all(|slot| *slot == answers[0]), "{answers:?}");
    }
}

async fn a_slot_of_an_unknown_user_or_game_is_a_conflict(store: Store) {
    let Story { anna, ben, game, other_game, .. } = story(&store).await;
    for (user, game) in [(UserId(ben.0 + 1), game), (anna, GameId(other_game.0 + 1))] {
        assert_conflict(attempt(&store, move |tx| open(tx, user, game, "slot")).await);
    }
}

async fn a_slot_that_nobody_opened_is_none(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let unknown = SlotId(slot.0 + 1);
    write(&store, move |tx| {
        let saves = tx.saves();
        assert_eq!(saves.slot(&a_slot_key(anna, game, "another"))?, None);
        assert_eq!(saves.last_order(unknown)?, None);
        assert_eq!(saves.newest_visible(unknown)?, None);
        assert_eq!(saves.history(unknown)?, []);
        assert_eq!(saves.by_digest(unknown, content_of(b"x").digest)?, []);
        saves.lock_game(UserId(anna.0 + 100), GameId(game.0 + 100))
    })
    .await;
}

async fn named_slots_come_with_their_heads_the_empty_ones_too(store: Store) {
    let Story { anna, ben, game, other_game, slot, .. } = story(&store).await;
    let (head, other_head, empty, of_ben) = write(&store, move |tx| {
        a_version(slot).append_as_head(tx)?;
        let head = a_version(slot).append_as_head(tx)?;
        a_version(slot).as_fork().append(tx)?;
        let clock = SlotKey {
            place: named_place("autosave", Companion::of_extension("rtc")),
            ..a_slot_key(anna, other_game, "")
        };
        let clock = tx.saves().open_slot(&clock)?.id;
        let other_head = a_version(clock).in_file("clock.rtc").append_as_head(tx)?;
        let empty = open(tx, anna, game, "")?;
        let archival = SlotPlace::Archival { file_name: "autosave".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: anna, game, place: archival })?.id;
        a_version(archival).append_as_head(tx)?;
        let of_ben = open(tx, ben, game, "autosave")?;
        Ok((head, other_head, empty, of_ben))
    })
    .await;

    let slots =
        look(&store, move |tx| Ok([tx.saves().named_slots(anna)?, tx.saves().named_slots(ben)?])).await;
    let [mut annas, bens] = slots;
    annas.sort_by_key(|(slot, _)| slot.id);
    let expected = [(slot, Some(head)), (other_head.version.slot, Some(other_head.clone())), (empty, None)];
    assert_eq!(annas.len(), expected.len(), "{annas:#?}");
    for ((slot, save), (id, head)) in annas.into_iter().zip(expected) {
        assert_eq!(slot.id, id);
        assert_eq!(slot.head, head.as_ref().map(|head| head.version.id));
        assert_eq!(save, head);
    }
    assert_eq!(bens, [(Slot { id: of_ben, key: a_slot_key(ben, game, "autosave"), head: None }, None)]);
}

/// What a version and its row are when they are new.
fn as_appended(save: &Save, key: SlotKey, new: NewVersion) -> Save {
    Save {
        id: save.id,
        key,
        file_name: new.file_name,
        emulator: new.emulator,
        visibility: Visibility::Visible,
        is_public: false,
        created_at: new.updated_at,
        version: Version {
            id: save.version.id,
            slot: new.slot,
            order: new.order,
            content: new.content,
            origin: new.origin,
            parent: new.parent,
            kind: new.kind,
            standing: new.standing,
            set_aside: None,
            held: true,
            pinned: false,
            label: None,
            updated_at: new.updated_at,
        },
    }
}

async fn an_appended_version_reads_back_with_every_field(store: Store) {
    let Story { anna, game, handheld, slot, .. } = story(&store).await;
    let key = a_slot_key(anna, game, "autosave");
    let first = append(&store, a_version(slot)).await.version.id;
    let odd_content =
        Content { digest: Digest([0xFF; 32]), content_hash: None, size: (1 << 40) + 1, fill: Fill::Blank };
    let full = NewVersion {
        slot,
        order: Order(7),
        content: odd_content,
        origin: Some(handheld),
        parent: Some(first),
        kind: VersionKind::Merge,
        standing: Standing::Fork(ForkState::KeptBoth),
        updated_at: at(70) + Duration::microseconds(1),
        file_name: FileName::new(&format!("{ODD_TEXT}.srm")).unwrap(),
        emulator: Some("é".repeat(50)),
    };
    let long_name = FileName::new(&"é".repeat(127)).unwrap();
    let empty = NewVersion {
        content: content_of(b""),
        emulator: Some(String::new()),
        ..a_version(slot).at_order(Order(i32::MAX)).build()
    };
    for new in
        [full, NewVersion { file_name: long_name, ..a_version(slot).at_order(Order(8)).build() }, empty]
    {
        let save = append_new(&store, &new).await;
        assert!(save.id.0 > 0 && save.version.id.0 > 0);
        assert_eq!(save, as_appended(&save, key.clone(), new));
        assert_eq!(by_version(&store, save.version.id).await, Some(save));
    }
}

async fn an_appended_version_gets_a_visible_row_and_moves_no_head(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let one = append(&store, a_version(slot)).await;
    let two = append(&store, a_version(slot)).await;
    assert_ne!((one.id, one.version.id), (two.id, two.version.id));
    assert_eq!(two.visibility, Visibility::Visible);
    let key = a_slot_key(anna, game, "autosave");
    let head = look(&store, move |tx| tx.saves().slot(&key)).await.unwrap().head;
    assert_eq!(head, None);
}

async fn every_kind_standing_and_visibility_reads_back(store: Store) {
    let Story { slot, .. } = story(&store).await;
    for kind in VersionKind::ALL {
        let save = append(&store, a_version(slot).by(kind)).await;
        assert_eq!(by_version(&store, save.version.id).await.unwrap().version.kind, kind);
    }
    for standing in Standing::ALL {
        let save = append(&store, a_version(slot).standing(standing)).await;
        assert_eq!(by_version(&store, save.version.id).await.unwrap().version.standing, standing);
    }
    let save = append(&store, a_version(slot)).await;
    let (row, version) = (save.id, save.version.id);
    for visibility in Visibility::ALL {
        write(&store, move |tx| tx.saves().set_visibility(row, visibility)).await;
        assert_eq!(by_version(&store, version).await.unwrap().visibility, visibility);
    }
}

async fn every_fill_reads_back(store: Store) {
    let Story { slot, .. } = story(&store).await;
    for fill in [Fill::Empty, Fill::Blank, Fill::Data] {
        let content = Content { fill, ..content_of(b"bytes") };
        let save = append(&store, a_version(slot).with_content(content)).await;
        assert_eq!(by_version(&store, save.version.id).await.unwrap().version.content, content);
    }
}

async fn a_place_that_is_taken_is_a_conflict(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let first = append(&store, a_version(slot).at_order(Order(1))).await;
    let fork = append(&store, a_version(slot).at_order(Order(2)).as_fork()).await;
    for order in [Order(1), Order(2)] {
        let second = a_version(slot).at_order(order).of_bytes(b"another");
        assert_conflict(attempt(&store, move |tx| second.append(tx)).await);
    }
    assert_eq!(history(&store, slot).await, [fork, first]);
}

async fn of_64_that_append_at_one_place_one_succeeds(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let mut answers = race(64, |number| {
        let store = Store::clone(&store);
        let version = a_version(slot).at_order(Order(1)).of_bytes(format!("racer {number}").as_bytes());
        async move { attempt(&store, move |tx| version.append(tx)).await }
    })
    .await;
    answers.sort_by_key(Result::is_err);
    let mut answers = answers.into_iter();
    let winner = answers.next().unwrap().expect("one succeeds");
    answers.for_each(assert_conflict);
    assert_eq!(history(&store, slot).await, [winner], "the others left nothing");
}

async fn two_slots_have_orders_of_their_own(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| open(tx, anna, game, "other")).await;
    append(&store, a_version(slot).at_order(Order(1))).await;
    append(&store, a_version(other).at_order(Order(1))).await;
    let last =
        look(&store, move |tx| Ok([tx.saves().last_order(slot)?, tx.saves().last_order(other)?])).await;
    assert_eq!(last, [Some(Order(1)), Some(Order(1))]);
}

async fn a_version_of_an_unknown_slot_device_or_parent_is_a_conflict(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    for version in [
        a_version(SlotId(slot.0 + 1)).at_order(Order(1)),
        a_version(slot).from_device(DeviceId(uuid_of("no device"))),
        a_version(slot).derived_from(VersionId(save.version.id.0 + 1)),
    ] {
        assert_conflict(attempt(&store, move |tx| version.append(tx)).await);
    }
    assert_eq!(history(&store, slot).await, [save]);
}

async fn the_last_order_counts_forks_and_deleted_versions(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let last = || look(&store, move |tx| tx.saves().last_order(slot));
    assert_eq!(last().await, None);
    append(&store, a_version(slot)).await;
    append(&store, a_version(slot).as_fork()).await;
    assert_eq!(last().await, Some(Order(2)));
    let deleted = append(&store, a_version(slot)).await;
    write(&store, move |tx| show_as(tx, &deleted, Visibility::Deleted)).await;
    assert_eq!(last().await, Some(Order(3)));
}

async fn the_latest_instant_is_that_of_the_user_and_game_in_every_slot(store: Store) {
    let Story { anna, ben, game, other_game, slot, .. } = story(&store).await;
    let latest = |user, game| look(&store, move |tx| tx.saves().latest_instant(user, game));
    assert_eq!(latest(anna, game).await, None);
    write(&store, move |tx| {
        let other = open(tx, anna, other_game, "autosave")?;
        a_version(other).written(at(99)).append(tx)?;
        let bens = open(tx, ben, game, "autosave")?;
        a_version(bens).written(at(88)).append(tx)?;
        a_version(slot).written(at(1)).append(tx)
    })
    .await;
    assert_eq!(latest(anna, game).await, Some(at(1)));
    let fork = a_version(slot).as_fork().written(at(2) + Duration::microseconds(1));
    append(&store, fork).await;
    assert_eq!(latest(anna, game).await, Some(at(2) + Duration::microseconds(1)), "a fork's");
    write(&store, move |tx| {
        let archival = SlotPlace::Archival { file_name: "a.srm".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: anna, game, place: archival })?.id;
        let deleted = a_version(archival).written(at(3)).append(tx)?;
        show_as(tx, &deleted, Visibility::Deleted)
    })
    .await;
    assert_eq!(latest(anna, game).await, Some(at(3)), "a deleted one's in another slot");
    assert_eq!(latest(anna, other_game).await, Some(at(99)));
    assert_eq!(latest(ben, game).await, Some(at(88)));
    assert_eq!(latest(ben, other_game).await, None);
}

async fn transactions_that_lock_the_same_game_follow_one_another(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| open(tx, anna, game, "other")).await;
    let answers = race(32, |number| {
        let store = Store::clone(&store);
        let slot = if number % 2 == 0 { slot } else { other };
        async move {
            attempt(&store, move |tx| {
                tx.saves().lock_game(anna, game)?;
                let latest = tx.saves().latest_instant(anna, game)?.unwrap_or(at(0));
                a_version(slot).written(latest + Duration::microseconds(1)).append(tx)
            })
            .await
        }
    })
    .await;
    let mut instants: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("no order is taken twice").version.updated_at)
        .collect();
    instants.sort_unstable();
    let expected: Vec<_> = (1..=32).map(|step| at(0) + Duration::microseconds(step)).collect();
    assert_eq!(instants, expected, "no instant is given twice");
    let orders_of = [orders(&history(&store, slot).await), orders(&history(&store, other).await)];
    let expected: Vec<i32> = (1..=16).rev().collect();
    assert_eq!(orders_of, [expected.clone(), expected]);
}

/// A public row of the emulator `mgba`, and the version that is then appended in its place.
async fn appended_in_place(store: &Store, story: Story) -> (Save, Save, NewVersion) {
    let before =
        append(store, a_version(story.slot).in_file("old.srm").by_emulator("mgba").written(at(1))).await;
    let new = a_version(story.slot)
        .at_order(Order(2))
        .of_bytes(b"new")
        .from_device(story.handheld)
        .derived_from(before.version.id)
        .by(VersionKind::EditInPlace)
        .written(at(2))
        .in_file("new.srm")
        .build();
    let (row, version) = (before.id, new.clone());
    let after = write(store, move |tx| {
        tx.saves().set_public(row, true)?;
        tx.saves().append_in_place(row, &version)
    })
    .await;
    (before, after, new)
}

async fn a_version_appended_in_place_takes_over_the_row(store: Store) {
    let story = story(&store).await;
    let (before, after, new) = appended_in_place(&store, story).await;
    let fresh = as_appended(&after, before.key.clone(), new);
    let expected = Save { id: before.id, is_public: true, created_at: before.created_at, ..fresh };
    assert_eq!(after, expected);
    assert_ne!(after.version.id, before.version.id);
    let (row, owner) = (before.id, story.anna);
    assert_eq!(look(&store, move |tx| tx.saves().by_id(owner, row)).await, Some(expected.clone()));
    assert_eq!(by_version(&store, after.version.id).await, Some(expected));
}

async fn the_replaced_version_gets_a_row_of_its_own_that_nobody_else_may_fetch(store: Store) {
    let story = story(&store).await;
    let (before, after, _) = appended_in_place(&store, story).await;
    let replaced = by_version(&store, before.version.id).await.expect("it is in the history");
    assert_ne!(replaced.id, before.id);
    let expected =
        Save { id: replaced.id, visibility: Visibility::Replaced, is_public: false, ..before.clone() };
    assert_eq!(replaced, expected, "name, emulator and creation are the old row's");
    assert_eq!(history(&store, story.slot).await, [after, replaced]);
}

async fn each_version_is_named_by_exactly_one_row_however_often_a_row_moves(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let first = append(&store, a_version(slot).in_file("1.srm")).await;
    let row = first.id;
    for name in ["2.srm", "3.srm", "4.srm"] {
        write(&store, move |tx| a_version(slot).in_file(name).append_in_place(tx, row)).await;
    }
    let history = history(&store, slot).await;
    let shown: Vec<(i32, &str, Visibility)> =
        history.iter().map(|save| (save.version.order.0, save.file_name.as_str(), save.visibility)).collect();
    assert_eq!(
        shown,
        [
            (4, "4.srm", Visibility::Visible),
            (3, "3.srm", Visibility::Replaced),
            (2, "2.srm", Visibility::Replaced),
            (1, "1.srm", Visibility::Replaced),
        ]
    );
    assert_eq!(history[0].id, row);
    let distinct: BTreeSet<SaveId> = history.iter().map(|save| save.id).collect();
    assert_eq!(distinct.len(), 4);
}

async fn appending_in_place_at_a_place_that_is_taken_is_a_conflict_and_moves_nothing(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot).at_order(Order(1))).await;
    let row = save.id;
    let second = a_version(slot).at_order(Order(1)).of_bytes(b"another");
    assert_conflict(attempt(&store, move |tx| second.append_in_place(tx, row)).await);
    assert_eq!(history(&store, slot).await, [save]);
}

async fn a_row_that_is_not_there_takes_no_version(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let nowhere = SaveId(save.id.0 + 1);
    let answer = attempt(&store, move |tx| a_version(slot).append_in_place(tx, nowhere)).await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(history(&store, slot).await, [save]);
}

async fn versions_are_found_alone_and_1000_at_once(store: Store) {
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

async fn a_row_is_found_by_its_owner_whatever_its_state(store: Store) {
    let Story { anna, ben, slot, .. } = story(&store).await;
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
            look(&store, move |tx| Ok([tx.saves().by_id(anna, id)?, tx.saves().by_id(ben, id)?])).await;
        assert_eq!(seen, [Some(save), None]);
    }
    let unknown = SaveId(i32::MAX);
    assert_eq!(look(&store, move |tx| tx.saves().by_id(anna, unknown)).await, None);
}

async fn a_public_row_is_found_unless_it_is_deleted_or_a_fork(store: Store) {
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

async fn the_newest_visible_row_is_no_fork(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let newest = || look(&store, move |tx| tx.saves().newest_visible(slot));
    assert_eq!(newest().await, None);
    let (one, two) = write(&store, move |tx| {
        let other = open(tx, anna, game, "other")?;
        a_version(other).written(at(99)).append(tx)?;
        let one = a_version(slot).append(tx)?;
        let two = a_version(slot).append(tx)?;
        for visibility in [Visibility::Cleaned, Visibility::Replaced, Visibility::Deleted] {
            let hidden = a_version(slot).append(tx)?;
            show_as(tx, &hidden, visibility)?;
        }
        for state in [ForkState::Open, ForkState::KeptFork] {
            a_version(slot).standing(Standing::Fork(state)).append(tx)?;
        }
        Ok((one, two))
    })
    .await;
    assert_eq!(newest().await, Some(two.clone()));
    write(&store, move |tx| show_as(tx, &two, Visibility::Deleted)).await;
    assert_eq!(newest().await, Some(one.clone()));
    write(&store, move |tx| show_as(tx, &one, Visibility::Deleted)).await;
    assert_eq!(newest().await, None);
}

async fn a_history_holds_all_versions_newest_first(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let mut expected = write(&store, move |tx| {
        let other = open(tx, anna, game, "other")?;
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

async fn the_same_bytes_are_found_within_their_slot_newest_first(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    write(&store, move |tx| {
        let other = open(tx, anna, game, "other")?;
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

async fn content_hashes_are_found_in_every_slot_of_the_user_1000_at_once(store: Store) {
    let Story { anna, ben, game, other_game, slot, .. } = story(&store).await;
    let hash_of = |bytes: &[u8]| content_of(bytes).content_hash.unwrap();
    let (expected, of_ben) = write(&store, move |tx| {
        let other = open(tx, anna, other_game, "other")?;
        let archival = SlotPlace::Archival { file_name: "a.srm".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: anna, game, place: archival })?.id;
        let bens = open(tx, ben, game, "autosave")?;
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
        Ok((expected, a_version(bens).of_bytes(b"one").append(tx)?))
    })
    .await;
    let mut hashes: Vec<ContentHash> =
        (0..998u32).map(|number| hash_of(format!("unknown {number}").as_bytes())).collect();
    hashes.extend([hash_of(b"one"), hash_of(b"two")]);
    let (found, bens, none) = look(&store, move |tx| {
        let saves = tx.saves();
        Ok((
            saves.by_content_hashes(anna, &hashes)?,
            saves.by_content_hashes(ben, &hashes)?,
            saves.by_content_hashes(anna, &[])?,
        ))
    })
    .await;
    assert_eq!(rows(&found), rows(&expected));
    assert_eq!(bens, [of_ben]);
    assert_eq!(none, []);
}

async fn saves_are_listed_by_the_filter_greatest_updated_at_first(store: Store) {
    let Story { anna, ben, game, other_game, slot, .. } = story(&store).await;
    let (platform, other_platform) = write(&store, move |tx| {
        let slot_of =
            |tx: &mut dyn Transaction, place| tx.saves().open_slot(&SlotKey { user: anna, game, place });
        let clock = slot_of(tx, named_place("autosave", Companion::of_extension("rtc")))?.id;
        let unnamed = slot_of(tx, named_place("", None))?.id;
        let archival = slot_of(tx, SlotPlace::Archival { file_name: "autosave".to_owned() })?.id;
        let elsewhere = open(tx, anna, other_game, "autosave")?;
        let bens = open(tx, ben, game, "autosave")?;
        for (slot, name, minutes) in [
            (slot, "main 1", 1),
            (slot, "main 4", 4),
            (clock, "clock 2", 2),
            (unnamed, "unnamed 5", 5),
            (archival, "archival 3", 3),
            (elsewhere, "elsewhere 6", 6),
            (bens, "bens 7", 7),
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

    let all = SaveFilter { user: anna, game: None, platform: None, slot: None };
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
        (SaveFilter { user: ben, ..all.clone() }, vec!["bens 7"]),
        (SaveFilter { user: UserId(ben.0 + 1), ..all.clone() }, vec![]),
    ];
    for (filter, expected) in cases {
        let asked = filter.clone();
        let saves = look(&store, move |tx| tx.saves().list(&asked)).await;
        let listed: Vec<&str> = saves.iter().map(|save| save.file_name.as_str()).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
}

async fn a_head_is_moved_and_taken_away(store: Store) {
    let Story { anna, game, slot, .. } = story(&store).await;
    let (one, two, other) = write(&store, move |tx| {
        let other = open(tx, anna, game, "other")?;
        Ok((a_version(slot).append(tx)?.version.id, a_version(slot).append(tx)?.version.id, other))
    })
    .await;
    for head in [Some(one), Some(two), Some(one), None] {
        write(&store, move |tx| tx.saves().set_head(slot, head)).await;
        let slots = look(&store, move |tx| {
            let saves = tx.saves();
            Ok([
                saves.slot(&a_slot_key(anna, game, "autosave"))?,
                saves.slot(&a_slot_key(anna, game, "other"))?,
            ])
        })
        .await;
        let heads = slots.map(|slot| slot.map(|slot| (slot.id, slot.head)));
        assert_eq!(heads, [Some((slot, head)), Some((other, None))]);
    }
}

async fn a_row_s_visibility_and_publicity_change_alone(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let other = append(&store, a_version(slot)).await;
    let row = save.id;
    write(&store, move |tx| tx.saves().set_visibility(row, Visibility::Cleaned)).await;
    let hidden = Save { visibility: Visibility::Cleaned, ..save.clone() };
    assert_eq!(history(&store, slot).await, [other.clone(), hidden.clone()]);
    write(&store, move |tx| tx.saves().set_public(row, true)).await;
    let public = Save { is_public: true, ..hidden };
    assert_eq!(history(&store, slot).await, [other.clone(), public]);
    write(&store, move |tx| {
        tx.saves().set_visibility(row, Visibility::Visible)?;
        tx.saves().set_public(row, false)
    })
    .await;
    assert_eq!(history(&store, slot).await, [other, save]);
}

async fn a_version_s_standing_and_notice_change_alone(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot).as_fork()).await;
    let other = append(&store, a_version(slot)).await;
    let id = save.version.id;
    for standing in Standing::ALL {
        write(&store, move |tx| tx.saves().set_standing(id, standing)).await;
        let expected = Save { version: Version { standing, ..save.version.clone() }, ..save.clone() };
        assert_eq!(history(&store, slot).await, [other.clone(), expected]);
    }
    let standing = Standing::ALL[Standing::ALL.len() - 1];
    for set_aside in [
        Some(SetAside { at: at(5) + Duration::microseconds(1), dismissed: false }),
        Some(SetAside { at: at(5), dismissed: true }),
        None,
    ] {
        write(&store, move |tx| tx.saves().set_set_aside(id, set_aside)).await;
        let version = Version { standing, set_aside, ..save.version.clone() };
        assert_eq!(history(&store, slot).await, [other.clone(), Save { version, ..save.clone() }]);
    }
}

async fn changes_to_what_is_not_there_are_no_error(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let (row, version) = (SaveId(save.id.0 + 1), VersionId(save.version.id.0 + 1));
    write(&store, move |tx| {
        let saves = tx.saves();
        saves.set_head(SlotId(slot.0 + 1), None)?;
        saves.set_visibility(row, Visibility::Deleted)?;
        saves.set_public(row, true)?;
        saves.set_standing(version, Standing::Line)?;
        saves.set_set_aside(version, None)
    })
    .await;
    assert_eq!(history(&store, slot).await, [save]);
}
