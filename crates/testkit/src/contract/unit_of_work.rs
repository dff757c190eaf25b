//! Rules of [`UnitOfWork`](memcard_domain::ports::UnitOfWork): what a transaction is, whatever is done in it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use memcard_domain::ids::{DeviceId, GameId, UserId};
use memcard_domain::ports::{Access, Rollback, StoreError, Transaction, UnitOfWorkExt as _};
use tokio::sync::oneshot;

use super::store::race_writes;
use super::{Store, attempt, look, suite, write};
use crate::builders::{a_device, a_game, a_login, a_play, a_session, a_slot, a_token, a_user, at};

suite! { $
    /// Hooks the rules of [`UnitOfWork`](memcard_domain::ports::UnitOfWork). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn UnitOfWork>>`.
    unit_of_work_contract: unit_of_work over dyn memcard_domain::ports::UnitOfWork {
        committed_work_is_seen_afterwards,
        work_sees_what_it_wrote_itself,
        work_that_fails_gives_its_error_and_leaves_nothing,
        a_rollback_that_was_asked_for_is_no_error_and_leaves_nothing,
        a_panic_is_raised_again_in_the_caller_and_leaves_nothing,
        a_store_works_on_after_a_panic,
        a_write_in_read_work_is_an_error_in_every_repository,
        a_write_in_read_work_whose_error_is_passed_over_leaves_nothing,
        work_runs_to_its_end_though_its_future_is_dropped,
        of_many_transactions_at_once_each_is_run_once,
    }
}

async fn committed_work_is_seen_afterwards(store: Store) {
    let player = write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let seen = look(&store, move |tx| tx.users().find(player.id)).await;
    assert_eq!(seen, Some(player));
}

async fn work_sees_what_it_wrote_itself(store: Store) {
    let (player, seen) = write(&store, |tx| {
        let player = a_user().named("Player").insert(tx)?;
        let seen = tx.users().find(player.id)?;
        Ok((player, seen))
    })
    .await;
    assert_eq!(seen, Some(player));
}

async fn work_that_fails_gives_its_error_and_leaves_nothing(store: Store) {
    #[derive(Debug, PartialEq)]
    struct SecondThoughts;
    impl From<StoreError> for SecondThoughts {
        fn from(error: StoreError) -> Self {
            panic!("expected the work's own error, got {error:?}");
        }
    }

    let answer: Result<(), SecondThoughts> = store
        .transact(|tx| {
            a_user().named("Player").insert(tx)?;
            a_user().named("Guest").insert(tx)?;
            Err(SecondThoughts)
        })
        .await;
    assert_eq!(answer, Err(SecondThoughts));
    assert_eq!(look(&store, |tx| tx.users().list()).await, []);
}

async fn a_rollback_that_was_asked_for_is_no_error_and_leaves_nothing(store: Store) {
    let work = store.execute(
        Access::Write,
        Box::new(|tx| {
            a_user().insert(tx).map_err(|_| Rollback)?;
            Err(Rollback)
        }),
    );
    work.await.expect("a rollback that was asked for is no error");
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
}

async fn a_panic_is_raised_again_in_the_caller_and_leaves_nothing(store: Store) {
    let panicked = panicking(&store).await;
    assert_eq!(panicked, "the work gives up");
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
}

async fn a_store_works_on_after_a_panic(store: Store) {
    // More often than any store has connections.
    for _ in 0..24 {
        panicking(&store).await;
    }
    let users = race_writes(&store, 24, |number| {
        move |tx: &mut dyn Transaction| a_user().named(&format!("user {number}")).insert(tx)
    })
    .await;
    assert_eq!(users.len(), 24);
}

/// Runs work that writes and then panics; gives the panic's words.
async fn panicking(store: &Store) -> &'static str {
    let work = attempt(store, |tx| -> Result<(), StoreError> {
        a_user().insert(tx)?;
        std::panic::panic_any("the work gives up")
    });
    let panicked = AssertUnwindSafe(work).catch_unwind().await.expect_err("the panic reaches the caller");
    panicked.downcast_ref::<&str>().expect("the panic's own words")
}

/// A player, their handheld, and a game.
#[derive(Clone, Copy)]
struct Story {
    player: UserId,
    handheld: DeviceId,
    game: GameId,
}

/// A write with its name.
type NamedWrite = (&'static str, fn(&mut dyn Transaction, Story) -> Result<(), StoreError>);

/// One write of each repository.
const WRITES: [NamedWrite; 9] = [
    ("users", |tx, _| a_user().named("Guest").insert(tx).map(drop)),
    ("logins", |tx, story| a_login(story.player, "cookie").insert(tx).map(drop)),
    ("tokens", |tx, story| a_token(story.player, "secret").insert(tx).map(drop)),
    ("devices", |tx, story| a_device(story.player, "desk").insert(tx).map(drop)),
    ("catalogue", |tx, _| tx.catalogue().set_library_folder(Some("/games".to_owned()))),
    ("saves", |tx, story| a_slot(tx, story.player, story.game).map(drop)),
    ("bases", |tx, story| tx.bases().clear(story.handheld)),
    ("sessions", |tx, story| a_session(tx, story.player, story.handheld, at(0)).map(drop)),
    ("plays", |tx, story| a_play(story.player).insert(tx).map(drop)),
];

async fn a_write_in_read_work_is_an_error_in_every_repository(store: Store) {
    let story = write(&store, |tx| {
        let player = a_user().named("Player").insert(tx)?.id;
        let handheld = a_device(player, "handheld").insert(tx)?.id;
        Ok(Story { player, handheld, game: a_game().insert(tx)?.id })
    })
    .await;
    for (repository, work) in WRITES {
        let refused: Result<(), StoreError> = store.read(move |tx| work(tx, story)).await;
        assert!(refused.is_err(), "{repository}: a write in read work");
    }
    for (repository, work) in WRITES {
        let taken = attempt(&store, move |tx| work(tx, story)).await;
        assert!(taken.is_ok(), "{repository}: the same write elsewhere: {taken:?}");
    }
}

async fn a_write_in_read_work_whose_error_is_passed_over_leaves_nothing(store: Store) {
    let player = write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let answer: Result<(bool, bool), StoreError> = store
        .read(move |tx| {
            let refused = tx.users().delete(player.id).is_err();
            Ok((refused, a_user().named("Guest").insert(tx).is_err()))
        })
        .await;
    // A store may also refuse to end such work.
    assert_eq!(answer.unwrap_or((true, true)), (true, true));
    assert_eq!(look(&store, |tx| tx.users().count()).await, 1);
}

async fn work_runs_to_its_end_though_its_future_is_dropped(store: Store) {
    let player = write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let mut renamed = player.clone();
    renamed.email = Some("player@example.org".to_owned());

    let (began, has_begun) = oneshot::channel();
    let update = renamed.clone();
    let work = store.execute(
        Access::Write,
        Box::new(move |tx| {
            tx.users().lock(update.id).map_err(|_| Rollback)?;
            let _ = began.send(());
            tx.users().update(&update).map_err(|_| Rollback)?;
            Ok(())
        }),
    );
    // Polls once, then drops the future.
    let _ = work.now_or_never();
    has_begun.await.expect("the work is run");

    // Locking the same user waits for the end of the work.
    let seen = write(&store, move |tx| {
        tx.users().lock(player.id)?;
        tx.users().find(player.id)
    })
    .await;
    assert_eq!(seen, Some(renamed));
}

async fn of_many_transactions_at_once_each_is_run_once(store: Store) {
    let users = race_writes(&store, 48, |number| {
        move |tx: &mut dyn Transaction| a_user().named(&format!("user {number}")).insert(tx)
    })
    .await;
    let listed = look(&store, |tx| tx.users().list()).await;
    assert_eq!(listed.len(), 48);
    assert!(users.iter().all(|user| listed.contains(user)));
}
