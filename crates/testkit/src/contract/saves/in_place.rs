//! Appending a version in place of a row's.

use std::collections::BTreeSet;

use memcard_domain::ids::SaveId;
use memcard_domain::save::{NewVersion, Order, Save, VersionKind, Visibility};

use super::{Story, append, as_appended, by_version, history, story};
use crate::builders::{a_version, at};
use crate::contract::store::assert_conflict;
use crate::contract::{Store, attempt, look, write};

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

pub(super) async fn a_version_appended_in_place_takes_over_the_row(store: Store) {
    let story = story(&store).await;
    let (before, after, new) = appended_in_place(&store, story).await;
    let fresh = as_appended(&after, before.key.clone(), new);
    let expected = Save { id: before.id, is_public: true, created_at: before.created_at, ..fresh };
    assert_eq!(after, expected);
    assert_ne!(after.version.id, before.version.id);
    let (row, owner) = (before.id, story.player);
    assert_eq!(look(&store, move |tx| tx.saves().by_id(owner, row)).await, Some(expected.clone()));
    assert_eq!(by_version(&store, after.version.id).await, Some(expected));
}

pub(super) async fn the_replaced_version_gets_a_row_of_its_own_that_nobody_else_may_fetch(store: Store) {
    let story = story(&store).await;
    let (before, after, _) = appended_in_place(&store, story).await;
    let replaced = by_version(&store, before.version.id).await.expect("it is in the history");
    assert_ne!(replaced.id, before.id);
    let expected =
        Save { id: replaced.id, visibility: Visibility::Replaced, is_public: false, ..before.clone() };
    assert_eq!(replaced, expected, "name, emulator and creation are the old row's");
    assert_eq!(history(&store, story.slot).await, [after, replaced]);
}

pub(super) async fn each_version_is_named_by_exactly_one_row_however_often_a_row_moves(store: Store) {
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

pub(super) async fn appending_in_place_at_a_place_that_is_taken_is_a_conflict_and_moves_nothing(
    store: Store,
) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot).at_order(Order(1))).await;
    let row = save.id;
    let second = a_version(slot).at_order(Order(1)).of_bytes(b"another");
    assert_conflict(attempt(&store, move |tx| second.append_in_place(tx, row)).await);
    assert_eq!(history(&store, slot).await, [save]);
}

pub(super) async fn a_row_that_is_not_there_takes_no_version(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let nowhere = SaveId(save.id.0 + 1);
    let answer = attempt(&store, move |tx| a_version(slot).append_in_place(tx, nowhere)).await;
    assert!(answer.is_err(), "{answer:?}");
    assert_eq!(history(&store, slot).await, [save]);
}
