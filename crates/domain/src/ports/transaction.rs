//! The unit of work: one use case, one transaction.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::{
    BaseRepository, BoxFuture, CatalogueRepository, DeviceRepository, LoginRepository, PlayRepository,
    SaveRepository, ScreenshotRepository, SessionRepository, TokenRepository, UpkeepRepository,
    UserRepository,
};

/// One open transaction. Synchronous on purpose: nothing inside can wait for the network, so a slow client cannot hold
/// a lock and a dropped request cannot leave a transaction open.
pub trait Transaction {
    /// Users.
    fn users(&mut self) -> &mut dyn UserRepository;
    /// Interactive logins.
    fn logins(&mut self) -> &mut dyn LoginRepository;
    /// Client tokens.
    fn tokens(&mut self) -> &mut dyn TokenRepository;
    /// Devices.
    fn devices(&mut self) -> &mut dyn DeviceRepository;
    /// Platforms and games.
    fn catalogue(&mut self) -> &mut dyn CatalogueRepository;
    /// Slots, versions and rows, of saves and of states.
    fn saves(&mut self) -> &mut dyn SaveRepository;
    /// Screenshots.
    fn screenshots(&mut self) -> &mut dyn ScreenshotRepository;
    /// What devices hold.
    fn bases(&mut self) -> &mut dyn BaseRepository;
    /// Sync sessions.
    fn sessions(&mut self) -> &mut dyn SessionRepository;
    /// Play sessions.
    fn plays(&mut self) -> &mut dyn PlayRepository;
    /// The whole store, for whoever looks after it.
    fn upkeep(&mut self) -> &mut dyn UpkeepRepository;
}

/// What a use case does to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads; a write in it is an error.
    Read,
    /// It may write.
    Write,
}

/// The work asks for everything it did to be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollback;

/// What runs inside a transaction.
pub type Work = Box<dyn FnOnce(&mut dyn Transaction) -> Result<(), Rollback> + Send>;

/// Runs work in transactions. Adapters implement this; use cases are run through [`UnitOfWorkExt`].
pub trait UnitOfWork: Send + Sync {
    /// Runs the work in one transaction and commits it, durably, before the future resolves. Work that asks for
    /// [`Rollback`] or panics leaves nothing behind (a panic is raised again in the caller); after a rollback that was
    /// asked for the answer is `Ok`. The work is run even if the future is dropped after the first poll.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where no transaction could be had, and whatever the commit says.
    fn execute(&self, access: Access, work: Work) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Use cases with their own results, run on any [`UnitOfWork`].
pub trait UnitOfWorkExt: UnitOfWork {
    /// Runs a use case that may write. Any `Err` rolls back.
    fn transact<T, E, F>(&self, use_case: F) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
    {
        run(self, Access::Write, use_case)
    }

    /// Runs a use case that only reads.
    fn read<T, E, F>(&self, use_case: F) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
    {
        run(self, Access::Read, use_case)
    }
}

impl<U: UnitOfWork + ?Sized> UnitOfWorkExt for U {}

async fn run<U, T, E, F>(store: &U, access: Access, use_case: F) -> Result<T, E>
where
    U: UnitOfWork + ?Sized,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: FnOnce(&mut dyn Transaction) -> Result<T, E> + Send + 'static,
{
    let outcome = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&outcome);
    let work: Work = Box::new(move |tx| {
        let result = use_case(tx);
        let verdict = if result.is_ok() { Ok(()) } else { Err(Rollback) };
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        verdict
    });
    let committed = store.execute(access, work).await;
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (outcome, committed) {
        (Some(Err(error)), _) => Err(error),
        (_, Err(error)) => Err(error.into()),
        (Some(Ok(value)), Ok(())) => Ok(value),
        (None, Ok(())) => Err(StoreError::Unavailable("the work was not run".into()).into()),
    }
}

/// Why a store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A unique or foreign key stood in the way: somebody else was first.
    #[error("conflict with {constraint}")]
    Conflict {
        /// Which constraint, as the adapter names it.
        constraint: String,
    },
    /// The store cannot be reached now; trying again later makes sense.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// Anything else that went wrong inside.
    #[error("the store failed")]
    Backend(#[source] Box<dyn StdError + Send + Sync>),
}
