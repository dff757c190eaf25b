//! Opening and finding slots, and where they stand.

use std::collections::BTreeSet;

use memcard_domain::ids::{GameId, SlotId, UserId};
use memcard_domain::ports::Transaction;
use memcard_domain::save::{
    COMPANIONS, Companion, ForkState, Slot, SlotKey, SlotPlace, Standing, Visibility,
};
use memcard_domain::sync::Tracking;

use super::{Story, open, show_as, story};
use crate::builders::{ODD_TEXT, a_slot_key, a_version, at, content_of, named_place, state_place};
use crate::contract::store::{assert_conflict, race_writes};
use crate::contract::{Store, attempt, look, write};

fn new_slot(id: SlotId, key: SlotKey) -> Slot {
    Slot { id, key, head: None, tracking: Tracking::Tracked }
}

pub(super) async fn a_slot_is_opened_once_and_stays(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let key = a_slot_key(player, game, "autosave");
    let expected = new_slot(slot, key.clone());
    assert!(slot.0 > 0);
    let again = write(&store, {
        let key = key.clone();
        move |tx| tx.saves().open_slot(&key)
    })
    .await;
    assert_eq!(again, expected);
    assert_eq!(look(&store, move |tx| tx.saves().slot(&key)).await, Some(expected));
}

pub(super) async fn slots_are_told_apart_by_every_part_of_their_key(store: Store) {
    let Story { player, guest, game, other_game, .. } = story(&store).await;
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
        for emulator in [None, Some("mGBA"), Some("mgba"), Some("mGBA 0.10"), Some(ODD_TEXT)] {
            places.push(state_place(file_name, emulator));
        }
    }
    let mut keys: Vec<SlotKey> =
        places.into_iter().map(|place| SlotKey { user: player, game, place }).collect();
    keys.push(a_slot_key(player, other_game, "slot"));
    keys.push(a_slot_key(guest, game, "slot"));

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

pub(super) async fn of_32_that_open_a_slot_all_get_the_same(store: Store) {
    let Story { player, game, .. } = story(&store).await;
    for place in [
        named_place("", None),
        SlotPlace::Archival { file_name: "a.srm".to_owned() },
        state_place("a.state", None),
        state_place("a.state", Some("mGBA")),
    ] {
        let key = SlotKey { user: player, game, place };
        let answers = race_writes(&store, 32, |_| {
            let key = key.clone();
            move |tx: &mut dyn Transaction| tx.saves().open_slot(&key)
        })
        .await;
        assert!(answers.iter().all(|slot| *slot == answers[0]), "{answers:?}");
    }
}

pub(super) async fn a_slot_of_an_unknown_user_or_game_is_a_conflict(store: Store) {
    let Story { player, guest, game, other_game, .. } = story(&store).await;
    for (user, game) in [(UserId(guest.0 + 1), game), (player, GameId(other_game.0 + 1))] {
        assert_conflict(attempt(&store, move |tx| open(tx, user, game, "slot")).await);
    }
}

pub(super) async fn a_slot_that_nobody_opened_is_none(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let unknown = SlotId(slot.0 + 1);
    write(&store, move |tx| {
        let saves = tx.saves();
        assert_eq!(saves.slot(&a_slot_key(player, game, "another"))?, None);
        assert_eq!(saves.last_order(unknown)?, None);
        assert_eq!(saves.history(unknown)?, []);
        assert_eq!(saves.by_digest(unknown, content_of(b"x").digest)?, []);
        saves.settle_heads(&[unknown])?;
        saves.lock_games(UserId(player.0 + 100), &[GameId(game.0 + 100), game])?;
        saves.lock_game(UserId(player.0 + 100), GameId(game.0 + 100))
    })
    .await;
}

pub(super) async fn a_thousand_slots_are_opened_at_once_and_those_there_are_stay(store: Store) {
    let Story { player, guest, game, slot, .. } = story(&store).await;
    let head = write(&store, move |tx| a_version(slot).append_as_head(tx)).await;
    let named = (0..998).map(|number| named_place(&format!("slot {number}"), None));
    let archival = SlotPlace::Archival { file_name: "a.srm".to_owned() };
    let places = named.chain([named_place("autosave", None), archival]);
    let keys: Vec<SlotKey> = places.map(|place| SlotKey { user: player, game, place }).collect();
    write(&store, {
        let keys = keys.clone();
        move |tx| {
            tx.saves().open_slots(&keys)?;
            tx.saves().open_slots(&keys[..3])?;
            tx.saves().open_slots(&[])
        }
    })
    .await;
    let opened: Vec<Option<Slot>> =
        look(&store, move |tx| keys.iter().map(|key| tx.saves().slot(key)).collect()).await;
    let distinct: BTreeSet<SlotId> = opened.iter().flatten().map(|slot| slot.id).collect();
    assert_eq!(distinct.len(), 1000);
    let there = opened[998].as_ref().unwrap();
    assert_eq!((there.id, there.head), (slot, Some(head.version.id)));
    for (user, game) in [(UserId(guest.0 + 1), game), (player, GameId(game.0 + 100))] {
        let key = a_slot_key(user, game, "slot");
        assert_conflict(attempt(&store, move |tx| tx.saves().open_slots(&[key])).await);
    }
}

pub(super) async fn named_slots_come_with_their_heads_the_empty_ones_too(store: Store) {
    let Story { player, guest, game, other_game, slot, .. } = story(&store).await;
    let (head, other_head, empty, of_guest) = write(&store, move |tx| {
        a_version(slot).append_as_head(tx)?;
        let head = a_version(slot).append_as_head(tx)?;
        a_version(slot).as_fork().append(tx)?;
        let clock = SlotKey {
            place: named_place("autosave", Companion::of_extension("rtc")),
            ..a_slot_key(player, other_game, "")
        };
        let clock = tx.saves().open_slot(&clock)?.id;
        let other_head = a_version(clock).in_file("clock.rtc").append_as_head(tx)?;
        let empty = open(tx, player, game, "")?;
        let archival = SlotPlace::Archival { file_name: "autosave".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: player, game, place: archival })?.id;
        a_version(archival).append_as_head(tx)?;
        let of_guest = open(tx, guest, game, "autosave")?;
        Ok((head, other_head, empty, of_guest))
    })
    .await;

    let slots =
        look(&store, move |tx| Ok([tx.saves().named_slots(player)?, tx.saves().named_slots(guest)?])).await;
    let [mut players, guests] = slots;
    players.sort_by_key(|(slot, _)| slot.id);
    let expected = [(slot, Some(head)), (other_head.version.slot, Some(other_head.clone())), (empty, None)];
    assert_eq!(players.len(), expected.len(), "{players:#?}");
    for ((slot, save), (id, head)) in players.into_iter().zip(expected) {
        assert_eq!(slot.id, id);
        assert_eq!(slot.head, head.as_ref().map(|head| head.version.id));
        assert_eq!(save, head);
    }
    assert_eq!(guests, [(new_slot(of_guest, a_slot_key(guest, game, "autosave")), None)]);
}

pub(super) async fn a_head_is_moved_and_taken_away(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let (one, two, other) = write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
        Ok((a_version(slot).append(tx)?.version.id, a_version(slot).append(tx)?.version.id, other))
    })
    .await;
    for head in [Some(one), Some(two), Some(one), None] {
        write(&store, move |tx| tx.saves().set_head(slot, head)).await;
        let slots = look(&store, move |tx| {
            let saves = tx.saves();
            Ok([
                saves.slot(&a_slot_key(player, game, "autosave"))?,
                saves.slot(&a_slot_key(player, game, "other"))?,
            ])
        })
        .await;
        let heads = slots.map(|slot| slot.map(|slot| (slot.id, slot.head)));
        assert_eq!(heads, [Some((slot, head)), Some((other, None))]);
    }
}

pub(super) async fn a_head_settles_on_the_newest_visible_row_that_is_no_fork(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let settled = || {
        write(&store, move |tx| {
            tx.saves().settle_heads(&[slot])?;
            let slot = tx.saves().slot(&a_slot_key(player, game, "autosave"))?;
            Ok(slot.expect("it is there").head)
        })
    };
    assert_eq!(settled().await, None);
    let (one, two) = write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
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
    assert_eq!(settled().await, Some(two.version.id));
    write(&store, move |tx| show_as(tx, &two, Visibility::Deleted)).await;
    assert_eq!(settled().await, Some(one.version.id));
    write(&store, move |tx| show_as(tx, &one, Visibility::Deleted)).await;
    assert_eq!(settled().await, None);
}

pub(super) async fn many_heads_settle_at_once_and_no_others(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let (heads, other) = write(&store, move |tx| {
        let other = open(tx, player, game, "other")?;
        let unasked = open(tx, player, game, "unasked")?;
        a_version(unasked).append(tx)?;
        let mut heads = Vec::new();
        for slot in [slot, other] {
            a_version(slot).append_as_head(tx)?;
            heads.push((slot, Some(a_version(slot).append(tx)?.version.id)));
        }
        heads.push((unasked, None));
        Ok((heads, other))
    })
    .await;
    let settled = write(&store, move |tx| {
        tx.saves().settle_heads(&[])?;
        tx.saves().settle_heads(&[slot, other])?;
        tx.saves().named_slots(player)
    })
    .await;
    let mut settled: Vec<_> = settled.into_iter().map(|(slot, _)| (slot.id, slot.head)).collect();
    settled.sort_unstable();
    assert_eq!(settled, heads);
}

pub(super) async fn slots_are_found_1000_at_once(store: Store) {
    let Story { player, guest, game, slot, .. } = story(&store).await;
    let (of_guest, archival) = write(&store, move |tx| {
        let head = a_version(slot).append_as_head(tx)?;
        assert_eq!(head.version.slot, slot);
        let archival = SlotPlace::Archival { file_name: "autosave".to_owned() };
        let archival = tx.saves().open_slot(&SlotKey { user: player, game, place: archival })?;
        open(tx, player, game, "not asked for")?;
        Ok((open(tx, guest, game, "autosave")?, archival))
    })
    .await;
    let mut asked = vec![archival.id, of_guest, slot];
    asked.extend((0..997).map(|unknown| SlotId(i32::MAX - unknown)));
    let key = a_slot_key(player, game, "autosave");
    let (mut found, expected, none) = look(&store, move |tx| {
        Ok((tx.saves().slots(&asked)?, tx.saves().slot(&key)?, tx.saves().slots(&[])?))
    })
    .await;
    found.sort_by_key(|slot| slot.id);
    let mut expected =
        vec![expected.unwrap(), archival, new_slot(of_guest, a_slot_key(guest, game, "autosave"))];
    expected.sort_by_key(|slot| slot.id);
    assert_eq!(found, expected);
    assert_eq!(none, []);
}

pub(super) async fn a_slot_s_tracking_changes_alone(store: Store) {
    let Story { player, game, slot, .. } = story(&store).await;
    let other = write(&store, move |tx| open(tx, player, game, "other")).await;
    for tracking in [Tracking::Untracked, Tracking::Tracked, Tracking::Untracked] {
        write(&store, move |tx| tx.saves().set_slot_tracking(slot, tracking)).await;
        let slots = look(&store, move |tx| tx.saves().named_slots(player)).await;
        let mut trackings: Vec<_> =
            slots.into_iter().map(|(slot, head)| (slot.id, slot.tracking, head)).collect();
        trackings.sort_by_key(|(id, ..)| *id);
        assert_eq!(trackings, [(slot, tracking, None), (other, Tracking::Tracked, None)]);
    }
}
