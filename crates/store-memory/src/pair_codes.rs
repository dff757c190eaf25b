//! Pair codes: at most one per token, so that they stay as few as tokens.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memcard_domain::account::PairCode;
use memcard_domain::ids::TokenId;
use memcard_domain::ports::{BoxFuture, PairCodes, StoreError};
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::ready;

/// Pair codes in memory.
#[derive(Debug, Default)]
pub struct MemoryPairCodes {
    kept: Mutex<BTreeMap<SecretDigest, Kept>>,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    stands_for: PairCode,
    expires_at: Timestamp,
}

impl MemoryPairCodes {
    /// No codes.
    pub fn new() -> Self {
        Self::default()
    }

    fn codes(&self) -> MutexGuard<'_, BTreeMap<SecretDigest, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PairCodes for MemoryPairCodes {
    fn put(
        &self,
        code: SecretDigest,
        stands_for: PairCode,
        expires_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(move || {
            let mut codes = self.codes();
            codes.retain(|_, kept| kept.stands_for.token != stands_for.token);
            codes.insert(code, Kept { stands_for, expires_at });
            Ok(())
        })
    }

    fn is_live(&self, code: SecretDigest, now: Timestamp) -> BoxFuture<'_, Result<bool, StoreError>> {
        ready(move || Ok(self.codes().get(&code).is_some_and(|kept| kept.is_live(now))))
    }

    fn take(
        &self,
        code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<PairCode>, StoreError>> {
        ready(move || {
            let taken = self.codes().remove(&code);
            Ok(taken.filter(|kept| kept.is_live(now)).map(|kept| kept.stands_for))
        })
    }

    fn drop_for(&self, token: TokenId) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(move || {
            self.codes().retain(|_, kept| kept.stands_for.token != token);
            Ok(())
        })
    }
}

impl Kept {
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}
