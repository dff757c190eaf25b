//! Ports that let others go first: before and after each step a caller waits some turns, as many as a seed says. On a
//! runtime of one thread this makes races that are the same each time, and of many seeds many different ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Duration;
use memcard_domain::account::PairCode;
use memcard_domain::ids::{PairingId, TokenId};
use memcard_domain::pairing::{Pacing, PairingFlow, Revision};
use memcard_domain::ports::{
    Access, BoxFuture, CounterKey, EventCounter, PairCodes, PairingStore, Recent, StoreError, Swap,
    TakenCode, UnitOfWork, Work,
};
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

/// How long everybody waits: a linear congruential generator (Knuth's MMIX).
pub struct Turns(AtomicU64);

impl Turns {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    async fn wait(&self) {
        let next = |state: u64| {
            Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
        };
        let drawn = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default();
        for _ in 0..(drawn >> 33) % 4 {
            tokio::task::yield_now().await;
        }
    }
}

pub struct Interleaved<P: ?Sized> {
    port: Arc<P>,
    turns: Arc<Turns>,
}

impl<P: ?Sized + Send + Sync> Interleaved<P> {
    pub fn new(port: Arc<P>, turns: &Arc<Turns>) -> Self {
        Self { port, turns: Arc::clone(turns) }
    }

    fn between<'a, T: Send + 'a>(&'a self, step: BoxFuture<'a, T>) -> BoxFuture<'a, T> {
        Box::pin(async move {
            self.turns.wait().await;
            let answer = step.await;
            self.turns.wait().await;
            answer
        })
    }
}

impl UnitOfWork for Interleaved<dyn UnitOfWork> {
    fn execute(&self, access: Access, work: Work) -> BoxFuture<'_, Result<(), StoreError>> {
        self.between(self.port.execute(access, work))
    }
}

impl PairingStore for Interleaved<dyn PairingStore> {
    fn begin(
        &self,
        flow: PairingFlow,
        device_code: SecretDigest,
        user_code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Result<(), TakenCode>, StoreError>> {
        self.between(self.port.begin(flow, device_code, user_code, now))
    }

    fn by_user_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        self.between(self.port.by_user_code(digest))
    }

    fn by_device_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        self.between(self.port.by_device_code(digest))
    }

    fn swap(&self, expected: Revision, next: PairingFlow) -> BoxFuture<'_, Result<Swap, StoreError>> {
        self.between(self.port.swap(expected, next))
    }

    fn pace(&self, id: PairingId, pacing: Pacing) -> BoxFuture<'_, Result<(), StoreError>> {
        self.between(self.port.pace(id, pacing))
    }
}

impl PairCodes for Interleaved<dyn PairCodes> {
    fn put(
        &self,
        code: SecretDigest,
        stands_for: PairCode,
        expires_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        self.between(self.port.put(code, stands_for, expires_at))
    }

    fn is_live(&self, code: SecretDigest, now: Timestamp) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.between(self.port.is_live(code, now))
    }

    fn take(
        &self,
        code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<PairCode>, StoreError>> {
        self.between(self.port.take(code, now))
    }

    fn drop_for(&self, token: TokenId) -> BoxFuture<'_, Result<(), StoreError>> {
        self.between(self.port.drop_for(token))
    }
}

impl EventCounter for Interleaved<dyn EventCounter> {
    fn record(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        self.between(self.port.record(key, window, now))
    }

    fn recent(
        &self,
        key: CounterKey,
        window: Duration,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Recent, StoreError>> {
        self.between(self.port.recent(key, window, now))
    }

    fn forget(&self, key: CounterKey) -> BoxFuture<'_, Result<(), StoreError>> {
        self.between(self.port.forget(key))
    }
}
