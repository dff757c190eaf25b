//! The store: one set of tables behind one mutex.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memcard_domain::ids::VersionId;
use memcard_domain::ports::{Access, BoxFuture, Rollback, StoreError, Transaction, UnitOfWork, Work};

use crate::ready;
use crate::repositories::MemoryTransaction;
use crate::tables::Tables;

/// A store in memory. Clones share what is kept.
///
/// A transaction works on a copy of the tables, which takes their place when it commits: a rollback or a panic has
/// nothing to undo. Transactions that may write follow one another; those that only read see the tables as they were
/// when they began, and hold nobody up. Work must not use the store it runs in: it would wait for itself.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    committed: Arc<Mutex<Tables>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store of its own with what is kept now: what is written to one of the two is not seen by the other. As cheap
    /// as beginning a transaction.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self { committed: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// Runs a use case that may write, without a runtime. Any `Err` rolls back.
    ///
    /// # Errors
    /// What the use case says.
    pub fn transact_now<T, E>(
        &self,
        use_case: impl FnOnce(&mut dyn Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        // Held to the end: the copy must be of what it will take the place of.
        let mut committed = self.lock();
        let mut transaction = MemoryTransaction::new(committed.clone(), Access::Write);
        let answer = use_case(&mut transaction)?;
        *committed = transaction.into_tables();
        Ok(answer)
    }

    /// Runs a use case that only reads, without a runtime.
    ///
    /// # Errors
    /// What the use case says.
    pub fn read_now<T, E>(
        &self,
        use_case: impl FnOnce(&mut dyn Transaction) -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = self.lock().clone();
        use_case(&mut MemoryTransaction::new(snapshot, Access::Read))
    }

    /// Marks the bytes of a version as gone. Only retention does that to a version; this is for seeing what follows.
    pub fn release_bytes(&self, version: VersionId) {
        if let Some(version) = self.lock().versions.get_mut(&version) {
            version.held = false;
        }
    }

    /// A panic in the work poisons the mutex and leaves the tables as they were, so that poisoning means nothing.
    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnitOfWork for MemoryStore {
    fn execute(&self, access: Access, work: Work) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(move || {
            let ended = match access {
                Access::Write => self.transact_now(work),
                Access::Read => self.read_now(work),
            };
            match ended {
                Ok(()) | Err(Rollback) => Ok(()),
            }
        })
    }
}
