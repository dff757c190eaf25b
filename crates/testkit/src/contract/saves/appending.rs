//! Appending versions: what they are then, their order, and who waits for whom.

use chrono::Duration;
use memcard_domain::ids::{DeviceId, SlotId, VersionId};
use memcard_domain::ports::Transaction;
use memcard_domain::save::{
    Content, Digest, FileName, Fill, ForkState, NewVersion, Order, Save, SlotKey, SlotPlace, Standing,
    VersionKind, Visibility,
};

use super::{Story, append, as_appended, by_version, history, open, orders, show_as, story};
use crate::builders::{ODD_TEXT, a_game, a_slot_key, a_version, at, content_of, uuid_of};
use crate::contract::store::{assert_conflict, dawdle, only_winner, race_attempts, race_writes};
use crate::contract::{Store, attempt, look, write};

async fn append_new(store: &Store, version: &NewVersion) -> Save {
    let version = version.clone();
    write(store, move |tx| tx.saves().append(&version)).await
}

pub(super) async fn an_appended_version_reads_back_with_every_field(store: Store) {
    let Story { player, game, handheld, slot, .. } = story(&store).await;
    let key = a_slot_key(player, game, "autosave");
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

pub(super) async fn an_appended_version_gets_a_visible_row_and_moves_no_head(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let one = append(&store, a_version(slot)).await;
    let two = append(&store, a_version(slot)).await;
    assert_ne!((one.id, one.version.id), (two.id, two.version.id));
    assert_eq!(two.visibility, Visibility::Visible);
    let key = a_slot_key(player, game, "autosave");
    let head = look(&store, move |tx| tx.saves().slot(&key)).await.unwrap().head;
    assert_eq!(head, None);
}

pub(super) async fn every_kind_standing_and_visibility_reads_back(store: Store) {
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
        write(&store, move |tx| tx.saves().set_visibility(&[row], visibility)).await;
        assert_eq!(by_version(&store, version).await.unwrap().visibility, visibility);
    }
}

pub(super) async fn every_fill_reads_back(store: Store) {
    let Story { slot, .. } = story(&store).await;
    for fill in [Fill::Empty, Fill::Blank, Fill::Data] {
        let content = Content { fill, ..content_of(b"bytes") };
        let save = append(&store, a_version(slot).with_content(content)).await;
        assert_eq!(by_version(&store, save.version.id).await.unwrap().version.content, content);
    }
}

pub(super) async fn a_place_that_is_taken_is_a_conflict(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let first = append(&store, a_version(slot).at_order(Order(1))).await;
    let fork = append(&store, a_version(slot).at_order(Order(2)).as_fork()).await;
    for order in [Order(1), Order(2)] {
        let second = a_version(slot).at_order(order).of_bytes(b"another");
        assert_conflict(attempt(&store, move |tx| second.append(tx)).await);
    }
    assert_eq!(history(&store, slot).await, [fork, first]);
}

pub(super) async fn of_64_that_append_at_one_place_one_succeeds(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let answers = race_attempts(&store, 64, |number| {
        let version = a_version(slot).at_order(Order(1)).of_bytes(format!("racer {number}").as_bytes());
        move |tx: &mut dyn Transaction| version.append(tx)
    })
    .await;
    let winner = only_winner(answers);
    assert_eq!(history(&store, slot).await, [winner], "the others left nothing");
}

pub(super) async fn two_slots_have_orders_of_their_own(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| open(tx, player, game, "other")).await;
    append(&store, a_version(slot).at_order(Order(1))).await;
    append(&store, a_version(other).at_order(Order(1))).await;
    let last =
        look(&store, move |tx| Ok([tx.saves().last_order(slot)?, tx.saves().last_order(other)?])).await;
    assert_eq!(last, [Some(Order(1)), Some(Order(1))]);
}

pub(super) async fn a_version_of_an_unknown_slot_device_or_parent_is_a_conflict(store: Store) {
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

pub(super) async fn the_last_order_counts_forks_and_deleted_versions(store: Store) {
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

pub(super) async fn the_latest_instant_is_that_of_the_user_and_game_in_every_slot(store: Store) {
    let Story { player, guest, game, other_game, slot, .. } = story(&store).await;
    let latest = |user, game| look(&store, move |tx| tx.saves().latest_instant(user, game));
    assert_eq!(latest(player, game).await, None);
    write(&store, move |tx| {
        let other = open(tx, player, other_game, "autosave")?;
        a_version(other).written(at(99)).append(tx)?;
        let guests = open(tx, guest, game, "autosave")?;
        a_version(guests).written(at(88)).append(tx)?;
        a_version(slot).written(at(1)).append(tx)
    })
    .await;
    assert_eq!(latest(player, game).await, Some(at(1)));
    let fork = a_version(slot).as_fork().written(at(2) + Duration::microseconds(1));
    append(&store, fork).await;
    assert_eq!(latest(player, game).await, Some(at(2) + Duration::microseconds(1)), "a fork's");
    write(&store, move |tx| {
        let archival = SlotPlace::Archival { file_name: "a.srm".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: player, game, place: archival })?.id;
        let deleted = a_version(archival).written(at(3)).append(tx)?;
        show_as(tx, &deleted, Visibility::Deleted)
    })
    .await;
    assert_eq!(latest(player, game).await, Some(at(3)), "a deleted one's in another slot");
    assert_eq!(latest(player, other_game).await, Some(at(99)));
    assert_eq!(latest(guest, game).await, Some(at(88)));
    assert_eq!(latest(guest, other_game).await, None);
}

pub(super) async fn transactions_that_lock_the_same_game_follow_one_another(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| open(tx, player, game, "other")).await;
    let saves = race_writes(&store, 32, |number| {
        let slot = if number % 2 == 0 { slot } else { other };
        move |tx: &mut dyn Transaction| {
            tx.saves().lock_game(player, game)?;
            let latest = tx.saves().latest_instant(player, game)?.unwrap_or(at(0));
            dawdle();
            a_version(slot).written(latest + Duration::microseconds(1)).append(tx)
        }
    })
    .await;
    let mut instants: Vec<_> = saves.iter().map(|save| save.version.updated_at).collect();
    instants.sort_unstable();
    let expected: Vec<_> = (1..=32).map(|step| at(0) + Duration::microseconds(step)).collect();
    assert_eq!(instants, expected, "no instant is given twice");
    let orders_of = [orders(&history(&store, slot).await), orders(&history(&store, other).await)];
    let expected: Vec<i32> = (1..=16).rev().collect();
    assert_eq!(orders_of, [expected.clone(), expected]);
}

pub(super) async fn transactions_that_lock_several_games_follow_one_another_whatever_their_order(
    store: Store,
) {
    let Story { player, game, other_game, slot, .. } = story(&store).await;
    let third = write(&store, |tx| a_game().named("three").insert(tx)).await.id;
    let saves = race_writes(&store, 32, |number| {
        let mut games = [game, other_game, third];
        games.rotate_left(number % 3);
        let games = if number % 2 == 0 { vec![games[0], game] } else { games.to_vec() };
        move |tx: &mut dyn Transaction| {
            tx.saves().lock_games(player, &games)?;
            let latest = tx.saves().latest_instant(player, game)?.unwrap_or(at(0));
            dawdle();
            a_version(slot).written(latest + Duration::microseconds(1)).append(tx)
        }
    })
    .await;
    let mut instants: Vec<_> = saves.iter().map(|save| save.version.updated_at).collect();
    instants.sort_unstable();
    let expected: Vec<_> = (1..=32).map(|step| at(0) + Duration::microseconds(step)).collect();
    assert_eq!(instants, expected, "no instant is given twice");
}
