//! States beside saves: kept alike, never taken for each other.

use memcard_domain::ids::{SaveId, StateId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{Save, SaveFilter, SlotKey, StateFilter, Visibility};

use super::{Story, append, show_as, story};
use crate::builders::{a_version, at, state_place};
use crate::contract::{Store, look, write};

/// Appends the first version of a state.
fn a_state(tx: &mut dyn Transaction, key: &SlotKey, minutes: i64) -> Result<Save, StoreError> {
    let slot = tx.saves().open_slot(key)?;
    let version = a_version(slot.id).in_file("Golden Sun.state").by_emulator("mGBA").written(at(minutes));
    version.append_as_head(tx)
}

fn key_of(story: Story) -> SlotKey {
    let place = state_place("Golden Sun.state", Some("mGBA"));
    SlotKey { user: story.player, game: story.game, place }
}

pub(super) async fn a_row_is_found_as_what_it_is_a_state_or_a_save(store: Store) {
    let story = story(&store).await;
    let Story { player, guest, slot, .. } = story;
    let save = append(&store, a_version(slot)).await;
    for visibility in Visibility::ALL {
        let state = write(&store, move |tx| {
            let state = a_state(tx, &key_of(story), 1)?;
            show_as(tx, &state, visibility)?;
            Ok(Save { visibility, ..state })
        })
        .await;
        let id = state.id;
        let (as_state, as_save, as_guest_s) = look(&store, move |tx| {
            let saves = tx.saves();
            let state = StateId(id.0);
            Ok((
                saves.state_by_id(player, state)?,
                saves.by_id(player, id)?,
                saves.state_by_id(guest, state)?,
            ))
        })
        .await;
        assert_eq!((as_state, as_save, as_guest_s), (Some(state), None, None));
    }
    let unknown = StateId(i32::MAX);
    let found = look(&store, move |tx| {
        let saves = tx.saves();
        Ok([saves.state_by_id(player, StateId(save.id.0))?, saves.state_by_id(player, unknown)?])
    })
    .await;
    assert_eq!(found, [None, None]);
}

pub(super) async fn a_public_state_is_found_unless_it_is_deleted(store: Store) {
    let story = story(&store).await;
    let find = |id: SaveId| {
        look(&store, move |tx| {
            let saves = tx.saves();
            Ok((saves.public_state_by_id(StateId(id.0))?, saves.public_by_id(id)?))
        })
    };
    let state = write(&store, move |tx| a_state(tx, &key_of(story), 1)).await;
    let id = state.id;
    assert_eq!(find(id).await, (None, None));
    write(&store, move |tx| tx.saves().set_public(id, true)).await;
    assert_eq!(find(id).await, (Some(Save { is_public: true, ..state }), None));
    write(&store, move |tx| tx.saves().set_visibility(&[id], Visibility::Deleted)).await;
    assert_eq!(find(id).await, (None, None));

    let save = append(&store, a_version(story.slot)).await.id;
    write(&store, move |tx| tx.saves().set_public(save, true)).await;
    assert_eq!(find(save).await.0, None);
}

pub(super) async fn states_are_listed_by_the_filter_greatest_updated_at_first(store: Store) {
    let story = story(&store).await;
    let Story { player, guest, game, other_game, slot, .. } = story;
    let elsewhere = SlotKey { game: other_game, ..key_of(story) };
    let (other_platform, states) = write(&store, move |tx| {
        let of_mgba = a_state(tx, &key_of(story), 1)?;
        let of_nobody = SlotKey { place: state_place("Golden Sun.state", None), ..key_of(story) };
        let of_nobody = a_state(tx, &of_nobody, 3)?;
        let elsewhere = a_state(tx, &elsewhere, 2)?;
        let of_guest = a_state(tx, &SlotKey { user: guest, ..key_of(story) }, 4)?;
        for (visibility, name) in [(Visibility::Deleted, "deleted"), (Visibility::Replaced, "replaced")] {
            let hidden = SlotKey { place: state_place(name, None), ..key_of(story) };
            let hidden = a_state(tx, &hidden, 9)?;
            show_as(tx, &hidden, visibility)?;
        }
        a_version(slot).written(at(9)).append(tx)?;
        let platform = tx.catalogue().game(other_game)?.expect("it is there").platform;
        Ok((platform, [of_mgba, of_nobody, elsewhere, of_guest]))
    })
    .await;
    let [of_mgba, of_nobody, elsewhere, of_guest] = states;
    let all = StateFilter { user: player, game: None, platform: None };
    for (filter, expected) in [
        (all.clone(), vec![&of_nobody, &elsewhere, &of_mgba]),
        (StateFilter { game: Some(game), ..all.clone() }, vec![&of_nobody, &of_mgba]),
        (StateFilter { platform: Some(other_platform), ..all.clone() }, vec![&elsewhere]),
        (StateFilter { game: Some(game), platform: Some(other_platform), ..all.clone() }, vec![]),
        (StateFilter { user: guest, ..all }, vec![&of_guest]),
    ] {
        let asked = filter.clone();
        let listed = look(&store, move |tx| tx.saves().list_states(&asked)).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

pub(super) async fn lists_of_saves_and_named_slots_hold_no_state(store: Store) {
    let story = story(&store).await;
    let Story { player, game, slot, .. } = story;
    write(&store, move |tx| a_state(tx, &key_of(story), 1)).await;
    let (saves, slots) = look(&store, move |tx| {
        let all = SaveFilter { user: player, game: Some(game), platform: None, slot: None };
        Ok((tx.saves().list(&all)?, tx.saves().named_slots(player)?))
    })
    .await;
    assert_eq!(saves, []);
    assert_eq!(slots.iter().map(|(slot, _)| slot.id).collect::<Vec<_>>(), [slot]);
}
