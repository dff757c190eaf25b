//! Lists of states, and single ones.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::states as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::{GameId, PlatformId, StateId};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save::StateFilter;
use memcard_domain::state;

use super::shown::show;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{PathId, QueryParams};
use crate::state::State;

/// Lists states, newest first. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/states",
    tag = "states",
    params(wire::ListParams),
    responses((status = 200, body = Vec<wire::State>))
)]
pub(super) async fn list(
    app: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::ListParams>>,
) -> Result<Json<Vec<wire::State>>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let filter = StateFilter {
        user: caller.user.id,
        game: params.rom_id.map(GameId),
        platform: params.platform_id.map(PlatformId),
    };
    let states = app.ports.store.read(move |tx| state::list(tx, &filter)).await?;
    Ok(Json(states.into_iter().map(show).collect()))
}

/// The ids of all listed states, newest first. Needs assets.read.
#[utoipa::path(get, path = "/api/states/identifiers", tag = "states", responses((status = 200, body = Vec<i32>)))]
pub(super) async fn identifiers(
    app: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<Vec<i32>>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    let ids = app.ports.store.read(move |tx| state::identifiers(tx, user)).await?;
    Ok(Json(ids.into_iter().map(|id| id.0).collect()))
}

/// One state; bytes that were replaced have an id of their own. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/states/{id}",
    tag = "states",
    params(("id" = i32, Path)),
    responses((status = 200, body = wire::State), (status = 404, description = "Unknown state", body = ErrorBody))
)]
pub(super) async fn find(
    app: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<StateId>>,
) -> Result<Json<wire::State>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    let found = app.ports.store.read(move |tx| state::find(tx, user, id)).await?;
    Ok(Json(show(found)))
}
