//! From what a person typed to the flow that waits for them.
//!
//! Invariants: wrong codes are limited per account, per address and in all, and while one of them is limited a right
//! code is refused too; a flow that another account holds looks like none.

use thiserror::Error;

use super::{InvalidTransition, PairingFlow, UserCode};
use crate::account::Caller;
use crate::limit::{
    Limit, LimitError, Limited, WRONG_CODES, WRONG_CODES_PER_ACCOUNT, WRONG_CODES_PER_ADDRESS, network,
};
use crate::ports::{Ports, StoreError};
use crate::time::Timestamp;

/// Why a typed code leads to no flow that waits for the caller.
#[derive(Debug, Error)]
pub enum CodeError {
    /// No flow has it, or the flow has expired, was redeemed, or is held by another account.
    #[error("Unknown or expired code")]
    Unknown,
    /// The caller approved it already.
    #[error("Code already approved")]
    AlreadyApproved,
    /// The caller denied it already.
    #[error("Code already denied")]
    AlreadyDenied,
    /// There were too many wrong codes.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LimitError> for CodeError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::Limited(limited),
            LimitError::Store(store) => Self::Store(store),
        }
    }
}

impl From<InvalidTransition> for CodeError {
    /// Whose a redeemed flow was is not known any more, so it looks like none.
    fn from(refused: InvalidTransition) -> Self {
        match refused {
            InvalidTransition::AlreadyApproved => Self::AlreadyApproved,
            InvalidTransition::AlreadyDenied => Self::AlreadyDenied,
            InvalidTransition::AlreadyRedeemed
            | InvalidTransition::Expired
            | InvalidTransition::HeldByAnother
            | InvalidTransition::StillPending => Self::Unknown,
        }
    }
}

/// A person at the consent page, with the code they typed.
pub(super) struct Typist<'a> {
    ports: &'a Ports,
    caller: &'a Caller,
    code: Option<UserCode>,
    /// What a wrong code is counted against.
    limits: [(Limit, String); 3],
}

impl<'a> Typist<'a> {
    pub(super) fn new(ports: &'a Ports, caller: &'a Caller, typed: &str, address: &str) -> Self {
        let limits = [
            (WRONG_CODES_PER_ACCOUNT, caller.user.id.to_string()),
            (WRONG_CODES_PER_ADDRESS, network(address)),
            (WRONG_CODES, String::new()),
        ];
        Self { ports, caller, code: UserCode::parse(typed), limits }
    }

    /// The pending flow of the code, unless another account holds it. Wrong codes are judged before the code is looked
    /// at, and counted.
    pub(super) async fn pending_flow(&self, now: Timestamp) -> Result<PairingFlow, CodeError> {
        for (limit, subject) in &self.limits {
            limit.check(&*self.ports.counter, subject, now).await?;
        }
        let Some(flow) = self.flow().await? else { return self.wrong_code(now).await };
        match flow.pending_for(self.caller.user.id, now) {
            Ok(()) => Ok(flow),
            Err(InvalidTransition::Expired | InvalidTransition::HeldByAnother) => self.wrong_code(now).await,
            Err(decided) => Err(decided.into()),
        }
    }

    async fn flow(&self) -> Result<Option<PairingFlow>, StoreError> {
        match &self.code {
            Some(code) => self.ports.pairings.by_user_code(code.digest(&self.ports.code_key)).await,
            None => Ok(None),
        }
    }

    async fn wrong_code(&self, now: Timestamp) -> Result<PairingFlow, CodeError> {
        for (limit, subject) in &self.limits {
            limit.count(&*self.ports.counter, subject, now).await?;
        }
        Err(CodeError::Unknown)
    }
}
