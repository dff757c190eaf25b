//! `GET` and `HEAD /api/states/{id}/content`: the exact bytes, streamed, whole or in part.

use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::ErrorBody;
use memcard_domain::account::{Caller, Scope};
use memcard_domain::ids::StateId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::state;

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{self, StoredFile};
use crate::input::PathId;
use crate::state::State;

/// The bytes of a state, one's own or another's that is public. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/states/{id}/content",
    tag = "states",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "The whole state", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown state", body = ErrorBody),
        (status = 416, description = "The state has no such part", body = ErrorBody),
    )
)]
pub(super) async fn download(
    request: HttpRequest,
    app: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<StateId>>,
) -> Result<HttpResponse, ApiError> {
    let file = served(&app, &caller, id).await?;
    files::send(&request, &*app.ports.blobs, &file, None).await
}

/// As `GET`, without the bytes. Needs assets.read.
#[utoipa::path(
    head,
    path = "/api/states/{id}/content",
    tag = "states",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "What `GET` would say of the whole state"),
        (status = 404, description = "Unknown state"),
    )
)]
pub(super) async fn measure(
    app: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<StateId>>,
) -> Result<HttpResponse, ApiError> {
    Ok(files::describe(&served(&app, &caller, id).await?))
}

async fn served(app: &State, caller: &Caller, id: StateId) -> Result<StoredFile, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    let state = app.ports.store.read(move |tx| state::serve(tx, user, id)).await?;
    Ok(StoredFile::from(&state))
}
