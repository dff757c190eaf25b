//! Rules of [`UpkeepRepository`](memcard_domain::ports::UpkeepRepository).

use memcard_domain::ids::{GameId, SlotId, StateId, UserId};
use memcard_domain::ports::{StoreError, Transaction};
use memcard_domain::save::{Digest, Slot, SlotKey};
use memcard_domain::upkeep::NamedBy;

use super::{Store, look, suite, write};
use crate::builders::{a_game, a_screenshot, a_slot, a_slot_key, a_user, a_version, content_of, state_place};

suite! { $
    /// Hooks the rules of [`UpkeepRepository`](memcard_domain::ports::UpkeepRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    upkeep_repository_contract: upkeep over dyn memcard_domain::ports::UnitOfWork {
        every_slot_of_every_user_comes_once_by_id_page_by_page,
        every_digest_that_is_named_comes_once_in_order_page_by_page,
        saves_states_and_screenshots_name_bytes_replaced_ones_too,
    }
}

fn a_player(tx: &mut dyn Transaction, name: &str) -> Result<(UserId, GameId), StoreError> {
    Ok((a_user().named(name).insert(tx)?.id, a_game().insert(tx)?.id))
}

async fn every_slot_of_every_user_comes_once_by_id_page_by_page(store: Store) {
    let mut expected = write(&store, |tx| {
        let mut slots = Vec::new();
        for name in ["one", "two", "three"] {
            let (user, game) = a_player(tx, name)?;
            let key = a_slot_key(user, game, "autosave");
            slots.push(tx.saves().open_slot(&key)?);
            let states = SlotKey { place: state_place("a.state", Some("mgba")), ..key };
            slots.push(tx.saves().open_slot(&states)?);
        }
        let head = a_version(slots[0].id).append_as_head(tx)?.version.id;
        slots[0].head = Some(head);
        Ok(slots)
    })
    .await;
    expected.sort_unstable_by_key(|slot| slot.id);
    for limit in [1, 4, 6, 100] {
        let mut slots: Vec<Slot> = Vec::new();
        loop {
            let after: Option<SlotId> = slots.last().map(|slot| slot.id);
            let page = look(&store, move |tx| tx.upkeep().slots(after, limit)).await;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            slots.extend(page);
        }
        assert_eq!(slots, expected, "by {limit}");
    }
}

async fn every_digest_that_is_named_comes_once_in_order_page_by_page(store: Store) {
    let mut expected: Vec<Digest> = write(&store, |tx| {
        let (user, game) = a_player(tx, "player")?;
        let slot = a_slot(tx, user, game)?.id;
        let mut digests = Vec::new();
        for number in 0..10_u8 {
            a_version(slot).of_bytes(&[number]).append(tx)?;
            a_version(slot).of_bytes(&[number]).as_fork().append(tx)?;
            // Half of the pictures have the bytes of versions.
            a_screenshot(user, game).of_bytes(&[number + 5]).insert(tx)?;
            digests.extend([content_of(&[number]).digest, content_of(&[number + 5]).digest]);
        }
        Ok(digests)
    })
    .await;
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(expected.len(), 15);
    for limit in [1, 4, 15, 100] {
        let mut digests: Vec<Digest> = Vec::new();
        loop {
            let after = digests.last().copied();
            let page = look(&store, move |tx| tx.upkeep().named_digests(after, limit)).await;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            digests.extend(page);
        }
        assert_eq!(digests, expected, "by {limit}");
    }
}

async fn saves_states_and_screenshots_name_bytes_replaced_ones_too(store: Store) {
    let (digest, mut expected) = write(&store, |tx| {
        let (user, game) = a_player(tx, "player")?;
        let key = a_slot_key(user, game, "autosave");
        let slot = tx.saves().open_slot(&key)?.id;
        let states = tx.saves().open_slot(&SlotKey { place: state_place("a.state", None), ..key })?.id;
        let save = a_version(slot).of_bytes(b"bytes").append_as_head(tx)?;
        let other = a_version(slot).of_bytes(b"others").append_in_place(tx, save.id)?;
        let replaced = tx.saves().by_version(save.version.id)?.expect("it is there");
        let state = a_version(states).of_bytes(b"bytes").append_as_head(tx)?;
        let picture = a_screenshot(user, game).of(other.version.id).of_bytes(b"bytes").insert(tx)?;
        let next = a_screenshot(user, game).of(other.version.id).of_bytes(b"bytes").insert(tx)?;
        let alone = a_screenshot(user, game).of_bytes(b"bytes").insert(tx)?;
        let named_by = vec![
            NamedBy::Save(replaced.id),
            NamedBy::State(StateId(state.id.0)),
            NamedBy::Screenshot(picture.id),
            NamedBy::Screenshot(next.id),
            NamedBy::Screenshot(alone.id),
        ];
        Ok((save.version.content.digest, named_by))
    })
    .await;
    let mut named_by = look(&store, move |tx| tx.upkeep().naming(digest)).await;
    named_by.sort_unstable();
    expected.sort_unstable();
    assert_eq!(named_by, expected);
    assert_eq!(look(&store, |tx| tx.upkeep().naming(content_of(b"nobody's").digest)).await, []);
}
