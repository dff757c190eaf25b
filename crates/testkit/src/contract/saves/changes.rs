//! Changing rows and versions.

use chrono::Duration;
use memcard_domain::ids::{SaveId, SlotId, VersionId};
use memcard_domain::save::{ForkState, Label, Save, SetAside, Standing, Version, Visibility};
use memcard_domain::sync::Tracking;

use super::{Story, append, history, story};
use crate::builders::{ODD_TEXT, a_version, at};
use crate::contract::{Store, write};

pub(super) async fn a_row_s_visibility_and_publicity_change_alone(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let other = append(&store, a_version(slot)).await;
    let row = save.id;
    write(&store, move |tx| tx.saves().set_visibility(&[row], Visibility::Cleaned)).await;
    let hidden = Save { visibility: Visibility::Cleaned, ..save.clone() };
    assert_eq!(history(&store, slot).await, [other.clone(), hidden.clone()]);
    write(&store, move |tx| tx.saves().set_public(row, true)).await;
    let public = Save { is_public: true, ..hidden };
    assert_eq!(history(&store, slot).await, [other.clone(), public]);
    write(&store, move |tx| {
        tx.saves().set_visibility(&[row], Visibility::Visible)?;
        tx.saves().set_public(row, false)
    })
    .await;
    assert_eq!(history(&store, slot).await, [other, save]);
}

pub(super) async fn a_version_s_standing_and_notice_change_alone(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot).as_fork()).await;
    let other = append(&store, a_version(slot)).await;
    let id = save.version.id;
    for standing in Standing::ALL {
        write(&store, move |tx| tx.saves().set_standing(&[id], standing)).await;
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

pub(super) async fn many_rows_and_versions_change_at_once(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let mut saves = Vec::new();
    for _ in 0..3 {
        saves.push(append(&store, a_version(slot).as_fork()).await);
    }
    saves.reverse();
    let rows: Vec<SaveId> =
        saves.iter().map(|save| save.id).chain((1_000_000..1_000_998).map(SaveId)).collect();
    let versions: Vec<VersionId> =
        saves.iter().map(|save| save.version.id).chain((1_000_000..1_000_998).map(VersionId)).collect();
    let dismissed = Standing::Fork(ForkState::Dismissed);
    write(&store, move |tx| {
        tx.saves().set_visibility(&[], Visibility::Replaced)?;
        tx.saves().set_standing(&[], Standing::Line)?;
        tx.saves().set_visibility(&rows[1..], Visibility::Deleted)?;
        tx.saves().set_standing(&versions[1..], dismissed)
    })
    .await;
    for save in &mut saves[1..] {
        save.visibility = Visibility::Deleted;
        save.version.standing = dismissed;
    }
    assert_eq!(history(&store, slot).await, saves);
}

pub(super) async fn a_version_s_pin_and_label_change_alone(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let other = append(&store, a_version(slot)).await;
    let id = save.version.id;
    for pinned in [true, false] {
        write(&store, move |tx| tx.saves().set_pinned(id, pinned)).await;
        let version = Version { pinned, ..save.version.clone() };
        assert_eq!(history(&store, slot).await, [other.clone(), Save { version, ..save.clone() }]);
    }
    for label in [Some("before the boss"), Some(ODD_TEXT), Some(&"é".repeat(255)), None] {
        let label = label.map(|text| Label::new(text).unwrap());
        let version = Version { label: label.clone(), ..save.version.clone() };
        write(&store, move |tx| tx.saves().set_label(id, label)).await;
        assert_eq!(history(&store, slot).await, [other.clone(), Save { version, ..save.clone() }]);
    }
}

pub(super) async fn changes_to_what_is_not_there_are_no_error(store: Store) {
    let Story { slot, .. } = story(&store).await;
    let save = append(&store, a_version(slot)).await;
    let (row, version) = (SaveId(save.id.0 + 1), VersionId(save.version.id.0 + 1));
    write(&store, move |tx| {
        let saves = tx.saves();
        saves.set_head(SlotId(slot.0 + 1), None)?;
        saves.set_slot_tracking(SlotId(slot.0 + 1), Tracking::Untracked)?;
        saves.set_visibility(&[row], Visibility::Deleted)?;
        saves.set_public(row, true)?;
        saves.set_standing(&[version], Standing::Line)?;
        saves.set_set_aside(version, None)?;
        saves.set_pinned(version, true)?;
        saves.set_label(version, Some(Label::new("nothing").unwrap()))
    })
    .await;
    assert_eq!(history(&store, slot).await, [save]);
}
