//! The device asks for its token: everything durable happens here, in one transaction.
//!
//! Invariants: a flow is redeemed once, however many ask (the user's lock and the unique pairing of a token decide, not
//! the flow's state, which lives in another store); what was granted is held against what the user may do now; polling
//! never changes a decision.

use thiserror::Error;

use super::consent::is_replaced;
use super::{Approval, DENIED_ANSWER_LIFE, DeviceCode, Pace, PairingFlow, PairingRequest, PairingState};
use crate::account::{ClientToken, NewClientToken, ScopeSet, generate_token, require_room};
use crate::device::{Device, DeviceDetails, platform_of, weaken_bases};
use crate::ids::DeviceId;
use crate::ports::{Ports, StoreError, Transaction, UnitOfWorkExt as _};
use crate::secret::{Secret, SecretDigest};
use crate::time::Timestamp;

/// A device that has its token.
#[derive(Debug, Clone)]
pub struct PairedDevice {
    /// The token's secret, shown here and never again.
    pub token: Secret,
    /// The device.
    pub device: DeviceId,
    /// What the token may do.
    pub scopes: ScopeSet,
    /// When the token ends; `None` is never.
    pub expires_at: Option<Timestamp>,
}

/// Why the device has no token (RFC 8628 § 3.5).
#[derive(Debug, Error)]
pub enum PollError {
    /// Nobody has decided: ask again after the interval.
    #[error("authorization_pending")]
    AuthorizationPending,
    /// The same, and the interval grew by five seconds.
    #[error("slow_down")]
    SlowDown,
    /// A person refused, or the user may no longer grant it.
    #[error("access_denied")]
    AccessDenied,
    /// There is no such code, or its flow has expired or was redeemed.
    #[error("expired_token")]
    ExpiredToken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers a device that asks whether it may have its token, and makes the token once it may.
///
/// # Errors
/// See [`PollError`].
pub async fn poll(ports: &Ports, code: DeviceCode) -> Result<PairedDevice, PollError> {
    let now = ports.clock.now();
    let flow = ports.pairings.by_device_code(code.digest()).await?.ok_or(PollError::ExpiredToken)?;
    match &flow.state {
        PairingState::Denied { at, .. } if now - *at < DENIED_ANSWER_LIFE => Err(PollError::AccessDenied),
        PairingState::Denied { .. } | PairingState::Redeemed { .. } => Err(PollError::ExpiredToken),
        PairingState::Pending { .. } | PairingState::Approved(_) if flow.is_expired(now) => {
            Err(PollError::ExpiredToken)
        }
        PairingState::Pending { .. } => Err(pace(ports, &flow, now).await),
        PairingState::Approved(_) => hand_over(ports, flow, now).await,
    }
}

async fn pace(ports: &Ports, flow: &PairingFlow, now: Timestamp) -> PollError {
    let (pacing, pace) = flow.pacing.poll(now);
    if let Err(error) = ports.pairings.pace(flow.id, pacing).await {
        return error.into();
    }
    match pace {
        Pace::Kept => PollError::AuthorizationPending,
        Pace::TooSoon => PollError::SlowDown,
    }
}

async fn hand_over(ports: &Ports, flow: PairingFlow, now: Timestamp) -> Result<PairedDevice, PollError> {
    let expected = flow.revision;
    let pairing = flow.clone();
    let Ok((approval, redeemed)) = flow.redeem(now) else { return Err(PollError::ExpiredToken) };
    let secret = generate_token(&*ports.secrets);
    let digest = secret.digest();
    let redeeming = ports.store.transact(move |tx| redeem(tx, now, &pairing, &approval, digest)).await;
    if matches!(redeeming, Ok(_) | Err(PollError::ExpiredToken)) {
        // The token is made, by this call or an earlier one. Should this note fail, the unique pairing of the token
        // still keeps the flow from being redeemed twice; the device must not lose its token over it.
        let _ = ports.pairings.swap(expected, redeemed).await;
    }
    let (device, token) = redeeming?;
    Ok(PairedDevice { token: secret, device, scopes: token.scopes, expires_at: token.expires_at })
}

fn redeem(
    tx: &mut dyn Transaction,
    now: Timestamp,
    flow: &PairingFlow,
    approval: &Approval,
    digest: SecretDigest,
) -> Result<(DeviceId, ClientToken), PollError> {
    tx.users().lock(approval.user)?;
    let user = tx.users().find(approval.user)?.ok_or(PollError::AccessDenied)?;
    if !approval.scopes.is_subset_of(user.scopes()) {
        return Err(PollError::AccessDenied);
    }
    let tokens = tx.tokens().list_of_user(user.id)?;
    if tokens.iter().any(|token| token.pairing == Some(flow.id)) {
        return Err(PollError::ExpiredToken);
    }
    let device = paired_device(tx, now, flow, approval)?;
    // Approvals in parallel may each have seen the last free place.
    require_room(tokens.iter().filter(|token| !is_replaced(token, Some(device))), now)
        .map_err(|_| PollError::AccessDenied)?;
    tx.tokens().delete_of_device(device)?;
    let token = NewClientToken {
        user: user.id,
        name: approval.device_name.clone(),
        scopes: approval.scopes,
        digest,
        device: Some(device),
        pairing: Some(flow.id),
        expires_at: approval.expiry.from(now),
        created_at: now,
    };
    Ok((device, tx.tokens().insert(&token).map_err(redeemed_or_failed)?))
}

/// The one conflict there can be is that of the pairing: another was faster.
fn redeemed_or_failed(error: StoreError) -> PollError {
    match error {
        StoreError::Conflict { .. } => PollError::ExpiredToken,
        failure => failure.into(),
    }
}

/// The user's device of that identifier, known anew by what it said of itself, or a new one under the approved id.
fn paired_device(
    tx: &mut dyn Transaction,
    now: Timestamp,
    flow: &PairingFlow,
    approval: &Approval,
) -> Result<DeviceId, StoreError> {
    let request = &flow.request;
    let known = match tx.devices().find_by_identifier(approval.user, &request.client_device_identifier)? {
        Some(known) => tx.devices().lock(approval.user, known.id)?,
        None => None,
    };
    match known {
        Some(known) => {
            weaken_bases(tx, approval.user, known.id)?;
            let (id, details) = (known.id, paired_details(flow, approval, known.details.clone()));
            tx.devices().update(&Device { details, last_seen: now, updated_at: now, ..known })?;
            Ok(id)
        }
        None => {
            tx.devices().insert(&Device {
                id: approval.device,
                user: approval.user,
                details: paired_details(flow, approval, DeviceDetails::default()),
                client_device_identifier: Some(request.client_device_identifier.clone()),
                sync_enabled: true,
                hash_contradictions: 0,
                last_seen: now,
                created_at: now,
                updated_at: now,
            })?;
            Ok(approval.device)
        }
    }
}

/// What the device says of itself now, over what was known before.
fn paired_details(flow: &PairingFlow, approval: &Approval, before: DeviceDetails) -> DeviceDetails {
    let PairingRequest { client, client_version, platform, .. } = &flow.request;
    let platform = platform.clone().or(before.platform);
    DeviceDetails {
        name: Some(approval.device_name.clone()),
        client: Some(client.clone()),
        client_version: client_version.clone().or(before.client_version),
        platform: platform.or_else(|| platform_of(Some(client))),
        ..before
    }
}
