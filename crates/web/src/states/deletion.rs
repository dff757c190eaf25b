//! Deleting states.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::states as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::StateId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::state;

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::JsonBody;
use crate::state::State;

/// Deletes all of the states or none; their bytes stay in the history. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/states/delete",
    tag = "states",
    request_body = wire::DeleteStates,
    responses(
        (status = 200, description = "The ids that were sent", body = Vec<i32>),
        (status = 400, description = "No states were provided", body = ErrorBody),
        (status = 404, description = "One of them is unknown, none was deleted", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    app: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::DeleteStates>>,
) -> Result<Json<Vec<i32>>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let user = caller.user.id;
    let ids: Vec<StateId> = body.states.into_iter().map(StateId).collect();
    let deleted = app.ports.store.transact(move |tx| state::delete(tx, user, &ids)).await?;
    Ok(Json(deleted.into_iter().map(|id| id.0).collect()))
}
