//! The flow and its states. Transitions consume the flow, take the time and return a typed error where there is no
//! arrow.

use chrono::Duration;
use thiserror::Error;

use super::Pacing;
use crate::account::{Scope, ScopeSet, TokenExpiry};
use crate::ids::{DeviceId, PairingId, UserId};
use crate::time::Timestamp;

/// How long a flow may be approved and redeemed (RFC 8628 § 3.2 `expires_in`).
pub const FLOW_LIFE: Duration = Duration::minutes(10);
/// How long a denied flow answers `access_denied` before it is forgotten.
pub const DENIED_ANSWER_LIFE: Duration = Duration::seconds(60);
/// How many flows may be live at once; the oldest pending one of the same address goes first.
pub const MAX_LIVE_FLOWS: usize = 200;
/// Scopes that pairing does not grant unless the administrator allows it.
pub const UNGRANTABLE: ScopeSet =
    ScopeSet::of(&[Scope::MeWrite, Scope::UsersRead, Scope::UsersWrite, Scope::TasksRun, Scope::LogsRead]);

/// What the device asks for, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingRequest {
    /// The identifier by which the same device is found again, 1 to 255 characters.
    pub client_device_identifier: String,
    /// Display name, 1 to 255 characters.
    pub name: String,
    /// The client's name, 1 to 50 characters.
    pub client: String,
    /// Platform, at most 50 characters.
    pub platform: Option<String>,
    /// The client's version, at most 50 characters.
    pub client_version: Option<String>,
    /// What it wants to do: at least one.
    pub scopes: ScopeSet,
}

/// Where the request came from, for the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requester {
    /// Network address.
    pub address: String,
    /// The `User-Agent` header, at most 255 characters.
    pub agent: Option<String>,
}

/// Counts the changes of a flow's state: what compare-and-set compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i32);

/// One device authorization attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairingFlow {
    /// Its id.
    pub id: PairingId,
    /// What is asked for.
    pub request: PairingRequest,
    /// By whom.
    pub requester: Requester,
    /// Where it stands.
    pub state: PairingState,
    /// Which change of state this is.
    pub revision: Revision,
    /// How the device polls.
    pub pacing: Pacing,
    /// When it began.
    pub created_at: Timestamp,
    /// Its deadline.
    pub expires_at: Timestamp,
}

/// Where a flow stands. Expiry is no state of its own: it is the deadline having passed, see
/// [`PairingFlow::is_expired`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairingState {
    /// Waits for a person; once one has opened its consent page, for that account alone.
    Pending {
        /// The account that opened the page.
        claimed_by: Option<UserId>,
    },
    /// A person agreed; the device has not fetched its token yet.
    Approved(Approval),
    /// A person refused. Terminal.
    Denied {
        /// Who.
        by: UserId,
        /// When.
        at: Timestamp,
    },
    /// The device has its token. Terminal.
    Redeemed {
        /// When.
        at: Timestamp,
    },
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who approved, and will own device and token.
    pub user: UserId,
    /// What they granted.
    pub scopes: ScopeSet,
    /// What the device shall be called.
    pub device_name: String,
    /// The device's id: the existing one's, or one reserved for this user and identifier.
    pub device: DeviceId,
    /// How long the token shall live.
    pub expiry: TokenExpiry,
    /// When.
    pub at: Timestamp,
}

/// There is no such arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidTransition {
    /// The deadline has passed.
    #[error("the pairing has expired")]
    Expired,
    /// Another account opened the consent page.
    #[error("the pairing is held by another account")]
    HeldByAnother,
    /// Nobody has approved it yet.
    #[error("the pairing is still pending")]
    StillPending,
    /// It was approved already.
    #[error("the pairing was already approved")]
    AlreadyApproved,
    /// It was denied already.
    #[error("the pairing was denied")]
    AlreadyDenied,
    /// It was redeemed already.
    #[error("the pairing was already redeemed")]
    AlreadyRedeemed,
}

impl PairingFlow {
    /// Begins a flow.
    pub fn begin(id: PairingId, request: PairingRequest, requester: Requester, now: Timestamp) -> Self {
        Self {
            id,
            request,
            requester,
            state: PairingState::Pending { claimed_by: None },
            revision: Revision(0),
            pacing: Pacing::NEW,
            created_at: now,
            expires_at: now + FLOW_LIFE,
        }
    }

    /// Whether the deadline has passed.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// An account opens the consent page and holds the flow from then on. Opening it again changes nothing.
    ///
    /// # Errors
    /// Held by another account, decided already, or expired.
    pub fn claim(self, by: UserId, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.pending_for(by, now)?;
        Ok(self.to(PairingState::Pending { claimed_by: Some(by) }))
    }

    /// A person agrees.
    ///
    /// # Errors
    /// Held by another account, decided already, or expired.
    pub fn approve(self, approval: Approval) -> Result<Self, InvalidTransition> {
        self.pending_for(approval.user, approval.at)?;
        Ok(self.to(PairingState::Approved(approval)))
    }

    /// A person refuses.
    ///
    /// # Errors
    /// Held by another account, decided already, or expired.
    pub fn deny(self, by: UserId, now: Timestamp) -> Result<Self, InvalidTransition> {
        self.pending_for(by, now)?;
        Ok(self.to(PairingState::Denied { by, at: now }))
    }

    /// The device fetches its token: gives what was approved, and the flow after it.
    ///
    /// # Errors
    /// Not approved, redeemed already, or expired.
    pub fn redeem(self, now: Timestamp) -> Result<(Approval, Self), InvalidTransition> {
        let PairingState::Approved(approval) = self.state.clone() else { return Err(self.not_approved(now)) };
        if self.is_expired(now) {
            return Err(InvalidTransition::Expired);
        }
        Ok((approval, self.to(PairingState::Redeemed { at: now })))
    }

    /// Whether the flow waits for this account: pending, and claimed by nobody else.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn pending_for(&self, user: UserId, now: Timestamp) -> Result<(), InvalidTransition> {
        match &self.state {
            PairingState::Pending { claimed_by: Some(holder) } if *holder != user => {
                Err(InvalidTransition::HeldByAnother)
            }
            PairingState::Pending { .. } if self.is_expired(now) => Err(InvalidTransition::Expired),
            PairingState::Pending { .. } => Ok(()),
            PairingState::Approved(approval) if approval.user != user => {
                Err(InvalidTransition::HeldByAnother)
            }
            PairingState::Approved(_) => Err(InvalidTransition::AlreadyApproved),
            PairingState::Denied { by, .. } if *by != user => Err(InvalidTransition::HeldByAnother),
            PairingState::Denied { .. } => Err(InvalidTransition::AlreadyDenied),
            PairingState::Redeemed { .. } => Err(InvalidTransition::AlreadyRedeemed),
        }
    }

    fn not_approved(&self, now: Timestamp) -> InvalidTransition {
        match self.state {
            PairingState::Denied { .. } => InvalidTransition::AlreadyDenied,
            PairingState::Redeemed { .. } => InvalidTransition::AlreadyRedeemed,
            _ if self.is_expired(now) => InvalidTransition::Expired,
            PairingState::Approved(_) => InvalidTransition::AlreadyApproved,
            PairingState::Pending { .. } => InvalidTransition::StillPending,
        }
    }

    fn to(self, state: PairingState) -> Self {
        Self { state, revision: Revision(self.revision.0 + 1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn flow() -> PairingFlow {
        let request = PairingRequest {
            client_device_identifier: "card-1".to_owned(),
            name: "Handheld".to_owned(),
            client: "grout".to_owned(),
            platform: None,
            client_version: None,
            scopes: ScopeSet::ALL,
        };
        let requester = Requester { address: "192.0.2.1".to_owned(), agent: None };
        PairingFlow::begin(PairingId(Uuid::nil()), request, requester, at(0))
    }

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn approval(user: i32, seconds: i64) -> Approval {
        Approval {
            user: UserId(user),
            scopes: ScopeSet::of(&[Scope::AssetsRead]),
            device_name: "Handheld".to_owned(),
            device: DeviceId(Uuid::nil()),
            expiry: TokenExpiry::Never,
            at: at(seconds),
        }
    }

    #[test]
    fn the_account_that_opened_the_page_holds_the_flow() {
        let held = flow().claim(UserId(1), at(1)).unwrap();
        assert_eq!(held.clone().approve(approval(2, 2)), Err(InvalidTransition::HeldByAnother));
        assert_eq!(held.clone().deny(UserId(2), at(2)), Err(InvalidTransition::HeldByAnother));
        assert!(held.approve(approval(1, 2)).is_ok());
    }

    #[test]
    fn nothing_happens_after_the_deadline() {
        let late = FLOW_LIFE.num_seconds();
        assert_eq!(flow().approve(approval(1, late)), Err(InvalidTransition::Expired));
        let approved = flow().approve(approval(1, 1)).unwrap();
        assert_eq!(approved.redeem(at(late)).unwrap_err(), InvalidTransition::Expired);
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Claim(i32),
        Approve(i32),
        Deny(i32),
        Redeem,
    }

    fn step() -> impl Strategy<Value = (Step, i64)> {
        let kind = prop_oneof![
            (1..3).prop_map(Step::Claim),
            (1..3).prop_map(Step::Approve),
            (1..3).prop_map(Step::Deny),
            Just(Step::Redeem),
        ];
        (kind, 0..700i64)
    }

    fn take(flow: PairingFlow, step: Step, seconds: i64) -> Result<PairingFlow, InvalidTransition> {
        match step {
            Step::Claim(user) => flow.claim(UserId(user), at(seconds)),
            Step::Approve(user) => flow.approve(approval(user, seconds)),
            Step::Deny(user) => flow.deny(UserId(user), at(seconds)),
            Step::Redeem => flow.redeem(at(seconds)).map(|(_, next)| next),
        }
    }

    proptest! {
        #[test]
        fn a_terminal_state_is_never_left_and_a_token_needs_an_approval(
            steps in proptest::collection::vec(step(), 0..20),
        ) {
            let mut flow = flow();
            let mut approved = false;
            for (step, seconds) in steps {
                let terminal =
                    matches!(flow.state, PairingState::Denied { .. } | PairingState::Redeemed { .. });
                match take(flow.clone(), step, seconds) {
                    Ok(next) => {
                        prop_assert!(!terminal);
                        prop_assert!(next.revision > flow.revision);
                        prop_assert!(seconds < FLOW_LIFE.num_seconds());
                        approved |= matches!(next.state, PairingState::Approved(_));
                        let redeemed = matches!(next.state, PairingState::Redeemed { .. });
                        prop_assert!(approved || !redeemed);
                        flow = next;
                    }
                    Err(_) => continue,
                }
            }
        }
    }
}
