//! `POST /api/roms/declare`.

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_domain::catalogue::{self, Declaration, GameHashes};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};

use super::shown::show_game;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::JsonBody;
use crate::state::State;

/// Declares a game that the server has no file of, so that its saves can be synced; one that is known stays as it is.
/// Needs devices.write or roms.user.write.
#[utoipa::path(
    post,
    path = "/api/roms/declare",
    tag = "catalogue",
    request_body = wire::DeclareGame,
    responses((status = 200, body = wire::Game))
)]
pub(super) async fn declare(
    state: State,
    Authenticated { caller, input: JsonBody(body) }: Authenticated<JsonBody<wire::DeclareGame>>,
) -> Result<Json<wire::Game>, ApiError> {
    let wire::DeclareGame { platform_slug, file_name, name, md5, sha1, crc32 } = body;
    let hashes = GameHashes { crc32, md5, sha1 };
    let declaration = Declaration { platform_slug, file_name, name, hashes };
    let (now, user) = (state.now(), caller.user.id);
    let declare = move |tx: &mut dyn Transaction| -> Result<_, ApiError> {
        let game = catalogue::declare(tx, now, &caller, declaration)?;
        Ok(catalogue::entry(tx, &caller, game)?)
    };
    Ok(Json(show_game(user, state.ports.store.transact(declare).await?)))
}
