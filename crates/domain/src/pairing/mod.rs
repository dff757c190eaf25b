//! Pairing: one device authorization attempt, from the code on the device's screen to its token (RFC 8628;
//! `security.md` § "The pairing state machine").
//!
//! ```text
//! pending ──approve──▶ approved ──redeem──▶ redeemed
//!    │                    │
//!    ├──deny──▶ denied    └──(deadline)──▶ expired
//!    └──(deadline)──▶ expired
//! ```
//!
//! Invariants: no token exists before redemption; a terminal state is never left; every arrow is one compare-and-set
//! in the [`PairingStore`](crate::ports::PairingStore), whose result is the decision; polling changes pacing alone.

mod beginning;
mod code;
mod consent;
mod flow;
mod pacing;
mod redemption;
mod typed_code;

pub use beginning::{BeginError, BegunPairing, begin};
pub use code::{CodeKey, DeviceCode, UserCode};
pub use consent::{Approve, ApproveError, Approved, Consent, DenyError, OpenError, approve, deny, open};
pub use flow::{
    Approval, DENIED_ANSWER_LIFE, FLOW_LIFE, InvalidTransition, MAX_LIVE_FLOWS, PairingFlow, PairingRequest,
    PairingState, Requester, Revision, UNGRANTABLE,
};
pub use pacing::{INTERVAL, Pace, Pacing};
pub use redemption::{PairedDevice, PollError, poll};
pub use typed_code::CodeError;
