//! Deleting saves.

use actix_web::web::Json;
use memcard_api::errors::ErrorBody;
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::event::{self, Happened};
use memcard_domain::ids::SaveId;
use memcard_domain::ports::Transaction;
use memcard_domain::save::{self, DeleteError};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::JsonBody;
use crate::state::State;

/// Deletes all of the saves or none; their bytes stay in the history. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/saves/delete",
    tag = "saves",
    request_body = wire::DeleteSaves,
    responses(
        (status = 200, description = "The ids that were sent", body = Vec<i32>),
        (status = 400, description = "No saves were provided", body = ErrorBody),
        (status = 404, description = "One of them is unknown, none was deleted", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    state: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::DeleteSaves>>,
) -> Result<Json<Vec<i32>>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let user = caller.user.id;
    let ids: Vec<SaveId> = body.saves.into_iter().map(SaveId).collect();
    let delete = move |tx: &mut dyn Transaction, happened: &mut Happened| {
        let deleted = save::delete(tx, user, &ids)?;
        happened.deleted(user, &deleted);
        Ok::<_, DeleteError>(deleted)
    };
    let deleted = event::transact(&state.ports, delete).await?;
    Ok(Json(deleted.into_iter().map(|id| id.0).collect()))
}
