//! `POST /api/states` and `PUT /api/states/{id}`: what is addressed is checked before the body is read, the bytes are
//! durable before the transaction that makes them the state's.

use actix_web::HttpRequest;
use actix_web::web::{Json, Payload};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::states as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::{GameId, StateId};
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save;
use memcard_domain::state::{self, StateEdit, StateUpload};

use super::shown::show;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{FilePart, missing, receive};
use crate::input::{PathId, QueryParams};
use crate::saves::emulator;
use crate::state::State;

/// The parts of both.
const PARTS: &[FilePart] = &[FilePart::State, FilePart::Screenshot];

/// Uploads a state. One that the game has under that emulator and name gets the new bytes and keeps its id; the replaced
/// bytes stay in the history under an id of their own. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/states",
    tag = "states",
    params(wire::UploadParams),
    request_body(content = wire::UploadBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = wire::State),
        (status = 400, description = "No file name, or a malformed body", body = ErrorBody),
        (status = 404, description = "Unknown game", body = ErrorBody),
        (status = 408, description = "The body came too slowly", body = ErrorBody),
        (status = 413, description = "The body or the picture is too large", body = ErrorBody),
        (status = 422, description = "Bad parameters, or no state", body = InvalidBody),
        (status = 507, description = "No space is left", body = ErrorBody),
    )
)]
pub(super) async fn upload(
    request: HttpRequest,
    app: State,
    Authenticated { caller, input: (QueryParams(params), body) }: Authenticated<(
        QueryParams<wire::UploadParams>,
        Payload,
    )>,
) -> Result<Json<wire::State>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let (user, game) = (caller.user.id, GameId(params.rom_id));
    let emulator = emulator(params.emulator)?;
    app.ports.store.read(move |tx| save::check_upload(tx, user, None, game)).await?;

    let mut form = receive(&request, body, &app, PARTS).await?;
    let state = form.require(FilePart::State)?;
    let screenshot = form.finish_screenshot().await?;
    let received = state.finish().await?;
    let (file_name, content) = (received.file_name, received.content);
    let upload = StateUpload { user, game, emulator, file_name, content, screenshot };
    let now = app.now();
    let state = app.ports.store.transact(move |tx| state::upload(tx, now, &upload)).await?;
    Ok(Json(show(state)))
}

/// Puts other bytes, another picture or both in the place of what a state has; its id and name stay. Needs assets.write.
#[utoipa::path(
    put,
    path = "/api/states/{id}",
    tag = "states",
    params(("id" = i32, Path)),
    request_body(content = wire::EditBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = wire::State),
        (status = 400, description = "No file name, or a malformed body", body = ErrorBody),
        (status = 404, description = "Unknown state", body = ErrorBody),
        (status = 408, description = "The body came too slowly", body = ErrorBody),
        (status = 409, description = "These bytes were replaced by newer ones", body = ErrorBody),
        (status = 413, description = "The body or the picture is too large", body = ErrorBody),
        (status = 422, description = "Neither bytes nor a picture", body = InvalidBody),
        (status = 507, description = "No space is left", body = ErrorBody),
    )
)]
pub(super) async fn edit(
    request: HttpRequest,
    app: State,
    Authenticated { caller, input: (PathId(id), body) }: Authenticated<(PathId<StateId>, Payload)>,
) -> Result<Json<wire::State>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let user = caller.user.id;
    app.ports.store.read(move |tx| state::find(tx, user, id)).await?;

    let mut form = receive(&request, body, &app, PARTS).await?;
    let file = form.take(FilePart::State);
    let screenshot = form.finish_screenshot().await?;
    let edit = match (file, screenshot) {
        (Some(file), screenshot) => StateEdit::Content { content: file.finish().await?.content, screenshot },
        (None, Some(picture)) => StateEdit::Screenshot(picture),
        (None, None) => return Err(missing(FilePart::State)),
    };
    let now = app.now();
    let edited = app.ports.store.transact(move |tx| state::edit(tx, now, user, id, edit)).await?;
    Ok(Json(show(edited)))
}
