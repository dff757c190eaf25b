//! `POST /api/sync/sessions/{id}/complete`.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::sync as wire;
use memcard_domain::account::Scope;
use memcard_domain::event::{self, Happened};
use memcard_domain::ids::{SessionId, UserId};
use memcard_domain::play::{self, Ingested, ReportOrigin, Reported};
use memcard_domain::ports::Transaction;
use memcard_domain::sync::{self, ReportedOperations, SyncSession};
use memcard_domain::time::Timestamp;

use super::sessions::show;
use crate::caller::Authenticated;
use crate::error::{ApiError, refused_report};
use crate::input::{JsonBody, PathId};
use crate::plays;
use crate::state::State;

/// Completes a sync session and records the play sessions sent along. Needs devices.write. A session that has ended
/// stays as it is.
#[utoipa::path(
    post,
    path = "/api/sync/sessions/{id}/complete",
    tag = "sync",
    params(("id" = i32, Path)),
    request_body = wire::Complete,
    responses(
        (status = 200, body = wire::CompletedSession),
        (status = 400, description = "The session has ended", body = ErrorBody),
        (status = 404, description = "Unknown session", body = ErrorBody),
    )
)]
pub(super) async fn complete(
    state: State,
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<SessionId>,
        JsonBody<wire::Complete>,
    )>,
) -> Result<Json<wire::CompletedSession>, ApiError> {
    caller.require(Scope::DevicesWrite)?;
    let operations =
        ReportedOperations { completed: body.operations_completed, failed: body.operations_failed };
    let played: Vec<Reported> = body.play_sessions.unwrap_or_default().into_iter().map(plays::read).collect();
    let (now, user) = (state.now(), caller.user.id);
    let end = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let (session, ingested) = end_session(tx, now, user, id, operations, played)?;
        happened.ended(&session);
        Ok::<_, ApiError>((session, ingested))
    };
    let (session, ingested) = event::transact(&state.ports, end).await?;
    Ok(Json(wire::CompletedSession {
        session: show(session),
        play_session_ingest: ingested.map(|results| plays::show_ingested(&results)),
    }))
}

/// Both or neither. The play sessions come first, because they lock games.
fn end_session(
    tx: &mut dyn Transaction,
    now: Timestamp,
    user: UserId,
    id: SessionId,
    operations: ReportedOperations,
    played: Vec<Reported>,
) -> Result<(SyncSession, Option<Vec<Ingested>>), ApiError> {
    let device = sync::session(tx, user, id)?.device;
    let ingested = match played.as_slice() {
        [] => None,
        _ => {
            let origin = ReportOrigin { user, device: Some(device), session: Some(id) };
            let ingested = play::ingest_all(tx, now, origin, played);
            Some(ingested.map_err(refused_report("play_sessions"))?)
        }
    };
    Ok((sync::complete(tx, now, user, id, operations)?, ingested))
}
