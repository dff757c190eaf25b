//! Platforms.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_api::errors::ErrorBody;
use memcard_domain::catalogue;
use memcard_domain::ids::PlatformId;
use memcard_domain::ports::UnitOfWorkExt as _;

use super::shown::show_platform;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{PathId, QueryParams};
use crate::state::State;

/// Lists platforms by name. Needs platforms.read.
#[utoipa::path(
    get,
    path = "/api/platforms",
    tag = "catalogue",
    params(wire::PlatformParams),
    responses((status = 200, body = Vec<wire::Platform>))
)]
pub(super) async fn list(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::PlatformParams>>,
) -> Result<Json<Vec<wire::Platform>>, ApiError> {
    let updated_after = params.updated_after.map(|at| at.0);
    let platforms =
        state.ports.store.read(move |tx| catalogue::platforms(tx, &caller, updated_after)).await?;
    Ok(Json(platforms.into_iter().map(show_platform).collect()))
}

/// The ids of all platforms. Needs platforms.read.
#[utoipa::path(
    get,
    path = "/api/platforms/identifiers",
    tag = "catalogue",
    responses((status = 200, body = Vec<i32>))
)]
pub(super) async fn identifiers(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<Vec<i32>>, ApiError> {
    let ids = state.ports.store.read(move |tx| catalogue::platform_ids(tx, &caller)).await?;
    Ok(Json(ids.into_iter().map(|id| id.0).collect()))
}

/// One platform. Needs platforms.read.
#[utoipa::path(
    get,
    path = "/api/platforms/{id}",
    tag = "catalogue",
    params(("id" = i32, Path)),
    responses(
        (status = 200, body = wire::Platform),
        (status = 404, description = "Unknown platform", body = ErrorBody),
    )
)]
pub(super) async fn find(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<PlatformId>>,
) -> Result<Json<wire::Platform>, ApiError> {
    let platform = state.ports.store.read(move |tx| catalogue::platform(tx, &caller, id)).await?;
    Ok(Json(show_platform(platform)))
}
