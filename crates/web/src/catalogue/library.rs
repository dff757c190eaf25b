//! The library that the catalogue is filled from.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_api::errors::ErrorBody;
use memcard_domain::catalogue::{self, CatalogueError};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::JsonBody;
use crate::state::State;

/// Where the library is. Needs tasks.run.
#[utoipa::path(get, path = "/api/library", tag = "catalogue", responses((status = 200, body = wire::Library)))]
pub(super) async fn show(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<wire::Library>, ApiError> {
    let folder = state.ports.store.read(move |tx| catalogue::library_folder(tx, &caller)).await?;
    Ok(Json(wire::Library { folder }))
}

/// Says where the library is. Needs tasks.run.
#[utoipa::path(
    put,
    path = "/api/library",
    tag = "catalogue",
    request_body = wire::Library,
    responses((status = 200, body = wire::Library))
)]
pub(super) async fn name(
    state: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::Library>>,
) -> Result<Json<wire::Library>, ApiError> {
    let name = move |tx: &mut dyn Transaction| -> Result<_, CatalogueError> {
        catalogue::set_library_folder(tx, &caller, body.folder)?;
        catalogue::library_folder(tx, &caller)
    };
    let folder = state.ports.store.transact(name).await?;
    Ok(Json(wire::Library { folder }))
}

/// Brings the catalogue up to date with the library. Needs tasks.run.
#[utoipa::path(
    post,
    path = "/api/library/scan",
    tag = "catalogue",
    responses(
        (status = 200, body = wire::ScanReport),
        (status = 400, description = "No library, or none that can be read", body = ErrorBody),
    )
)]
pub(super) async fn scan(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<wire::ScanReport>, ApiError> {
    let report = catalogue::scan(&state.ports, &caller).await?;
    Ok(Json(wire::ScanReport {
        platforms: report.platforms,
        files: report.files,
        found: report.found,
        added: report.added,
        updated: report.updated,
        missing: report.missing,
        unreadable: report.unreadable,
    }))
}
