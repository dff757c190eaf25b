//! Games (`roms` on the wire).

use actix_web::web::Json;
use memcard_api::catalogue as wire;
use memcard_api::errors::ErrorBody;
use memcard_domain::account::Caller;
use memcard_domain::catalogue::{
    self, CatalogueError, Direction, Game, GameFilter, GameHashes, GameKey, GameOrder,
};
use memcard_domain::ids::{GameId, PlatformId};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};

use super::shown::show_game;
use crate::caller::Authenticated;
use crate::error::{ApiError, invalid_parameter};
use crate::input::{PathId, QueryParams};
use crate::state::State;

/// How many games a page has where the request does not say.
const DEFAULT_LIMIT: u64 = 50;
/// Most games of a page.
const MOST_LISTED: u64 = 10_000;

/// Lists games page by page. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms",
    tag = "catalogue",
    params(wire::GameParams),
    responses((status = 200, body = wire::GamePage))
)]
pub(super) async fn list(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::GameParams>>,
) -> Result<Json<wire::GamePage>, ApiError> {
    let filter = filter(params)?;
    let (limit, offset, user) = (filter.limit, filter.offset, caller.user.id);
    let read = move |tx: &mut dyn Transaction| -> Result<_, CatalogueError> {
        let (games, total) = catalogue::games(tx, &caller, &filter)?;
        Ok((catalogue::entries(tx, &caller, games)?, total))
    };
    let (entries, total) = state.ports.store.read(read).await?;
    let items = entries.into_iter().map(|entry| show_game(user, entry)).collect();
    Ok(Json(wire::GamePage { items, total, limit, offset }))
}

/// The ids of all games. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/identifiers",
    tag = "catalogue",
    responses((status = 200, body = Vec<i32>))
)]
pub(super) async fn identifiers(
    state: State,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Json<Vec<i32>>, ApiError> {
    let ids = state.ports.store.read(move |tx| catalogue::game_ids(tx, &caller)).await?;
    Ok(Json(ids.into_iter().map(|id| id.0).collect()))
}

/// A game that has one of the hashes. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/by-hash",
    tag = "catalogue",
    params(wire::HashParams),
    responses(
        (status = 200, body = wire::Game),
        (status = 400, description = "No hash was given", body = ErrorBody),
        (status = 404, description = "No game has one of them", body = ErrorBody),
    )
)]
pub(super) async fn by_hash(
    state: State,
    Authenticated { caller, input: QueryParams(params) }: Authenticated<QueryParams<wire::HashParams>>,
) -> Result<Json<wire::Game>, ApiError> {
    let wire::HashParams { crc_hash: crc32, md5_hash: md5, sha1_hash: sha1 } = params;
    let hashes = GameHashes { crc32, md5, sha1 };
    show_one(&state, caller, move |tx, caller| catalogue::game_by_hash(tx, caller, hashes)).await
}

/// One game. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/{id}",
    tag = "catalogue",
    params(("id" = i32, Path)),
    responses((status = 200, body = wire::Game), (status = 404, description = "Unknown game", body = ErrorBody))
)]
pub(super) async fn find(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<GameId>>,
) -> Result<Json<wire::Game>, ApiError> {
    show_one(&state, caller, move |tx, caller| catalogue::game(tx, caller, id)).await
}

/// One game; as much as `/api/roms/{id}` says. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/{id}/simple",
    tag = "catalogue",
    params(("id" = i32, Path)),
    responses((status = 200, body = wire::Game), (status = 404, description = "Unknown game", body = ErrorBody))
)]
pub(super) async fn find_simple(
    state: State,
    asked: Authenticated<PathId<GameId>>,
) -> Result<Json<wire::Game>, ApiError> {
    find(state, asked).await
}

async fn show_one<F>(state: &State, caller: Caller, find: F) -> Result<Json<wire::Game>, ApiError>
where
    F: FnOnce(&mut dyn Transaction, &Caller) -> Result<Game, CatalogueError> + Send + 'static,
{
    let user = caller.user.id;
    let read = move |tx: &mut dyn Transaction| {
        let game = find(tx, &caller)?;
        catalogue::entry(tx, &caller, game)
    };
    Ok(Json(show_game(user, state.ports.store.read(read).await?)))
}

fn filter(params: wire::GameParams) -> Result<GameFilter, ApiError> {
    let limit = params.limit.map_or(DEFAULT_LIMIT, u64::from);
    if !(1..=MOST_LISTED).contains(&limit) {
        return Err(invalid_parameter("limit", "limit must be from 1 to 10000"));
    }
    Ok(GameFilter {
        platforms: params.platform_ids.into_iter().chain(params.platform_id).map(PlatformId).collect(),
        search: params.search_term.filter(|term| !term.is_empty()),
        updated_after: params.updated_after.map(|at| at.0),
        order: GameOrder {
            by: params.order_by.map_or_else(GameKey::default, key),
            direction: params.order_dir.map_or_else(Direction::default, direction),
        },
        offset: params.offset.map_or(0, u64::from),
        limit,
    })
}

const fn key(by: wire::GameOrderBy) -> GameKey {
    match by {
        wire::GameOrderBy::Name => GameKey::Name,
        wire::GameOrderBy::Id => GameKey::Id,
        wire::GameOrderBy::FsName => GameKey::FsName,
        wire::GameOrderBy::FsSizeBytes => GameKey::Size,
        wire::GameOrderBy::CreatedAt => GameKey::CreatedAt,
        wire::GameOrderBy::UpdatedAt => GameKey::UpdatedAt,
    }
}

const fn direction(named: wire::OrderDirection) -> Direction {
    match named {
        wire::OrderDirection::Asc => Direction::Ascending,
        wire::OrderDirection::Desc => Direction::Descending,
    }
}
