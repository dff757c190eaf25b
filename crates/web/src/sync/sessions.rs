//! Sync sessions.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::sync as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::SessionId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::sync::{self, SessionStatus, SyncSession};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{PathId, QueryParams};
use crate::named_device::named_device;
use crate::state::State;

/// How many sessions are listed where the request does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most sessions in one list.
const MOST_LISTED: u32 = 1000;

/// Lists sync sessions, newest first. Needs devices.read.
#[utoipa::path(
    get,
    path = "/api/sync/sessions",
    tag = "sync",
    params(wire::SessionParams),
    responses(
        (status = 200, body = Vec<wire::SyncSession>),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
pub(super) async fn list(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::SessionParams>>,
) -> Result<Json<Vec<wire::SyncSession>>, ApiError> {
    caller.require(Scope::DevicesRead)?;
    let device = named_device(params.device_id.as_deref())?;
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST_LISTED);
    let user = caller.user.id;
    let sessions = state.ports.store.read(move |tx| sync::sessions(tx, user, device, limit)).await?;
    Ok(Json(sessions.into_iter().map(show).collect()))
}

/// One sync session. Needs devices.read.
#[utoipa::path(
    get,
    path = "/api/sync/sessions/{id}",
    tag = "sync",
    params(("id" = i32, Path)),
    responses(
        (status = 200, body = wire::SyncSession),
        (status = 404, description = "Unknown session", body = ErrorBody),
    )
)]
pub(super) async fn find(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<SessionId>>,
) -> Result<Json<wire::SyncSession>, ApiError> {
    caller.require(Scope::DevicesRead)?;
    let user = caller.user.id;
    let session = state.ports.store.read(move |tx| sync::session(tx, user, id)).await?;
    Ok(Json(show(session)))
}

/// A session as clients see it.
pub(super) fn show(session: SyncSession) -> wire::SyncSession {
    wire::SyncSession {
        id: session.id.0,
        device_id: session.device.0,
        user_id: session.user.0,
        status: show_status(session.status),
        initiated_at: session.initiated_at.into(),
        completed_at: session.completed_at.map(Into::into),
        operations_planned: session.operations_planned,
        operations_completed: session.operations_completed,
        operations_failed: session.operations_failed,
        error_message: session.error_message,
        created_at: session.initiated_at.into(),
        updated_at: session.updated_at.into(),
    }
}

fn show_status(status: SessionStatus) -> wire::SessionStatus {
    match status {
        SessionStatus::Pending => wire::SessionStatus::Pending,
        SessionStatus::InProgress => wire::SessionStatus::InProgress,
        SessionStatus::Completed => wire::SessionStatus::Completed,
        SessionStatus::Failed => wire::SessionStatus::Failed,
        SessionStatus::Cancelled => wire::SessionStatus::Cancelled,
    }
}
