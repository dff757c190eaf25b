//! Pairing flows, kept as long as the process lives: a server that restarts forgets those of the last ten minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memcard_domain::ids::PairingId;
use memcard_domain::pairing::{MAX_LIVE_FLOWS, Pacing, PairingFlow, PairingState, Revision};
use memcard_domain::ports::{BoxFuture, PairingStore, StoreError, Swap, TakenCode};
use memcard_domain::secret::SecretDigest;
use memcard_domain::time::Timestamp;

use crate::ready;

/// Pairing flows in memory.
#[derive(Debug, Default)]
pub struct MemoryPairings {
    kept: Mutex<Flows>,
}

#[derive(Debug, Default)]
struct Flows(BTreeMap<PairingId, Kept>);

#[derive(Debug)]
struct Kept {
    flow: PairingFlow,
    device_code: SecretDigest,
    user_code: SecretDigest,
}

impl MemoryPairings {
    /// No flows.
    pub fn new() -> Self {
        Self::default()
    }

    fn flows(&self) -> MutexGuard<'_, Flows> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PairingStore for MemoryPairings {
    fn begin(
        &self,
        flow: PairingFlow,
        device_code: SecretDigest,
        user_code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Result<(), TakenCode>, StoreError>> {
        ready(move || Ok(self.flows().begin(Kept { flow, device_code, user_code }, now)))
    }

    fn by_user_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        ready(move || Ok(self.flows().find(|kept| kept.user_code == digest)))
    }

    fn by_device_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>> {
        ready(move || Ok(self.flows().find(|kept| kept.device_code == digest)))
    }

    fn swap(&self, expected: Revision, next: PairingFlow) -> BoxFuture<'_, Result<Swap, StoreError>> {
        ready(move || Ok(self.flows().swap(expected, next)))
    }

    fn pace(&self, id: PairingId, pacing: Pacing) -> BoxFuture<'_, Result<(), StoreError>> {
        ready(move || {
            if let Some(kept) = self.flows().0.get_mut(&id) {
                kept.flow.pacing = pacing;
            }
            Ok(())
        })
    }
}

impl Flows {
    fn begin(&mut self, new: Kept, now: Timestamp) -> Result<(), TakenCode> {
        self.0.retain(|_, kept| !kept.flow.is_expired(now));
        if self.0.values().any(|kept| kept.device_code == new.device_code || kept.user_code == new.user_code)
        {
            return Err(TakenCode);
        }
        if self.0.len() >= MAX_LIVE_FLOWS {
            self.drop_oldest_pending(&new.flow.requester.address);
        }
        self.0.insert(new.flow.id, new);
        Ok(())
    }

    /// Drops the oldest pending flow of that address, or else of any. Flows that are decided stay.
    fn drop_oldest_pending(&mut self, address: &str) {
        let pending = self.0.values().map(|kept| &kept.flow).filter(|flow| is_pending(flow));
        let oldest = pending.min_by_key(|flow| (flow.requester.address != address, flow.created_at));
        if let Some(id) = oldest.map(|flow| flow.id) {
            self.0.remove(&id);
        }
    }

    fn find(&self, is_meant: impl Fn(&Kept) -> bool) -> Option<PairingFlow> {
        self.0.values().find(|kept| is_meant(kept)).map(|kept| kept.flow.clone())
    }

    fn swap(&mut self, expected: Revision, next: PairingFlow) -> Swap {
        match self.0.get_mut(&next.id) {
            Some(kept) if kept.flow.revision == expected => {
                kept.flow.state = next.state;
                kept.flow.revision = next.revision;
                Swap::Done
            }
            _ => Swap::Lost,
        }
    }
}

fn is_pending(flow: &PairingFlow) -> bool {
    matches!(flow.state, PairingState::Pending { .. })
}
