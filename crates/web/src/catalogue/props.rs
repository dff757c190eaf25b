//! What a user has to do with a game.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_api::errors::ErrorBody;
use memcard_domain::catalogue::{self, LastPlayed, PropsPatch};
use memcard_domain::ids::GameId;
use memcard_domain::ports::UnitOfWorkExt as _;

use super::shown::show_props;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::state::State;

/// Stores what a client wants to remember of a game; it reads back as the game's `rom_user`. Needs roms.user.write.
#[utoipa::path(
    put,
    path = "/api/roms/{id}/props",
    tag = "catalogue",
    params(("id" = i32, Path)),
    request_body = wire::GamePropsPatch,
    responses(
        (status = 200, body = wire::GameUser),
        (status = 404, description = "Unknown game", body = ErrorBody),
    )
)]
pub(super) async fn edit(
    state: State,
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<GameId>,
        JsonBody<wire::GamePropsPatch>,
    )>,
) -> Result<Json<wire::GameUser>, ApiError> {
    let last_played = match (body.remove_last_played, body.update_last_played) {
        (Some(true), _) => LastPlayed::Forget,
        (_, Some(true)) => LastPlayed::Now,
        _ => LastPlayed::Keep,
    };
    let patch = PropsPatch { data: body.data.unwrap_or_default(), last_played };
    let (now, user) = (state.now(), caller.user.id);
    let props =
        state.ports.store.transact(move |tx| catalogue::edit_props(tx, now, &caller, id, patch)).await?;
    Ok(Json(show_props(user, id, props)))
}
