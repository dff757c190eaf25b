//! `GET` and `HEAD /api/saves/{id}/content`: the exact bytes, streamed, whole or in part.
//!
//! That a version was served to a device is noted before its body; that it holds it only once the whole body was taken
//! by the connection. A part, a body the client has already and an answer without body show nothing (promise P5).

mod body;
mod disposition;
mod range;

use std::ops::Range;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::ids::{SaveId, SessionId};
use memcard_domain::ports::{Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{self, DownloadMode, Save};

use self::body::{Delivery, Measured, Sending};
use self::range::{Wanted, wanted};
use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::input::{PathId, QueryParams};
use crate::named_device::named_device_with;
use crate::state::State;

type Asked = Authenticated<(PathId<SaveId>, QueryParams<wire::ContentParams>)>;

/// The bytes of a save, one's own or another's that is public. Needs assets.read, and devices.read where a device is
/// named.
#[utoipa::path(
    get,
    path = "/api/saves/{id}/content",
    tag = "saves",
    params(("id" = i32, Path), wire::ContentParams),
    responses(
        (status = 200, description = "The whole save", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
        (status = 416, description = "The save has no such part", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn download(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: (PathId(id), QueryParams(params)) }: Asked,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let device = named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let user = caller.user.id;
    let serve = move |tx: &mut dyn Transaction| save::serve(tx, user, id, device);
    let save = match device {
        // A device's download is noted, and that waits for its turn among the writers.
        Some(_) => state.ports.store.transact(serve).await?,
        None => state.ports.store.read(serve).await?,
    };

    if has_already(request.headers(), &save) {
        return Ok(response(StatusCode::NOT_MODIFIED, &save).finish());
    }
    let delivery = device.map(|device| Delivery {
        ports: state.ports.clone(),
        user,
        device,
        version: save.version.id,
        session: params.session_id.map(SessionId),
        mode: match params.optimistic {
            Some(false) => DownloadMode::AwaitingConfirmation,
            _ => DownloadMode::Optimistic,
        },
    });
    match part(request.headers(), &save) {
        Wanted::Whole => send_whole(&state, &save, delivery).await,
        Wanted::Part(range) => send_part(&state, &save, range).await,
        Wanted::Unsatisfiable => Ok(no_such_part(&save)),
    }
}

/// As `GET`, without the bytes and without any note of it.
#[utoipa::path(
    head,
    path = "/api/saves/{id}/content",
    tag = "saves",
    params(("id" = i32, Path), wire::ContentParams),
    responses(
        (status = 200, description = "What `GET` would say of the whole save"),
        (status = 404, description = "Unknown save"),
    )
)]
pub(super) async fn measure(
    state: State,
    Authenticated { caller, input: (PathId(id), QueryParams(params)) }: Asked,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsRead)?;
    named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let user = caller.user.id;
    let save = state.ports.store.read(move |tx| save::serve(tx, user, id, None)).await?;
    Ok(response(StatusCode::OK, &save).body(Measured(save.version.content.size)))
}

async fn send_whole(
    state: &State,
    save: &Save,
    delivery: Option<Delivery>,
) -> Result<HttpResponse, ApiError> {
    let content = save.version.content;
    let reader = state.ports.blobs.reader(content.digest, 0).await?;
    let sending = Sending::whole(reader, content.size, delivery);
    Ok(response(StatusCode::OK, save).body(sending.into_body().await))
}

async fn send_part(state: &State, save: &Save, range: Range<u64>) -> Result<HttpResponse, ApiError> {
    let content = save.version.content;
    let reader = state.ports.blobs.reader(content.digest, range.start).await?;
    let sending = Sending::part(reader, range.end - range.start);
    let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, content.size);
    let mut response = response(StatusCode::PARTIAL_CONTENT, save);
    Ok(response.insert_header((CONTENT_RANGE, shown)).body(sending.into_body().await))
}

fn no_such_part(save: &Save) -> HttpResponse {
    let shown = format!("bytes */{}", save.version.content.size);
    let told = ErrorBody { detail: "Range Not Satisfiable".to_owned() };
    HttpResponse::RangeNotSatisfiable().insert_header((CONTENT_RANGE, shown)).json(told)
}

/// What every answer about a save's bytes says. Whoever opens it in a browser gets a file, never a page of ours.
fn response(status: StatusCode, save: &Save) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, disposition::attachment(save.file_name.as_str())))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((ETAG, entity_tag(save)));
    response
}

/// A strong validator (RFC 9110 § 8.8.3): equal tags are equal bytes.
fn entity_tag(save: &Save) -> String {
    format!("\"{}\"", save.version.content.digest)
}

/// Whether `If-None-Match` names the save's bytes (RFC 9110 § 13.1.2, weak comparison).
fn has_already(headers: &HeaderMap, save: &Save) -> bool {
    let tag = entity_tag(save);
    let named = text(headers, &IF_NONE_MATCH).unwrap_or_default();
    named.split(',').map(str::trim).any(|named| named == "*" || named.trim_start_matches("W/") == tag)
}

/// What `Range` asks for, unless `If-Range` says that it is of other bytes (RFC 9110 § 13.1.5).
fn part(headers: &HeaderMap, save: &Save) -> Wanted {
    let is_of_these_bytes = text(headers, &IF_RANGE).is_none_or(|tag| tag == entity_tag(save));
    match text(headers, &RANGE) {
        Some(range) if is_of_these_bytes => wanted(range, save.version.content.size),
        _ => Wanted::Whole,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
