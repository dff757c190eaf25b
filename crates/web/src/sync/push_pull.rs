//! Syncs over SSH, which the server begins.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::sync as wire;
use memcard_domain::ids::DeviceId;
use memcard_domain::sync;

use super::sessions::show;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::PathId;
use crate::state::State;

/// Starts a sync over SSH now. Needs devices.write. A session whose device's settings name no host has failed.
#[utoipa::path(
    post,
    path = "/api/sync/devices/{id}/push-pull",
    tag = "sync",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = wire::SyncSession),
        (
            status = 400,
            description = "The device syncs another way or not at all, or the server has no SSH mode",
            body = ErrorBody,
        ),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
pub(super) async fn start(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<DeviceId>>,
) -> Result<Json<wire::SyncSession>, ApiError> {
    Ok(Json(show(sync::push_pull(&state.ports, &caller, id).await?)))
}

/// Makes the key pair by which the server logs in to the device, in place of an earlier one. Needs devices.write.
#[utoipa::path(
    post,
    path = "/api/sync/devices/{id}/ssh-key",
    tag = "sync",
    params(("id" = String, Path)),
    responses(
        (status = 201, body = wire::SshKey),
        (status = 400, description = "The server has no SSH mode", body = ErrorBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
pub(super) async fn make_key(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<DeviceId>>,
) -> Result<(Json<wire::SshKey>, StatusCode), ApiError> {
    let key = sync::make_ssh_key(&state.ports, &caller, id).await?;
    Ok((Json(wire::SshKey { public_key: key.line, fingerprint: key.fingerprint }), StatusCode::CREATED))
}

/// Removes the key pair by which the server logs in to the device. Needs devices.write.
#[utoipa::path(
    delete,
    path = "/api/sync/devices/{id}/ssh-key",
    tag = "sync",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 404, description = "Unknown device, or it has no key", body = ErrorBody),
    )
)]
pub(super) async fn remove_key(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<DeviceId>>,
) -> Result<HttpResponse, ApiError> {
    sync::remove_ssh_key(&state.ports, &caller, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
