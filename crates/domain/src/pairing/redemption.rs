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
use crate::event::{self, PairingChange};
use crate::ids::DeviceId;
use crate::ports::{Ports, StoreError, Transaction};
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
    let redeeming = event::transact(ports, move |tx, happened| {
        let (device, token) = redeem(tx, now, &pairing, &approval, digest)?;
        happened.pairing(approval.user, pairing.id, PairingChange::Completed(device));
        Ok((device, token))
    });
    let redeeming = redeeming.await;
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
            let details = paired_details(flow, approval, DeviceDetails::default());
            tx.devices().insert(&Device {
                client_device_identifier: Some(request.client_device_identifier.clone()),
                ..Device::new(approval.device, approval.user, details, now)
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

#[cfg(test)]
mod tests {
    use mockall::Sequence;
    use uuid::Uuid;

    use super::*;
    use crate::account::{Role, Scope, TokenExpiry, User};
    use crate::ids::{PairingId, TokenId, UserId};
    use crate::pairing::Requester;
    use crate::ports::mocks::{MockTransaction, a_user, now};

    const SCOPES: ScopeSet = ScopeSet::of(&[Scope::AssetsRead, Scope::RomsWrite]);

    fn flow() -> PairingFlow {
        let request = PairingRequest {
            client_device_identifier: "card".to_owned(),
            name: "Handheld".to_owned(),
            client: "grout".to_owned(),
            platform: None,
            client_version: None,
            scopes: SCOPES,
        };
        let requester = Requester { address: "192.0.2.1".to_owned(), agent: None };
        PairingFlow::begin(PairingId(Uuid::from_u128(1)), request, requester, now())
    }

    fn approval() -> Approval {
        Approval {
            user: UserId(1),
            scopes: SCOPES,
            device_name: "Handheld".to_owned(),
            device: DeviceId(Uuid::from_u128(2)),
            expiry: TokenExpiry::Never,
            at: now(),
        }
    }

    fn earlier_token(pairing: Option<PairingId>) -> ClientToken {
        ClientToken {
            id: TokenId(1),
            user: UserId(1),
            name: "Handheld".to_owned(),
            scopes: SCOPES,
            digest: SecretDigest([0; 32]),
            device: Some(DeviceId(Uuid::from_u128(2))),
            pairing,
            expires_at: None,
            last_used_at: None,
            created_at: now(),
        }
    }

    fn attempt(tx: &mut MockTransaction) -> Result<(DeviceId, ClientToken), PollError> {
        redeem(tx, now(), &flow(), &approval(), SecretDigest([1; 32]))
    }

    #[test]
    fn the_user_is_locked_before_anything_is_read_and_a_lost_race_is_an_expired_token() {
        let mut tx = MockTransaction::default();
        let mut order = Sequence::new();
        tx.users.expect_lock().times(1).in_sequence(&mut order).returning(|_| Ok(true));
        let find = tx.users.expect_find().times(1).in_sequence(&mut order);
        find.returning(|_| Ok(Some(a_user(1, Role::Editor))));
        tx.tokens.expect_list_of_user().times(1).in_sequence(&mut order).returning(|_| Ok(Vec::new()));
        tx.devices.expect_find_by_identifier().times(1).in_sequence(&mut order).returning(|_, _| Ok(None));
        tx.devices.expect_insert().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        tx.tokens.expect_delete_of_device().times(1).in_sequence(&mut order).returning(|_| Ok(()));
        let taken = || StoreError::Conflict { constraint: "client_tokens.pairing_id".to_owned() };
        tx.tokens.expect_insert().times(1).in_sequence(&mut order).returning(move |_| Err(taken()));
        assert!(matches!(attempt(&mut tx), Err(PollError::ExpiredToken)));
    }

    #[test]
    fn a_pairing_that_has_its_token_touches_neither_device_nor_tokens() {
        let mut tx = MockTransaction::default();
        tx.users.expect_lock().returning(|_| Ok(true));
        tx.users.expect_find().returning(|_| Ok(Some(a_user(1, Role::Editor))));
        let made = earlier_token(Some(flow().id));
        tx.tokens.expect_list_of_user().returning(move |_| Ok(vec![made.clone()]));
        assert!(matches!(attempt(&mut tx), Err(PollError::ExpiredToken)));
    }

    #[test]
    fn a_user_who_may_no_longer_grant_it_touches_nothing() {
        let disabled = User { enabled: false, ..a_user(1, Role::Editor) };
        for user in [None, Some(disabled), Some(a_user(1, Role::User))] {
            let mut tx = MockTransaction::default();
            tx.users.expect_lock().returning(|_| Ok(true));
            tx.users.expect_find().returning(move |_| Ok(user.clone()));
            assert!(matches!(attempt(&mut tx), Err(PollError::AccessDenied)));
        }
    }

    #[test]
    fn a_store_that_fails_is_no_answer_to_the_device() {
        let mut tx = MockTransaction::default();
        tx.users.expect_lock().returning(|_| Err(StoreError::Unavailable("gone".into())));
        assert!(matches!(attempt(&mut tx), Err(PollError::Store(_))));
    }
}
