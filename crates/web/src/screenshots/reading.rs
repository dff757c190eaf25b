//! A screenshot and its bytes.

use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::ErrorBody;
use memcard_api::screenshots as wire;
use memcard_domain::account::{Caller, Scope};
use memcard_domain::ids::ScreenshotId;
use memcard_domain::ports::UnitOfWorkExt as _;
use memcard_domain::screenshot::{self, ImageKind, Picture, ShownScreenshot};

use super::shown::show_screenshot;
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{self, StoredFile};
use crate::input::PathId;
use crate::state::State;

type Asked = Authenticated<PathId<ScreenshotId>>;

/// One screenshot, one's own or that of another's public save or state. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/screenshots/{id}",
    tag = "screenshots",
    params(("id" = i32, Path)),
    responses(
        (status = 200, body = wire::Screenshot),
        (status = 404, description = "Screenshot not found", body = ErrorBody),
    )
)]
pub(super) async fn find(
    state: State,
    Authenticated { caller, input: PathId(id) }: Asked,
) -> Result<Json<wire::Screenshot>, ApiError> {
    let found = find_for(&state, &caller, id).await?;
    Ok(Json(show_screenshot(found.screenshot, found.is_public)))
}

/// The bytes of a screenshot, one's own or that of another's public save or state; `application/octet-stream` where they
/// are no picture that is known. Needs assets.read.
#[utoipa::path(
    get,
    path = "/api/screenshots/{id}/content",
    tag = "screenshots",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "The whole picture", content(
            (Vec<u8> = "image/*"),
            (Vec<u8> = "application/octet-stream"),
        )),
        (status = 206, description = "The part asked for", content(
            (Vec<u8> = "image/*"),
            (Vec<u8> = "application/octet-stream"),
        )),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Screenshot not found", body = ErrorBody),
        (status = 416, description = "The picture has no such part", body = ErrorBody),
    )
)]
pub(super) async fn download(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: PathId(id) }: Asked,
) -> Result<HttpResponse, ApiError> {
    let found = find_for(&state, &caller, id).await?;
    files::send(&request, &*state.ports.blobs, &StoredFile::from(found.screenshot.picture), None).await
}

/// As `GET`, without the bytes. Needs assets.read.
#[utoipa::path(
    head,
    path = "/api/screenshots/{id}/content",
    tag = "screenshots",
    params(("id" = i32, Path)),
    responses(
        (status = 200, description = "What `GET` would say of the whole picture"),
        (status = 404, description = "Screenshot not found"),
    )
)]
pub(super) async fn measure(
    state: State,
    Authenticated { caller, input: PathId(id) }: Asked,
) -> Result<HttpResponse, ApiError> {
    let found = find_for(&state, &caller, id).await?;
    Ok(files::describe(&StoredFile::from(found.screenshot.picture)))
}

async fn find_for(state: &State, caller: &Caller, id: ScreenshotId) -> Result<ShownScreenshot, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let user = caller.user.id;
    Ok(state.ports.store.read(move |tx| screenshot::find(tx, user, id)).await?)
}

impl From<Picture> for StoredFile {
    fn from(picture: Picture) -> Self {
        Self {
            name: picture.file_name,
            digest: picture.digest,
            size: picture.size,
            media_type: picture.kind.map_or("application/octet-stream", media_type),
        }
    }
}

const fn media_type(kind: ImageKind) -> &'static str {
    match kind {
        ImageKind::Png => "image/png",
        ImageKind::Jpeg => "image/jpeg",
        ImageKind::Webp => "image/webp",
        ImageKind::Gif => "image/gif",
        ImageKind::Bmp => "image/bmp",
    }
}
