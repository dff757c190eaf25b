//! Short forms for rules over a store, where a [`StoreError`] is either the rule's failure or its point.

use std::sync::Arc;

use memcard_domain::ports::{StoreError, Transaction, UnitOfWork, UnitOfWorkExt};

use super::race;

/// The store a rule is about.
pub type Store = Arc<dyn UnitOfWork>;

/// Runs work that may write and has to succeed.
///
/// # Panics
/// When the store says no.
pub async fn write<T, F>(store: &Store, work: F) -> T
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Transaction) -> Result<T, StoreError> + Send + 'static,
{
    attempt(store, work).await.expect("the store takes it")
}

/// Runs work that only reads and has to succeed.
///
/// # Panics
/// When the store says no.
pub async fn look<T, F>(store: &Store, work: F) -> T
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Transaction) -> Result<T, StoreError> + Send + 'static,
{
    store.read(work).await.expect("the store reads it")
}

/// Runs work that may write and may be refused.
///
/// # Errors
/// What the store says.
pub async fn attempt<T, F>(store: &Store, work: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: FnOnce(&mut dyn Transaction) -> Result<T, StoreError> + Send + 'static,
{
    store.transact(work).await
}

/// Runs as many transactions at once, each with the work for its number, from 0. Each lets others begin before it goes
/// on: on a quick store they would follow one another by chance.
pub(crate) async fn race_attempts<T, W>(
    store: &Store,
    racers: usize,
    work: impl Fn(usize) -> W,
) -> Vec<Result<T, StoreError>>
where
    T: Send + 'static,
    W: FnOnce(&mut dyn Transaction) -> Result<T, StoreError> + Send + 'static,
{
    race(racers, |number| {
        let (store, work) = (Store::clone(store), work(number));
        async move {
            attempt(&store, move |tx| {
                dawdle();
                work(tx)
            })
            .await
        }
    })
    .await
}

/// As [`race_attempts`], where every work has to succeed.
pub(crate) async fn race_writes<T, W>(store: &Store, racers: usize, work: impl Fn(usize) -> W) -> Vec<T>
where
    T: Send + 'static,
    W: FnOnce(&mut dyn Transaction) -> Result<T, StoreError> + Send + 'static,
{
    let answers = race_attempts(store, racers, work).await;
    answers.into_iter().map(|answer| answer.expect("the store takes it")).collect()
}

/// Lets other threads go first for a while; no rule depends on it, but a broken store is caught more often.
pub(crate) fn dawdle() {
    for _ in 0..100 {
        std::thread::yield_now();
    }
}

/// Asserts that exactly one racer succeeded and all others were refused with [`StoreError::Conflict`].
#[track_caller]
pub(crate) fn only_winner<T: std::fmt::Debug>(answers: Vec<Result<T, StoreError>>) -> T {
    let (winners, losers): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    losers.into_iter().for_each(assert_conflict);
    let [winner] = <[_; 1]>::try_from(winners).expect("exactly one succeeds");
    winner.expect("it is among the winners")
}

/// Asserts that a store refused with [`StoreError::Conflict`].
#[track_caller]
pub(crate) fn assert_conflict<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    match answer {
        Err(StoreError::Conflict { constraint }) => {
            assert!(!constraint.is_empty(), "a conflict names its constraint");
        }
        other => panic!("expected a conflict, got {other:?}"),
    }
}
