//! `POST /api/screenshots`: a picture for a state or a save that is there already, or for the game alone.

use actix_web::HttpRequest;
use actix_web::web::{Json, Payload};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::screenshots as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::GameId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::{save, screenshot};

use super::shown::show_screenshot;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{FilePart, receive};
use crate::input::QueryParams;
use crate::state::State;

/// Takes in a screenshot. Where its name without extension is that of a listed state or save of the game, it becomes
/// that one's; else it stands alone. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/screenshots",
    tag = "screenshots",
    params(wire::AddParams),
    request_body(content = wire::AddBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = wire::Screenshot),
        (status = 400, description = "No file name, or a malformed body", body = ErrorBody),
        (status = 404, description = "Unknown game", body = ErrorBody),
        (status = 408, description = "The body came too slowly", body = ErrorBody),
        (status = 413, description = "The picture is too large", body = ErrorBody),
        (status = 422, description = "Bad parameters, or no picture", body = InvalidBody),
        (status = 507, description = "No space is left", body = ErrorBody),
    )
)]
pub(super) async fn add(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: (QueryParams(params), body) }: Authenticated<(
        QueryParams<wire::AddParams>,
        Payload,
    )>,
) -> Result<Json<wire::Screenshot>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let (user, game) = (caller.user.id, GameId(params.rom_id));
    state.ports.store.read(move |tx| save::check_upload(tx, user, None, game)).await?;

    let mut form = receive(&request, body, &state, &[FilePart::Screenshot]).await?;
    let picture = form.require(FilePart::Screenshot)?.finish_picture().await?;
    let now = state.now();
    let added = state.ports.store.transact(move |tx| screenshot::add(tx, now, user, game, &picture)).await?;
    Ok(Json(show_screenshot(added.screenshot, added.is_public)))
}
