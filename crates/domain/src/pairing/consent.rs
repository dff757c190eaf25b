//! A person opens the consent page, approves or denies.
//!
//! Invariants: the account that opened the page holds the flow; only an interactive login decides; of parallel
//! decisions exactly one succeeds, by compare-and-set; no token is made here.

use thiserror::Error;

use super::typed_code::{CodeError, Typist};
use super::{Approval, PairingFlow, PairingState, UNGRANTABLE};
use crate::account::{
    Caller, ClientToken, Forbidden, Scope, ScopeSet, TokenExpiry, TooManyTokens, require_room,
};
use crate::device::{Device, InvalidLength, check_length};
use crate::event::{Happened, PairingChange};
use crate::ids::{DeviceId, PairingId};
use crate::ports::{Ports, StoreError, Swap, Transaction, UnitOfWorkExt as _};
use crate::time::Timestamp;

/// What the consent page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    /// The flow.
    pub flow: PairingFlow,
    /// What the caller could grant: the requested scopes that they hold and pairing may grant.
    pub allowed: ScopeSet,
    /// The device that will be paired anew, where the caller has one of this identifier.
    pub replaces: Option<Device>,
}

/// What a person grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approve {
    /// The code, as typed.
    pub typed_code: String,
    /// What the device may do: at least one, all of them [allowed](Consent::allowed).
    pub scopes: ScopeSet,
    /// What the device shall be called, at most 255 characters; the requested name where none or a blank one is given.
    pub device_name: Option<String>,
    /// How long its token shall live.
    pub expiry: TokenExpiry,
}

/// What was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The id that the device will have when it has fetched its token.
    pub device: DeviceId,
    /// Its name.
    pub device_name: String,
}

/// Why the consent page is not shown.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No flow waits for the caller under this code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was granted.
#[derive(Debug, Error)]
pub enum ApproveError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No flow waits for the caller under this code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The device's name is too long.
    #[error(transparent)]
    Invalid(#[from] InvalidLength),
    /// Nothing was granted.
    #[error("approved_scopes must name at least one")]
    NoScopes,
    /// More was granted than was requested, the caller holds or pairing may grant.
    #[error("Approved scopes exceed what's allowed for this user")]
    ScopesExceed,
    /// The caller has as many tokens as there may be.
    #[error(transparent)]
    TooManyTokens(#[from] TooManyTokens),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why nothing was denied.
#[derive(Debug, Error)]
pub enum DenyError {
    /// The caller may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// No flow waits for the caller under this code.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the consent page: from now on the flow is held for the caller's account. Needs `me.read`.
///
/// # Errors
/// See [`OpenError`].
pub async fn open(ports: &Ports, caller: &Caller, typed: &str, address: &str) -> Result<Consent, OpenError> {
    caller.require(Scope::MeRead)?;
    let flow = claim(ports, caller, &Typist::new(ports, caller, typed, address)).await?;
    let (user, identifier) = (caller.user.id, flow.request.client_device_identifier.clone());
    let replaces = ports.store.read(move |tx| tx.devices().find_by_identifier(user, &identifier));
    let replaces = replaces.await?;
    Ok(Consent { allowed: allowed(&flow, caller), replaces, flow })
}

/// Grants what the device asked for, or less. Needs `me.write` and an interactive login. Only the decision is kept:
/// device and token are made when the device fetches them.
///
/// # Errors
/// See [`ApproveError`].
pub async fn approve(
    ports: &Ports,
    caller: &Caller,
    address: &str,
    command: Approve,
) -> Result<Approved, ApproveError> {
    require_decider(caller)?;
    check_length("device_name", command.device_name.as_deref().unwrap_or_default(), 0, 255)?;
    if command.scopes.is_empty() {
        return Err(ApproveError::NoScopes);
    }
    let typist = Typist::new(ports, caller, &command.typed_code, address);
    loop {
        let now = ports.clock.now();
        let flow = typist.pending_flow(now).await?;
        if !command.scopes.is_subset_of(allowed(&flow, caller)) {
            return Err(ApproveError::ScopesExceed);
        }
        let approval = Approval {
            user: caller.user.id,
            scopes: command.scopes,
            device_name: name_for(&flow, command.device_name.as_deref()),
            device: prepare_device(ports, caller, &flow, now).await?,
            expiry: command.expiry,
            at: now,
        };
        let approved = Approved { device: approval.device, device_name: approval.device_name.clone() };
        let expected = flow.revision;
        let next = flow.approve(approval).map_err(CodeError::from)?;
        // Whoever lost a race reads again what was decided.
        let pairing = next.id;
        if ports.pairings.swap(expected, next).await? == Swap::Done {
            tell(ports, caller, pairing, PairingChange::Approved).await;
            return Ok(approved);
        }
    }
}

/// Refuses what the device asked for: after this it never gets a token. Needs `me.write` and an interactive login.
///
/// # Errors
/// See [`DenyError`].
pub async fn deny(ports: &Ports, caller: &Caller, address: &str, typed: &str) -> Result<(), DenyError> {
    require_decider(caller)?;
    let typist = Typist::new(ports, caller, typed, address);
    loop {
        let now = ports.clock.now();
        let flow = typist.pending_flow(now).await?;
        let expected = flow.revision;
        let next = flow.deny(caller.user.id, now).map_err(CodeError::from)?;
        let pairing = next.id;
        if ports.pairings.swap(expected, next).await? == Swap::Done {
            tell(ports, caller, pairing, PairingChange::Denied).await;
            return Ok(());
        }
    }
}

fn require_decider(caller: &Caller) -> Result<(), Forbidden> {
    caller.require(Scope::MeWrite)?;
    caller.require_interactive()
}

async fn claim(ports: &Ports, caller: &Caller, typist: &Typist<'_>) -> Result<PairingFlow, CodeError> {
    loop {
        let now = ports.clock.now();
        let flow = typist.pending_flow(now).await?;
        if flow.state != (PairingState::Pending { claimed_by: None }) {
            return Ok(flow);
        }
        let expected = flow.revision;
        let claimed = flow.claim(caller.user.id, now)?;
        if ports.pairings.swap(expected, claimed.clone()).await? == Swap::Done {
            tell(ports, caller, claimed.id, PairingChange::Opened).await;
            return Ok(claimed);
        }
    }
}

async fn tell(ports: &Ports, caller: &Caller, pairing: PairingId, change: PairingChange) {
    let mut happened = Happened::default();
    happened.pairing(caller.user.id, pairing, change);
    happened.publish(ports).await;
}

fn allowed(flow: &PairingFlow, caller: &Caller) -> ScopeSet {
    flow.request.scopes.intersection(caller.scopes()).difference(UNGRANTABLE)
}

fn name_for(flow: &PairingFlow, wanted: Option<&str>) -> String {
    wanted.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&flow.request.name).to_owned()
}

/// The id that redemption will use for the device: the existing one's, or one reserved for this user and identifier.
async fn prepare_device(
    ports: &Ports,
    caller: &Caller,
    flow: &PairingFlow,
    now: Timestamp,
) -> Result<DeviceId, ApproveError> {
    let candidate = DeviceId(ports.secrets.uuid());
    let (user, identifier) = (caller.user.id, flow.request.client_device_identifier.clone());
    let prepare = move |tx: &mut dyn Transaction| {
        tx.users().lock(user)?;
        let existing = tx.devices().find_by_identifier(user, &identifier)?.map(|device| device.id);
        let tokens = tx.tokens().list_of_user(user)?;
        require_room(tokens.iter().filter(|token| !is_replaced(token, existing)), now)?;
        match existing {
            Some(existing) => Ok(existing),
            None => Ok(tx.devices().reserve_id(user, &identifier, candidate)?),
        }
    };
    ports.store.transact(prepare).await
}

/// Whether pairing the device anew takes the token's place.
pub(super) fn is_replaced(token: &ClientToken, paired: Option<DeviceId>) -> bool {
    paired.is_some() && token.device == paired
}
