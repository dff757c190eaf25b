//! Short forms for rules over a store, where a [`StoreError`] is either the rule's failure or its point.

use std::sync::Arc;

use memcard_domain::ports::{StoreError, Transaction, UnitOfWork, UnitOfWorkExt};

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
