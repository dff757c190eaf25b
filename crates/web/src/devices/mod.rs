//! Devices (contract § 3).

mod conversion;

use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpResponse, Responder};
use memcard_api::devices as api;
use memcard_domain::device::{self, DeviceError, RegisterError, Registered};
use memcard_domain::event::{self, DeviceChange, Happened};
use memcard_domain::ids::DeviceId;
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::routing::Endpoints;
use crate::state::State;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_register, register);
    endpoints.add(__path_list, list);
    endpoints.add(__path_show, show);
    endpoints.add(__path_edit, edit);
    endpoints.add(__path_delete, delete);
}

/// Registers a device, or finds the one it was before by its fingerprint.
#[utoipa::path(
    post,
    path = "/api/devices",
    tag = "devices",
    request_body = api::NewDevice,
    responses(
        (status = 200, description = "It was known.", body = api::RegisteredDevice),
        (status = 201, description = "It is new.", body = api::RegisteredDevice),
        (status = 409, description = "It is known, and that was to be refused.", body = api::DeviceExists),
    ),
)]
async fn register(
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<api::NewDevice>>,
    state: State,
) -> Result<(Json<api::RegisteredDevice>, StatusCode), ApiError> {
    let registration = conversion::read_registration(body)?;
    let candidate = DeviceId(state.ports.secrets.uuid());
    let now = state.now();
    let register = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let registered = device::register(tx, now, &caller, registration, candidate)?;
        happened.registered(&registered);
        Ok::<_, RegisterError>(registered)
    };
    let (device, status) = match event::transact(&state.ports, register).await? {
        Registered::New(device) => (device, StatusCode::CREATED),
        Registered::Existing(device) => (device, StatusCode::OK),
    };
    Ok((Json(conversion::registered(&device)), status))
}

/// The caller's devices, the one seen last first.
#[utoipa::path(
    get,
    path = "/api/devices",
    tag = "devices",
    responses(
        (status = 200, body = Vec<api::Device>),
    ),
)]
async fn list(
    Authenticated { caller, .. }: Authenticated,
    state: State,
) -> Result<Json<Vec<api::Device>>, ApiError> {
    let devices = state.ports.store.read(move |tx| device::list(tx, &caller)).await?;
    Ok(Json(devices.iter().map(conversion::device).collect()))
}

/// One of the caller's devices.
#[utoipa::path(
    get,
    path = "/api/devices/{id}",
    tag = "devices",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = api::Device),
        (status = 404),
    ),
)]
async fn show(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<DeviceId>>,
    state: State,
) -> Result<Json<api::Device>, ApiError> {
    let device = state.ports.store.read(move |tx| device::find(tx, &caller, id)).await?;
    Ok(Json(conversion::device(&device)))
}

/// Changes the members that are present.
#[utoipa::path(
    put,
    path = "/api/devices/{id}",
    tag = "devices",
    params(("id" = String, Path)),
    request_body = api::DevicePatch,
    responses(
        (status = 200, body = api::Device),
        (status = 404),
    ),
)]
async fn edit(
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<DeviceId>,
        JsonBody<api::DevicePatch>,
    )>,
    state: State,
) -> Result<Json<api::Device>, ApiError> {
    let patch = conversion::read_patch(body)?;
    let now = state.now();
    let edit = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let device = device::edit(tx, now, &caller, id, patch)?;
        happened.device(caller.user.id, id, DeviceChange::Updated);
        Ok::<_, DeviceError>(device)
    };
    let device = event::transact(&state.ports, edit).await?;
    Ok(Json(conversion::device(&device)))
}

/// Deletes a device with its sync state, sessions and tokens; saves and play sessions stay.
#[utoipa::path(
    delete,
    path = "/api/devices/{id}",
    tag = "devices",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404),
    ),
)]
async fn delete(
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<DeviceId>>,
    state: State,
) -> Result<impl Responder + use<>, ApiError> {
    let delete = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        device::delete(tx, &caller, id)?;
        happened.device(caller.user.id, id, DeviceChange::Deleted);
        Ok::<_, DeviceError>(())
    };
    event::transact(&state.ports, delete).await?;
    Ok(HttpResponse::NoContent())
}
