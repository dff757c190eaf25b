//! What a device says of a save: that it downloaded it, that it shall or shall not sync it.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::event::{self, Happened, SaveChange};
use memcard_domain::ids::{DeviceId, SaveId, UserId};
use memcard_domain::ports::Transaction;
use memcard_domain::save::{self, SyncedSave, TrackError};
use memcard_domain::time::Timestamp;

use super::shown::show;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{FromPath as _, JsonBody, PathId};
use crate::state::State;

type About = Authenticated<(PathId<SaveId>, JsonBody<wire::NamedDevice>)>;
type UseCase =
    fn(&mut dyn Transaction, Timestamp, UserId, SaveId, DeviceId) -> Result<SyncedSave, TrackError>;

/// The device downloaded the save: it holds the version last served to it. Tracks the slot again. Needs devices.write.
#[utoipa::path(
    post,
    path = "/api/saves/{id}/downloaded",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::NamedDevice,
    responses(
        (status = 200, body = wire::Save),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
        (status = 409, description = "The save is a fork", body = ErrorBody),
    )
)]
pub(super) async fn downloaded(state: State, about: About) -> Result<Json<wire::Save>, ApiError> {
    run(&state, about, save::downloaded, SaveChange::Downloaded).await
}

/// The save's slot syncs on the device again. Needs devices.write.
#[utoipa::path(
    post,
    path = "/api/saves/{id}/track",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::NamedDevice,
    responses(
        (status = 200, body = wire::Save),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
        (status = 409, description = "The save is a fork", body = ErrorBody),
    )
)]
pub(super) async fn track(state: State, about: About) -> Result<Json<wire::Save>, ApiError> {
    run(&state, about, save::track, SaveChange::Tracked).await
}

/// The save's slot no longer syncs on the device. Needs devices.write.
#[utoipa::path(
    post,
    path = "/api/saves/{id}/untrack",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::NamedDevice,
    responses(
        (status = 200, body = wire::Save),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
        (status = 409, description = "The save is a fork", body = ErrorBody),
    )
)]
pub(super) async fn untrack(state: State, about: About) -> Result<Json<wire::Save>, ApiError> {
    run(&state, about, save::untrack, SaveChange::Untracked).await
}

async fn run(
    state: &State,
    about: About,
    use_case: UseCase,
    change: SaveChange,
) -> Result<Json<wire::Save>, ApiError> {
    let Authenticated { caller, input: (PathId(id), JsonBody(named)) } = about;
    caller.require(Scope::DevicesWrite)?;
    let device = DeviceId::from_path(&named.device_id)?;
    let (now, user) = (state.now(), caller.user.id);
    let take_note = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let save = use_case(tx, now, user, id, device)?;
        happened.save(&save.save, Some(device), change);
        Ok::<_, TrackError>(save)
    };
    let save = event::transact(&state.ports, take_note).await?;
    Ok(Json(show(save)))
}
