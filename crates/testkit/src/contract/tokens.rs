//! Rules of [`TokenRepository`](memcard_domain::ports::TokenRepository).

use memcard_domain::account::{ClientToken, NewClientToken, ScopeSet};
use memcard_domain::ids::{DeviceId, PairingId, TokenId, UserId};
use memcard_domain::ports::Transaction;

use super::store::{assert_conflict, only_winner, race_attempts};
use super::{Store, attempt, look, suite, write};
use crate::builders::{ODD_TEXT, a_device, a_token, a_user, at, digest_of, uuid_of};

suite! { $
    /// Hooks the rules of [`TokenRepository`](memcard_domain::ports::TokenRepository). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    token_repository_contract: tokens over dyn memcard_domain::ports::UnitOfWork {
        a_token_reads_back_with_every_field,
        an_unknown_token_is_none_or_false,
        a_digest_that_is_taken_is_a_conflict,
        a_pairing_that_has_a_token_is_a_conflict,
        tokens_without_pairing_do_not_stand_in_each_other_s_way,
        of_16_redemptions_of_one_pairing_one_gets_a_token,
        a_token_of_an_unknown_user_or_device_is_a_conflict,
        tokens_are_listed_newest_first,
        a_new_secret_kills_the_old_one,
        a_new_secret_that_is_taken_is_a_conflict,
        a_touch_notes_the_use_and_nothing_else,
        deleting_a_token_leaves_the_others,
        every_token_bound_to_a_device_is_removed,
    }
}

fn as_inserted(id: TokenId, new: NewClientToken) -> ClientToken {
    ClientToken {
        id,
        user: new.user,
        name: new.name,
        scopes: new.scopes,
        digest: new.digest,
        device: new.device,
        pairing: new.pairing,
        expires_at: new.expires_at,
        last_used_at: None,
        created_at: new.created_at,
    }
}

async fn player_with_a_device(store: &Store) -> (UserId, DeviceId) {
    write(store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        Ok((player, a_device(player, "handheld").insert(tx)?.id))
    })
    .await
}

fn pairing(name: &str) -> PairingId {
    PairingId(uuid_of(name))
}

async fn a_token_reads_back_with_every_field(store: Store) {
    let (player, handheld) = player_with_a_device(&store).await;
    let news = [
        a_token(player, "bare").build(),
        a_token(player, "odd")
            .named(ODD_TEXT)
            .with_scopes(ScopeSet::ALL)
            .bound_to(handheld)
            .from_pairing(pairing("first"))
            .until(at(5))
            .made(at(-5))
            .build(),
        a_token(player, "long").named(&"é".repeat(255)).with_scopes(ScopeSet::EMPTY).build(),
    ];
    for new in news {
        let inserted = write(&store, {
            let new = new.clone();
            move |tx| tx.tokens().insert(&new)
        })
        .await;
        assert!(inserted.id.0 > 0);
        assert_eq!(inserted, as_inserted(inserted.id, new));
        let (id, digest) = (inserted.id, inserted.digest);
        let seen =
            look(&store, move |tx| Ok((tx.tokens().find(id)?, tx.tokens().find_by_digest(digest)?))).await;
        assert_eq!(seen, (Some(inserted.clone()), Some(inserted)));
    }
}

async fn an_unknown_token_is_none_or_false(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let token = write(&store, move |tx| a_token(player, "known").insert(tx)).await;
    let unknown = TokenId(token.id.0 + 1);
    write(&store, move |tx| {
        let tokens = tx.tokens();
        assert_eq!(tokens.find(unknown)?, None);
        assert_eq!(tokens.find_by_digest(digest_of("unknown"))?, None);
        assert_eq!(tokens.list_of_user(UserId(player.0 + 1))?, []);
        assert!(!tokens.replace_digest(unknown, digest_of("unknown"))?);
        assert!(!tokens.delete(unknown)?);
        tokens.touch(unknown, at(1))?;
        tokens.delete_of_device(DeviceId(uuid_of("no device")))
    })
    .await;
    assert_eq!(look(&store, |tx| tx.tokens().list_all()).await, [token]);
}

async fn a_digest_that_is_taken_is_a_conflict(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    write(&store, move |tx| a_token(player, "secret").insert(tx)).await;
    assert_conflict(attempt(&store, move |tx| a_token(player, "secret").insert(tx)).await);
}

async fn a_pairing_that_has_a_token_is_a_conflict(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    write(&store, move |tx| a_token(player, "one").from_pairing(pairing("p")).insert(tx)).await;
    let second =
        attempt(&store, move |tx| a_token(player, "two").from_pairing(pairing("p")).insert(tx)).await;
    assert_conflict(second);
    write(&store, move |tx| a_token(player, "three").from_pairing(pairing("q")).insert(tx)).await;
}

async fn tokens_without_pairing_do_not_stand_in_each_other_s_way(store: Store) {
    let (player, handheld) = player_with_a_device(&store).await;
    write(&store, move |tx| {
        a_token(player, "one").bound_to(handheld).insert(tx)?;
        a_token(player, "two").bound_to(handheld).insert(tx)
    })
    .await;
    assert_eq!(look(&store, move |tx| tx.tokens().list_of_user(player)).await.len(), 2);
}

async fn of_16_redemptions_of_one_pairing_one_gets_a_token(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let answers = race_attempts(&store, 16, |number| {
        let token = a_token(player, &format!("secret {number}")).from_pairing(pairing("p"));
        move |tx: &mut dyn Transaction| token.insert(tx)
    })
    .await;
    let token = only_winner(answers);
    assert_eq!(look(&store, |tx| tx.tokens().list_all()).await, [token]);
}

async fn a_token_of_an_unknown_user_or_device_is_a_conflict(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    assert_conflict(attempt(&store, move |tx| a_token(UserId(player.0 + 1), "secret").insert(tx)).await);
    let nowhere = DeviceId(uuid_of("no device"));
    assert_conflict(attempt(&store, move |tx| a_token(player, "secret").bound_to(nowhere).insert(tx)).await);
}

async fn tokens_are_listed_newest_first(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    write(&store, move |tx| {
        let guest = a_user().named("Guest").insert(tx)?.id;
        a_token(player, "player's first").named("first").made(at(1)).insert(tx)?;
        a_token(player, "player's third").named("third").made(at(3)).insert(tx)?;
        a_token(player, "player's fourth").named("fourth, at the same moment").made(at(3)).insert(tx)?;
        a_token(guest, "guest's second").named("second").made(at(2)).insert(tx)?;
        Ok(())
    })
    .await;
    let (players, all) =
        look(&store, move |tx| Ok((tx.tokens().list_of_user(player)?, tx.tokens().list_all()?))).await;
    let names = |tokens: &[ClientToken]| tokens.iter().map(|token| token.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&players), ["fourth, at the same moment", "third", "first"]);
    assert_eq!(names(&all), ["fourth, at the same moment", "third", "second", "first"]);
}

async fn a_new_secret_kills_the_old_one(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let token = write(&store, move |tx| a_token(player, "old").insert(tx)).await;
    assert!(write(&store, move |tx| tx.tokens().replace_digest(token.id, digest_of("new"))).await);
    let (by_old, by_new) = look(&store, |tx| {
        Ok((tx.tokens().find_by_digest(digest_of("old"))?, tx.tokens().find_by_digest(digest_of("new"))?))
    })
    .await;
    assert_eq!((by_old, by_new), (None, Some(ClientToken { digest: digest_of("new"), ..token })));
}

async fn a_new_secret_that_is_taken_is_a_conflict(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let token = write(&store, move |tx| {
        a_token(player, "taken").insert(tx)?;
        a_token(player, "own").insert(tx)
    })
    .await;
    let id = token.id;
    assert_conflict(attempt(&store, move |tx| tx.tokens().replace_digest(id, digest_of("taken"))).await);
    assert_eq!(look(&store, move |tx| tx.tokens().find(id)).await, Some(token));
}

async fn a_touch_notes_the_use_and_nothing_else(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let (token, other) = write(&store, move |tx| {
        let token = a_token(player, "used").insert(tx)?;
        let other = a_token(player, "other").insert(tx)?;
        tx.tokens().touch(token.id, at(5))?;
        Ok((token, other))
    })
    .await;
    let (id, other_id) = (token.id, other.id);
    let seen = look(&store, move |tx| Ok((tx.tokens().find(id)?, tx.tokens().find(other_id)?))).await;
    assert_eq!(seen, (Some(ClientToken { last_used_at: Some(at(5)), ..token }), Some(other)));
}

async fn deleting_a_token_leaves_the_others(store: Store) {
    let (player, _) = player_with_a_device(&store).await;
    let (kept, gone) = write(&store, move |tx| {
        Ok((a_token(player, "kept").insert(tx)?, a_token(player, "gone").insert(tx)?.id))
    })
    .await;
    assert!(write(&store, move |tx| tx.tokens().delete(gone)).await);
    assert!(!write(&store, move |tx| tx.tokens().delete(gone)).await);
    assert_eq!(look(&store, |tx| tx.tokens().list_all()).await, [kept]);
}

async fn every_token_bound_to_a_device_is_removed(store: Store) {
    let (player, handheld) = player_with_a_device(&store).await;
    let kept = write(&store, move |tx| {
        let desk = a_device(player, "desk").insert(tx)?.id;
        a_token(player, "one").bound_to(handheld).insert(tx)?;
        a_token(player, "two").bound_to(handheld).insert(tx)?;
        let free = a_token(player, "free").made(at(1)).insert(tx)?;
        let other = a_token(player, "three").bound_to(desk).made(at(2)).insert(tx)?;
        tx.tokens().delete_of_device(handheld)?;
        Ok([other, free])
    })
    .await;
    assert_eq!(look(&store, |tx| tx.tokens().list_all()).await, kept);
}
