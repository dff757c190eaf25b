//! Pairing: device authorization as JSON (contract § 2). The consent page is one of the [pages](crate::pages).

mod conversion;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Json, Path};
use memcard_api::errors::{ErrorBody, InvalidRequest};
use memcard_api::pairing as api;
use memcard_domain::device::InvalidLength;
use memcard_domain::pairing::{self, Approve, DeviceCode, Requester};
use memcard_domain::secret::Secret;

use crate::accounts::{read_expiry, read_scopes};
use crate::caller::Authenticated;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::input::JsonBody;
use crate::routing::Endpoints;
use crate::state::State;

/// Where a person approves a device.
pub(crate) const CONSENT_PATH: &str = "/pair/device";
const LONGEST_TYPED_CODE: usize = 32;
const LONGEST_DEVICE_CODE: usize = 128;
const LONGEST_AGENT: usize = 255;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_init, init);
    endpoints.add(__path_pending, pending);
    endpoints.add(__path_approve, approve);
    endpoints.add(__path_deny, deny);
    endpoints.add(__path_token, token);
}

/// A device asks to be paired.
#[utoipa::path(
    post,
    path = "/api/auth/device/init",
    tag = "pairing",
    request_body = api::PairingRequest,
    responses(
        (status = 201, body = api::BegunPairing),
        (status = 429),
    ),
)]
async fn init(
    JsonBody(body): JsonBody<api::PairingRequest>,
    request: HttpRequest,
    address: ClientAddress,
    state: State,
) -> Result<(Json<api::BegunPairing>, StatusCode), ApiError> {
    let asked = conversion::read_request(body)?;
    let requester = Requester { address: address.as_str().to_owned(), agent: agent(&request) };
    let begun = pairing::begin(&state.ports, asked, requester).await?;
    let answer = conversion::begun(&begun, state.settings.public_url.as_ref());
    Ok((Json(answer), StatusCode::CREATED))
}

/// What the device with this code asks for. From now on the pairing is held for the caller's account.
#[utoipa::path(
    get,
    path = "/api/auth/device/pending/{user_code}",
    tag = "pairing",
    params(("user_code" = String, Path)),
    responses(
        (status = 200, body = api::PendingPairing),
        (status = 404),
        (status = 410, description = "Decided already.", body = ErrorBody),
    ),
)]
async fn pending(
    Authenticated { caller, input: (code, address) }: Authenticated<(Path<String>, ClientAddress)>,
    state: State,
) -> Result<Json<api::PendingPairing>, ApiError> {
    let consent = pairing::open(&state.ports, &caller, &code, address.as_str()).await?;
    Ok(Json(conversion::pending(&consent)))
}

/// Grants a device what it asks for, or less. Only an interactive login may.
#[utoipa::path(
    post,
    path = "/api/auth/device/approve",
    tag = "pairing",
    request_body = api::PairingApproval,
    responses(
        (status = 200, body = api::ApprovedPairing),
        (status = 400, description = "There are as many tokens as there may be.", body = ErrorBody),
        (status = 404),
        (status = 410, description = "Decided already.", body = ErrorBody),
        (status = 422, description = "A fault of a member, or (as a text) a bad `expires_in`.", body = InvalidRequest),
    ),
)]
async fn approve(
    Authenticated { caller, input: (JsonBody(body), address) }: Authenticated<(
        JsonBody<api::PairingApproval>,
        ClientAddress,
    )>,
    state: State,
) -> Result<Json<api::ApprovedPairing>, ApiError> {
    check_length("user_code", &body.user_code, LONGEST_TYPED_CODE)?;
    let command = Approve {
        scopes: read_scopes("approved_scopes", &body.approved_scopes)?,
        expiry: read_expiry(body.expires_in.as_deref())?,
        typed_code: body.user_code,
        device_name: body.device_name,
    };
    let approved = pairing::approve(&state.ports, &caller, address.as_str(), command).await?;
    Ok(Json(api::ApprovedPairing { device_id: approved.device.0, device_name: approved.device_name }))
}

/// Refuses a device. Only an interactive login may.
#[utoipa::path(
    post,
    path = "/api/auth/device/deny",
    tag = "pairing",
    request_body = api::PairingDenial,
    responses(
        (status = 200, description = "`null`", body = ()),
        (status = 404),
        (status = 410, description = "Decided already.", body = ErrorBody),
    ),
)]
async fn deny(
    Authenticated { caller, input: (JsonBody(body), address) }: Authenticated<(
        JsonBody<api::PairingDenial>,
        ClientAddress,
    )>,
    state: State,
) -> Result<Json<()>, ApiError> {
    check_length("user_code", &body.user_code, LONGEST_TYPED_CODE)?;
    pairing::deny(&state.ports, &caller, address.as_str(), &body.user_code).await?;
    Ok(Json(()))
}

/// A device asks whether it may have its token. Never 429: pacing answers `slow_down`.
#[utoipa::path(
    post,
    path = "/api/auth/device/token",
    tag = "pairing",
    request_body = api::PairingPoll,
    responses(
        (status = 200, body = api::PairedDevice),
        (
            status = 400,
            description = "`authorization_pending`, `slow_down`, `access_denied` or `expired_token`.",
            body = ErrorBody,
        ),
    ),
)]
async fn token(
    JsonBody(body): JsonBody<api::PairingPoll>,
    state: State,
) -> Result<Json<api::PairedDevice>, ApiError> {
    check_length("device_code", &body.device_code, LONGEST_DEVICE_CODE)?;
    let code = DeviceCode(Secret::new(body.device_code));
    let paired = pairing::poll(&state.ports, code).await?;
    Ok(Json(conversion::paired(&paired)))
}

fn check_length(member: &'static str, text: &str, most: usize) -> Result<(), InvalidLength> {
    let fits = (1..=most).contains(&text.chars().count());
    if fits { Ok(()) } else { Err(InvalidLength { member, least: 1, most }) }
}

fn agent(request: &HttpRequest) -> Option<String> {
    let agent = request.headers().get(USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(LONGEST_AGENT).collect())
}
