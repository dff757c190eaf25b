//! What transactions promise beyond the contract suites: which constraint stood in the way, and that nothing which
//! failed is ever committed.

use std::sync::Arc;

use memcard_domain::ids::{DeviceId, PairingId};
use memcard_domain::ports::{StoreError, Transaction, UnitOfWork, UnitOfWorkExt as _};
use memcard_domain::save::Order;
use memcard_testkit::builders::{a_device, a_game, a_login, a_slot, a_token, a_user, a_version, uuid_of};
use memcard_testkit::contract::{Store, attempt, look, race, write};

use crate::support::{Opened, on_every_database};

on_every_database!(a_unique_key_in_the_way_is_named_alike_everywhere);
on_every_database!(of_64_racers_for_one_place_one_wins_and_63_are_told_why);
on_every_database!(a_transaction_with_a_failed_statement_is_never_committed);

type Attempt = fn(&mut dyn Transaction) -> Result<(), StoreError>;

/// Each does one thing twice that may be done once.
const TWICE: [(&str, Attempt); 8] = [
    ("users_username_key", |tx| {
        a_user().named("Player").insert(tx)?;
        a_user().named("player").insert(tx).map(drop)
    }),
    ("logins_digest", |tx| {
        let user = a_user().insert(tx)?.id;
        a_login(user, "cookie").insert(tx)?;
        a_login(user, "cookie").insert(tx).map(drop)
    }),
    ("client_tokens_digest", |tx| {
        let user = a_user().insert(tx)?.id;
        a_token(user, "secret").insert(tx)?;
        a_token(user, "secret").insert(tx).map(drop)
    }),
    ("client_tokens_pairing_id", |tx| {
        let user = a_user().insert(tx)?.id;
        let pairing = PairingId(uuid_of("pairing"));
        a_token(user, "one").from_pairing(pairing).insert(tx)?;
        a_token(user, "two").from_pairing(pairing).insert(tx).map(drop)
    }),
    ("devices_id", |tx| {
        let user = a_user().insert(tx)?.id;
        let id = DeviceId(uuid_of("device"));
        a_device(user, "one").with_id(id).insert(tx)?;
        a_device(user, "two").with_id(id).insert(tx).map(drop)
    }),
    ("devices_user_id_client_device_identifier", |tx| {
        let user = a_user().insert(tx)?.id;
        a_device(user, "one").identified_by("card").insert(tx)?;
        a_device(user, "two").identified_by("card").insert(tx).map(drop)
    }),
    ("devices_user_id_browser_key", |tx| {
        let user = a_user().insert(tx)?.id;
        a_device(user, "one").browsing_as("Firefox").insert(tx)?;
        a_device(user, "two").browsing_as("Firefox").insert(tx).map(drop)
    }),
    ("versions_slot_id_ordinal", |tx| {
        let (user, game) = (a_user().insert(tx)?.id, a_game().insert(tx)?.id);
        let slot = a_slot(tx, user, game)?.id;
        a_version(slot).append(tx)?;
        a_version(slot).at_order(Order::FIRST).append(tx).map(drop)
    }),
];

async fn a_unique_key_in_the_way_is_named_alike_everywhere(opened: &Opened) {
    for (expected, twice) in TWICE {
        match opened.database.transact(twice).await {
            Err(StoreError::Conflict { constraint }) => assert_eq!(constraint, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

async fn of_64_racers_for_one_place_one_wins_and_63_are_told_why(opened: &Opened) {
    let store: Store = Arc::new(opened.database.clone());
    let slot = write(&store, |tx| {
        let (user, game) = (a_user().insert(tx)?.id, a_game().insert(tx)?.id);
        a_slot(tx, user, game)
    })
    .await
    .id;
    let answers = race(64, |racer| {
        let store = Store::clone(&store);
        async move {
            let version = a_version(slot).at_order(Order::FIRST).of_bytes(&[racer as u8]);
            attempt(&store, move |tx| version.append(tx)).await
        }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 63));
    for answer in lost {
        match answer {
            Err(StoreError::Conflict { constraint }) => assert_eq!(constraint, "versions_slot_id_ordinal"),
            other => panic!("expected a conflict, got {other:?}"),
        }
    }
    let history = look(&store, move |tx| tx.saves().history(slot)).await;
    assert_eq!(history, [won.into_iter().next().unwrap().unwrap()]);
}

async fn a_transaction_with_a_failed_statement_is_never_committed(opened: &Opened) {
    let store: Arc<dyn UnitOfWork> = Arc::new(opened.database.clone());
    let committed: Result<(), StoreError> = store
        .transact(|tx| {
            a_user().named("Player").insert(tx)?;
            assert!(a_user().named("Player").insert(tx).is_err());
            Ok(())
        })
        .await;
    assert!(matches!(committed, Err(StoreError::Backend(_))), "{committed:?}");
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
    write(&store, |tx| a_user().named("Player").insert(tx)).await;
}
