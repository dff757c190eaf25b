//! Pairing between domain and wire.

use memcard_api::pairing as api;
use memcard_domain::account::{Scope, ScopeSet};
use memcard_domain::pairing::{BegunPairing, Consent, FLOW_LIFE, INTERVAL, PairedDevice, PairingRequest};

use super::CONSENT_PATH;
use crate::accounts::read_scopes;
use crate::error::{ApiError, invalid_member};
use crate::settings::PublicUrl;

/// Reads what a device asks for.
///
/// # Errors
/// 422 for scopes that are none or too many.
pub(super) fn read_request(body: api::PairingRequest) -> Result<PairingRequest, ApiError> {
    if body.requested_scopes.len() > Scope::ALL.len() {
        return Err(invalid_member("requested_scopes", format_args!("at most {} scopes", Scope::ALL.len())));
    }
    Ok(PairingRequest {
        scopes: read_scopes("requested_scopes", &body.requested_scopes)?,
        client_device_identifier: body.client_device_identifier,
        name: body.name,
        client: body.client,
        platform: body.platform,
        client_version: body.client_version,
    })
}

/// The codes of a new pairing. Addresses are the public one's or none: never the `Host` header's.
pub(super) fn begun(begun: &BegunPairing, public_url: Option<&PublicUrl>) -> api::BegunPairing {
    let user_code = begun.user_code.expose().to_owned();
    let path_complete = format!("{CONSENT_PATH}?user_code={user_code}");
    api::BegunPairing {
        device_code: begun.device_code.0.expose().to_owned(),
        verification_url: public_url.map(|url| url.join(CONSENT_PATH)),
        verification_url_complete: public_url.map(|url| url.join(&path_complete)),
        verification_path: CONSENT_PATH.to_owned(),
        verification_path_complete: path_complete,
        user_code,
        expires_in: FLOW_LIFE.num_seconds(),
        interval: INTERVAL.num_seconds(),
    }
}

/// What a device asks for.
pub(super) fn pending(consent: &Consent) -> api::PendingPairing {
    let request = consent.flow.request.clone();
    api::PendingPairing {
        client_device_identifier: request.client_device_identifier,
        name: request.name,
        client: request.client,
        platform: request.platform,
        client_version: request.client_version,
        requested_scopes: names(request.scopes),
        allowed_scopes: names(consent.allowed),
        expires_at: consent.flow.expires_at.into(),
    }
}

/// A device with its token.
pub(super) fn paired(paired: &PairedDevice) -> api::PairedDevice {
    api::PairedDevice {
        access_token: paired.token.expose().to_owned(),
        device_id: paired.device.0,
        scopes: names(paired.scopes),
        expires_at: paired.expires_at.map(Into::into),
    }
}

fn names(scopes: ScopeSet) -> Vec<String> {
    scopes.names().into_iter().map(str::to_owned).collect()
}
