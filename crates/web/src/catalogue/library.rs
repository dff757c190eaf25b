//! The library that the catalogue is filled from.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_api::errors::ErrorBody;
use memcard_domain::catalogue::{self, CatalogueError, ScanReport, ScanStatus};
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

/// How the scan of the library stands that began last. Needs tasks.run.
#[utoipa::path(
    get,
    path = "/api/library/scan",
    tag = "catalogue",
    responses((status = 200, body = wire::LibraryScan))
)]
pub(super) async fn show_scan(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<wire::LibraryScan>, ApiError> {
    Ok(Json(shown(catalogue::scan_status(&state.ports, &caller)?)))
}

/// Begins to bring the catalogue up to date with the library; a scan that is running goes on. Needs tasks.run.
#[utoipa::path(
    post,
    path = "/api/library/scan",
    tag = "catalogue",
    responses(
        (status = 200, description = "It runs", body = wire::LibraryScan),
        (status = 400, description = "No library, or none that can be read", body = ErrorBody),
    )
)]
pub(super) async fn start_scan(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<wire::LibraryScan>, ApiError> {
    Ok(Json(shown(catalogue::start_scan(&state.ports, &caller).await?)))
}

fn shown(status: ScanStatus) -> wire::LibraryScan {
    match status {
        ScanStatus::Idle => reported(wire::ScanState::Idle, ScanReport::default()),
        ScanStatus::Running { started_at, so_far } => wire::LibraryScan {
            started_at: Some(started_at.into()),
            ..reported(wire::ScanState::Running, so_far)
        },
        ScanStatus::Completed { started_at, ended_at, report } => wire::LibraryScan {
            started_at: Some(started_at.into()),
            ended_at: Some(ended_at.into()),
            ..reported(wire::ScanState::Completed, report)
        },
        ScanStatus::Failed { started_at, ended_at, so_far, reason } => wire::LibraryScan {
            started_at: Some(started_at.into()),
            ended_at: Some(ended_at.into()),
            error: Some(reason),
            ..reported(wire::ScanState::Failed, so_far)
        },
    }
}

fn reported(status: wire::ScanState, report: ScanReport) -> wire::LibraryScan {
    let ScanReport { platforms, files, found, added, updated, missing, unreadable } = report;
    wire::LibraryScan {
        status,
        started_at: None,
        ended_at: None,
        error: None,
        platforms,
        files,
        found,
        added,
        updated,
        missing,
        unreadable,
    }
}
