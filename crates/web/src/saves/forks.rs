//! Resolving forks.

use actix_web::web::Json;
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::VersionId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::save::{self, Keep, Resolution};

use super::shown::show_version;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{JsonBody, PathId};
use crate::state::State;

/// Resolves a fork, named by its version's id. The same choice again is answered the same way; deleting a fork was the
/// choice to keep the head. Needs assets.write.
#[utoipa::path(
    post,
    path = "/api/saves/forks/{id}/resolve",
    tag = "saves",
    params(("id" = i32, Path)),
    request_body = wire::Resolve,
    responses(
        (status = 200, body = wire::Resolution),
        (status = 404, description = "Unknown fork", body = ErrorBody),
        (status = 409, description = "It was resolved otherwise", body = ErrorBody),
        (status = 410, description = "The fork is known, its bytes are no longer held", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn resolve(
    state: State,
    Authenticated { caller, input: (PathId(id), JsonBody(body)) }: Authenticated<(
        PathId<VersionId>,
        JsonBody<wire::Resolve>,
    )>,
) -> Result<Json<wire::Resolution>, ApiError> {
    caller.require(Scope::AssetsWrite)?;
    let (now, user) = (state.now(), caller.user.id);
    let keep = match body.keep {
        wire::Keep::Head => Keep::Head,
        wire::Keep::Fork => Keep::Fork,
        wire::Keep::Both => Keep::Both,
    };
    let resolution = state.ports.store.transact(move |tx| save::resolve(tx, now, user, id, keep)).await?;
    Ok(Json(show(body.keep, resolution)))
}

fn show(keep: wire::Keep, Resolution { fork, head, copy }: Resolution) -> wire::Resolution {
    wire::Resolution {
        keep,
        fork: show_version(fork),
        head: head.map(show_version),
        copy: copy.map(show_version),
    }
}
