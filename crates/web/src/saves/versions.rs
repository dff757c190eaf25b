//! Versions: the history of a game's saves, and what is done with one of them.

use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::{GameId, VersionId};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save::{self, HistoryFilter, Label, MarkPatch, SlotName};

use super::shown::show_version;
use crate::caller::Authenticated;
use crate::error::{ApiError, invalid_member, invalid_parameter};
use crate::files::{self, StoredFile};
use crate::input::{JsonBody, PathId, QueryParams};
use crate::state::State;

/// Every version of a game's saves, newest first: forks, replaced, set aside, hidden and deleted ones too. Needs
/// assets.read.
#[utoipa::path(
    get,
    path = "/api/saves/history",
    tag = "saves",
    params(wire::HistoryParams),
    responses((status = 200, body = Vec<wire::Version>), (status = 422, body = InvalidBody))
)]
pub(super) async fn history(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::HistoryParams>>,
) -> Result<Json<Vec<wire::Version>>, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let slot = params.slot.as_deref().map(SlotName::new).transpose();
    let filter = HistoryFilter {
        user: caller.user.id,
        game: GameId(params.rom_id),
        slot: slot.map_err(|fault| invalid_parameter("slot", fault))?,
    };
    let versions = state.ports.store.read(move |tx| save::history(tx, &filter)).await?;
    Ok(Json(versions.into_iter().map(show_version).collect()))
}

/// The bytes of one of one's own versions, whatever became of it. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/saves/versions/{id}/content",
    tag = "saves",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "The whole file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown version", body = ErrorBody),
        (status = 410, description = "The version is known, its bytes are no longer held", body = ErrorBody),
        (status = 416, description = "The file has no such part", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn download(
    request: HttpRequest,
    state: State,
    asked: Authenticated<PathId<VersionId>>,
) -> Result<HttpResponse, ApiError> {
    let file = stored_file(&state, asked).await?;
    files::send(&request, &*state.ports.blobs, &file, None).await
}

/// As `GET`, without the bytes.
#[utoipa::path(
    head,
    path = "/api/saves/versions/{id}/content",
    tag = "saves",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "What `GET` would say of the whole file"),
        (status = 404, description = "Unknown version"),
        (status = 410, description = "The version is known, its bytes are no longer held"),
        (status = 422, description = "Not an id"),
    )
)]
pub(super) async fn measure(
    state: State,
    asked: Authenticated<PathId<VersionId>>,
) -> Result<HttpResponse, ApiError> {
    Ok(files::describe(&stored_file(&state, asked).await?))
}

/// Makes the content of a version, also of a fork or a deleted one, its slot's head, as a version of its own; what the slot
/// stands at already is left as it is. The head that is replaced is set aside. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/saves/versions/{id}/restore",
    tag = "saves",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "The head", body = wire::Version),
        (status = 404, description = "Unknown version", body = ErrorBody),
        (status = 410, description = "The version is known, its bytes are no longer held", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn restore(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<VersionId>>,
) -> Result<Json<wire::Version>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let (now, user) = (state.now(), caller.user.id);
    let head = state.ports.store.transact(move |tx| save::restore(tx, now, user, id)).await?;
    Ok(Json(show_version(head)))
}

/// Pins and labels one of one's own versions; only members present change. Needs assets.write.
#[utoipa::path(
    put,
    path = "/api/saves/versions/{id}",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::VersionPatch,
    responses(
        (status = 200, body = wire::Version),
        (status = 404, description = "Unknown version", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn mark(
    state: State,
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<VersionId>,
        JsonBody<wire::VersionPatch>,
    )>,
) -> Result<Json<wire::Version>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let patch = MarkPatch { pinned: body.pinned, label: body.label.map(read_label).transpose()? };
    let user = caller.user.id;
    let version = state.ports.store.transact(move |tx| save::mark(tx, user, id, patch)).await?;
    Ok(Json(show_version(version)))
}

async fn stored_file(
    state: &State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<VersionId>>,
) -> Result<StoredFile, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    let version = state.ports.store.read(move |tx| save::serve_version(tx, user, id)).await?;
    Ok(StoredFile::from(&version))
}

/// A label, if the text is not blank.
fn read_label(text: Option<String>) -> Result<Option<Label>, ApiError> {
    let text = text.filter(|text| !text.trim().is_empty());
    let label = text.as_deref().map(Label::new).transpose();
    label.map_err(|fault| invalid_member("label", fault))
}
