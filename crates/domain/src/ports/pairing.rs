//! Pairing flows and pair codes: short-lived, outside the transaction, in memory, SQL or Redis.

use super::{BoxFuture, StoreError};
use crate::account::PairCode;
use crate::ids::{PairingId, TokenId};
use crate::pairing::{Pacing, PairingFlow, Revision};
use crate::secret::SecretDigest;
use crate::time::Timestamp;

/// Keeps pairing flows. Each method is atomic.
pub trait PairingStore: Send + Sync {
    /// Keeps a new flow under the digests of its codes. Flows past their deadline at `now` are dropped first; if
    /// [`MAX_LIVE_FLOWS`](crate::pairing::MAX_LIVE_FLOWS) are still live, the oldest pending one of the same requester
    /// address goes, or else the oldest pending one.
    ///
    /// A code whose digest is kept already is refused ([`TakenCode`]) and nothing is kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn begin(
        &self,
        flow: PairingFlow,
        device_code: SecretDigest,
        user_code: SecretDigest,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Result<(), TakenCode>, StoreError>>;

    /// The flow of a user code, whatever its state, expired ones included as long as they are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn by_user_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>>;

    /// The flow of a device code.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn by_device_code(&self, digest: SecretDigest) -> BoxFuture<'_, Result<Option<PairingFlow>, StoreError>>;

    /// Replaces the flow's state by `next`'s if its revision still is `expected`: compare-and-set. Pacing is left as
    /// it is. Of callers with equal `expected` exactly one gets [`Swap::Done`].
    ///
    /// # Errors
    /// See [`StoreError`].
    fn swap(&self, expected: Revision, next: PairingFlow) -> BoxFuture<'_, Result<Swap, StoreError>>;

    /// Replaces the flow's pacing; its state and revision are left as they are. A flow that is gone is no error.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn pace(&self, id: PairingId, pacing: Pacing) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// The verdict of a compare-and-set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// It was still as expected, and is replaced.
    Done,
    /// Somebody else was first; nothing changed.
    Lost,
}

/// A code that is in use already: draw another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenCode;

/// Keeps pair codes: a token has one at most, a newer one takes the place of the older.
pub trait PairCodes: Send + Sync {
    /// Keeps a code until `expires_at`.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn put(
        &self,
        code: SecretDigest,
        stands_for: PairCode,
        expires_at: Timestamp,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Whether the code is good at `now`.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn is_live(&self, code: SecretDigest, now: Timestamp) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Takes the code: of callers with one code exactly one gets what it stands for.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn take(&self, code: SecretDigest, now: Timestamp)
    -> BoxFuture<'_, Result<Option<PairCode>, StoreError>>;

    /// Drops the code of a token, if it has one.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn drop_for(&self, token: TokenId) -> BoxFuture<'_, Result<(), StoreError>>;
}
