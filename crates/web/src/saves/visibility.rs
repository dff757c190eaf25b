//! Who may fetch a save.

use actix_web::web::Json;
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::SaveId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save::{self, Audience};

use super::shown::show;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::state::State;

/// Makes the bytes of one's own save public to every user of the server, or no longer. Needs assets.write.
#[utoipa::path(
    put,
    path = "/api/saves/{id}/visibility",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::Visibility,
    responses(
        (status = 200, body = wire::Save),
        (status = 404, description = "Unknown save", body = ErrorBody),
        (status = 409, description = "The save is a fork", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn set(
    state: State,
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<SaveId>,
        JsonBody<wire::Visibility>,
    )>,
) -> Result<Json<wire::Save>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let user = caller.user.id;
    let audience = if body.is_public { Audience::Everyone } else { Audience::Owner };
    let save = state.ports.store.transact(move |tx| save::set_audience(tx, user, id, audience)).await?;
    Ok(Json(show(save)))
}
