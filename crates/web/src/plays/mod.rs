//! Play sessions (contract § 5).

mod shown;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::plays as wire;
use memcard_domain::ids::{GameId, PlaySessionId};
use memcard_domain::play::{self, PlayFilter};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};

pub(crate) use self::shown::{read, show_ingested};
use crate::caller::Authenticated;
use crate::error::{ApiError, refused_report};
use crate::input::{JsonBody, PathId, QueryParams};
use crate::named_device::{mentioned_device, named_device};
use crate::routing::Endpoints;
use crate::state::State;

/// How many play sessions are listed where the request does not say.
const DEFAULT_LIMIT: u64 = 50;

/// The section's endpoints.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_report, report);
    endpoints.add(__path_list, list);
    endpoints.add(__path_delete, delete);
}

/// Records play sessions. Needs roms.user.write. A device-bound token stands for its device; an unknown device or game
/// is recorded as none.
#[utoipa::path(
    post,
    path = "/api/play-sessions",
    tag = "play sessions",
    request_body = wire::NewPlaySessions,
    responses(
        (status = 201, body = wire::IngestedPlaySessions),
        (status = 400, description = "None, or more than 100", body = ErrorBody),
    )
)]
async fn report(
    state: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::NewPlaySessions>>,
) -> Result<(Json<wire::IngestedPlaySessions>, StatusCode), ApiError> {
    let device = mentioned_device(body.device_id.as_deref());
    let reported = body.sessions.into_iter().map(read).collect();
    let now = state.now();
    let ingest = move |tx: &mut dyn Transaction| {
        play::ingest(tx, now, &caller, device, reported).map_err(refused_report("sessions"))
    };
    let results = state.ports.store.transact(ingest).await?;
    Ok((Json(show_ingested(&results)), StatusCode::CREATED))
}

/// Lists play sessions, the newest start first. Needs roms.user.read.
#[utoipa::path(
    get,
    path = "/api/play-sessions",
    tag = "play sessions",
    params(wire::PlaySessionParams),
    responses(
        (status = 200, body = Vec<wire::PlaySession>),
        (status = 404, description = "Unknown device", body = ErrorBody),
    )
)]
async fn list(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::PlaySessionParams>>,
) -> Result<Json<Vec<wire::PlaySession>>, ApiError> {
    let filter = PlayFilter {
        game: params.rom_id.map(GameId),
        device: named_device(params.device_id.as_deref())?,
        start_after: params.start_after.map(|at| at.0),
        end_before: params.end_before.map(|at| at.0),
        limit: Some(params.limit.map_or(DEFAULT_LIMIT, u64::from)),
        offset: params.offset.map_or(0, u64::from),
    };
    let sessions = state.ports.store.read(move |tx| play::list(tx, &caller, &filter)).await?;
    Ok(Json(sessions.into_iter().map(shown::show).collect()))
}

/// Deletes a play session. Needs roms.user.write.
#[utoipa::path(
    delete,
    path = "/api/play-sessions/{id}",
    tag = "play sessions",
    params(("id" = i32, Path)),
    responses((status = 204), (status = 404, description = "Unknown play session", body = ErrorBody))
)]
async fn delete(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<PlaySessionId>>,
) -> Result<HttpResponse, ApiError> {
    state.ports.store.transact(move |tx| play::delete(tx, &caller, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}
