//! The bytes of games. The name at the end of a path is what the client will call the file; which one it is the id says.

use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::ErrorBody;
use memcard_domain::catalogue::{self, OpenContent};
use memcard_domain::ids::{GameFileId, GameId};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files;
use crate::input::PathId;
use crate::state::State;

/// A game's file; the files of a game that has several in one ZIP archive, which has no parts. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/{id}/content/{file_name}",
    tag = "catalogue",
    params(("id" = i32, Path), ("file_name" = String, Path, description = "Any name")),
    responses(
        (
            status = 200,
            description = "The whole game: its file, or an archive of its files",
            content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/zip"))
        ),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown game, or one the server has no file of", body = ErrorBody),
        (status = 416, description = "The file has no such part", body = ErrorBody),
    )
)]
pub(super) async fn download_game(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<GameId>>,
) -> Result<HttpResponse, ApiError> {
    send(&request, catalogue::open_game(&state.ports, caller, id).await?).await
}

/// As `GET`, without the bytes. Needs roms.read.
#[utoipa::path(
    head,
    path = "/api/roms/{id}/content/{file_name}",
    tag = "catalogue",
    params(("id" = i32, Path), ("file_name" = String, Path, description = "Any name")),
    responses(
        (status = 200, description = "What `GET` would say of the whole game"),
        (status = 404, description = "Unknown game, or one the server has no file of"),
    )
)]
pub(super) async fn measure_game(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<GameId>>,
) -> Result<HttpResponse, ApiError> {
    Ok(describe(&catalogue::open_game(&state.ports, caller, id).await?))
}

/// One file of a game. Needs roms.read.
#[utoipa::path(
    get,
    path = "/api/roms/{id}/files/content/{file_name}",
    tag = "catalogue",
    params(("id" = i32, Path, description = "The file's id"), ("file_name" = String, Path, description = "Any name")),
    responses(
        (status = 200, description = "The whole file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown file, or one that is gone", body = ErrorBody),
        (status = 416, description = "The file has no such part", body = ErrorBody),
    )
)]
pub(super) async fn download_file(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<GameFileId>>,
) -> Result<HttpResponse, ApiError> {
    send(&request, catalogue::open_file(&state.ports, caller, id).await?).await
}

/// As `GET`, without the bytes. Needs roms.read.
#[utoipa::path(
    head,
    path = "/api/roms/{id}/files/content/{file_name}",
    tag = "catalogue",
    params(("id" = i32, Path, description = "The file's id"), ("file_name" = String, Path, description = "Any name")),
    responses(
        (status = 200, description = "What `GET` would say of the whole file"),
        (status = 404, description = "Unknown file, or one that is gone"),
    )
)]
pub(super) async fn measure_file(
    state: State,
    Authenticated { caller, input: PathId(id) }: Authenticated<PathId<GameFileId>>,
) -> Result<HttpResponse, ApiError> {
    Ok(describe(&catalogue::open_file(&state.ports, caller, id).await?))
}

async fn send(request: &HttpRequest, content: OpenContent) -> Result<HttpResponse, ApiError> {
    match content {
        OpenContent::File { name, file } => files::send_game_file(request, &name, file).await,
        OpenContent::Archive { name, archive } => Ok(files::send_archive(request, &name, archive)),
    }
}

fn describe(content: &OpenContent) -> HttpResponse {
    match content {
        OpenContent::File { name, file } => files::describe_game_file(name, &**file),
        OpenContent::Archive { name, archive } => files::describe_archive(name, archive),
    }
}
