//! Devices that ask to be let in.

use memcard_domain::account::{Scope, ScopeSet, TokenExpiry};
use memcard_domain::ids::{DeviceId, PairingId, UserId};
use memcard_domain::pairing::{Approval, PairingFlow, PairingRequest, Requester};
use memcard_domain::time::Timestamp;

use super::{at, uuid_of};

/// A flow that `grout` on a handheld begins when the story does. Its id follows from the identifier.
pub fn a_flow(identifier: &str) -> FlowBuilder {
    FlowBuilder {
        request: PairingRequest {
            client_device_identifier: identifier.to_owned(),
            name: "Handheld".to_owned(),
            client: "grout".to_owned(),
            platform: None,
            client_version: None,
            scopes: ScopeSet::of(&[Scope::AssetsRead, Scope::AssetsWrite]),
        },
        requester: Requester { address: "192.0.2.1".to_owned(), agent: None },
        begun: at(0),
    }
}

/// See [`a_flow`].
#[derive(Debug, Clone)]
#[must_use]
pub struct FlowBuilder {
    request: PairingRequest,
    requester: Requester,
    begun: Timestamp,
}

impl FlowBuilder {
    /// Asking for this.
    pub fn asking(mut self, request: PairingRequest) -> Self {
        self.request = request;
        self
    }

    /// From that address.
    pub fn from_address(mut self, address: &str) -> Self {
        self.requester.address = address.to_owned();
        self
    }

    /// By a program that calls itself so.
    pub fn by_agent(mut self, agent: &str) -> Self {
        self.requester.agent = Some(agent.to_owned());
        self
    }

    /// Begun at another time.
    pub fn begun(mut self, at: Timestamp) -> Self {
        self.begun = at;
        self
    }

    /// The flow, pending.
    pub fn build(self) -> PairingFlow {
        let id = PairingId(uuid_of(&format!("pairing of {}", self.request.client_device_identifier)));
        PairingFlow::begin(id, self.request, self.requester, self.begun)
    }
}

/// The user agrees to less than was asked for, to a device of that id.
pub fn an_approval(user: UserId, device: DeviceId, at: Timestamp) -> Approval {
    Approval {
        user,
        scopes: ScopeSet::of(&[Scope::AssetsRead]),
        device_name: "Handheld".to_owned(),
        device,
        expiry: TokenExpiry::Never,
        at,
    }
}
