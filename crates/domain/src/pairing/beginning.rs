//! A device asks to be paired.

use thiserror::Error;

use super::{DeviceCode, PairingFlow, PairingRequest, Requester, UserCode};
use crate::device::{InvalidLength, check_length};
use crate::ids::PairingId;
use crate::limit::{LimitError, Limited, PAIRINGS, network};
use crate::ports::{Ports, StoreError};

/// Codes are drawn again this often where they are in use already. With 31⁸ user codes and 200 live flows even one
/// repetition is a sign that the randomness is none.
const DRAWS: usize = 8;

/// A flow that has begun, with its codes, which are shown here and never again.
#[derive(Debug, Clone)]
pub struct BegunPairing {
    /// The flow.
    pub flow: PairingFlow,
    /// The code that the device keeps.
    pub device_code: DeviceCode,
    /// The code that a person types.
    pub user_code: UserCode,
}

/// Why no flow has begun.
#[derive(Debug, Error)]
pub enum BeginError {
    /// A text is too short or too long.
    #[error(transparent)]
    Invalid(#[from] InvalidLength),
    /// Nothing was asked for.
    #[error("requested_scopes must name at least one")]
    NoScopes,
    /// There were too many from this address.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LimitError> for BeginError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::Limited(limited),
            LimitError::Store(store) => Self::Store(store),
        }
    }
}

/// Begins a flow. Nobody has to be logged in.
///
/// # Errors
/// See [`BeginError`].
pub async fn begin(
    ports: &Ports,
    request: PairingRequest,
    requester: Requester,
) -> Result<BegunPairing, BeginError> {
    request.check()?;
    let now = ports.clock.now();
    PAIRINGS.admit(&*ports.counter, network(&requester.address), now).await?;
    let id = PairingId(ports.secrets.uuid());
    let flow = PairingFlow::begin(id, request, requester, now);
    for _ in 0..DRAWS {
        let device_code = DeviceCode::generate(&*ports.secrets);
        let user_code = UserCode::generate(&*ports.secrets);
        let digests = (device_code.digest(), user_code.digest(&ports.code_key));
        if ports.pairings.begin(flow.clone(), digests.0, digests.1, now).await?.is_ok() {
            return Ok(BegunPairing { flow, device_code, user_code });
        }
    }
    Err(StoreError::Conflict { constraint: "pairing codes".to_owned() }.into())
}

impl PairingRequest {
    fn check(&self) -> Result<(), BeginError> {
        check_length("client_device_identifier", &self.client_device_identifier, 1, 255)?;
        check_length("name", &self.name, 1, 255)?;
        check_length("client", &self.client, 1, 50)?;
        check_length("platform", self.platform.as_deref().unwrap_or_default(), 0, 50)?;
        check_length("client_version", self.client_version.as_deref().unwrap_or_default(), 0, 50)?;
        if self.scopes.is_empty() { Err(BeginError::NoScopes) } else { Ok(()) }
    }
}
