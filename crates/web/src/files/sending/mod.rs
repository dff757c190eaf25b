//! The bytes of a stored file, whole or in part (RFC 9110 § 14), unless the client has them already (§ 13).

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
use futures_util::future::LocalBoxFuture;
use memcard_api::errors::ErrorBody;
use memcard_domain::ports::BlobStore;
use memcard_domain::save::{Digest, FileName, Save};

use self::body::{Measured, Sending};
use self::range::{Wanted, wanted};
use crate::error::ApiError;

/// Bytes that are kept, and what is said of them.
pub(crate) struct StoredFile {
    /// The name it has for whoever keeps it.
    pub(crate) name: FileName,
    /// Where its bytes are.
    pub(crate) digest: Digest,
    /// How many there are.
    pub(crate) size: u64,
    /// What they are.
    pub(crate) media_type: &'static str,
}

impl From<&Save> for StoredFile {
    fn from(save: &Save) -> Self {
        let content = save.version.content;
        Self {
            name: save.file_name.clone(),
            digest: content.digest,
            size: content.size,
            media_type: "application/octet-stream",
        }
    }
}

/// Answers with the file or the part of it that the request asks for. `once_sent` runs when the connection took the
/// whole file: not after a part, and not where the client has the file already.
///
/// # Errors
/// The bytes cannot be read.
pub(crate) async fn send(
    request: &HttpRequest,
    blobs: &dyn BlobStore,
    file: &StoredFile,
    once_sent: Option<LocalBoxFuture<'static, ()>>,
) -> Result<HttpResponse, ApiError> {
    if has_already(request.headers(), file) {
        return Ok(response(StatusCode::NOT_MODIFIED, file).finish());
    }
    match part(request.headers(), file) {
        Wanted::Whole => send_whole(blobs, file, once_sent).await,
        Wanted::Part(range) => send_part(blobs, file, range).await,
        Wanted::Unsatisfiable => Ok(no_such_part(file)),
    }
}

/// Answers what [`send`] would say of the whole file, without the bytes.
pub(crate) fn describe(file: &StoredFile) -> HttpResponse {
    response(StatusCode::OK, file).body(Measured(file.size))
}

async fn send_whole(
    blobs: &dyn BlobStore,
    file: &StoredFile,
    once_sent: Option<LocalBoxFuture<'static, ()>>,
) -> Result<HttpResponse, ApiError> {
    let reader = blobs.reader(file.digest, 0).await?;
    let sending = Sending::whole(reader, file.size, once_sent);
    Ok(response(StatusCode::OK, file).body(sending.into_body().await))
}

async fn send_part(
    blobs: &dyn BlobStore,
    file: &StoredFile,
    range: Range<u64>,
) -> Result<HttpResponse, ApiError> {
    let reader = blobs.reader(file.digest, range.start).await?;
    let sending = Sending::part(reader, range.end - range.start);
    let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
    let mut response = response(StatusCode::PARTIAL_CONTENT, file);
    Ok(response.insert_header((CONTENT_RANGE, shown)).body(sending.into_body().await))
}

fn no_such_part(file: &StoredFile) -> HttpResponse {
    let shown = format!("bytes */{}", file.size);
    let told = ErrorBody { detail: "Range Not Satisfiable".to_owned() };
    HttpResponse::RangeNotSatisfiable().insert_header((CONTENT_RANGE, shown)).json(told)
}

/// What every answer about a file's bytes says. Whoever opens it in a browser gets a file, never a page of ours.
fn response(status: StatusCode, file: &StoredFile) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, file.media_type))
        .insert_header((CONTENT_DISPOSITION, disposition::attachment(file.name.as_str())))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((ETAG, entity_tag(file)));
    response
}

/// A strong validator (RFC 9110 § 8.8.3): equal tags are equal bytes.
fn entity_tag(file: &StoredFile) -> String {
    format!("\"{}\"", file.digest)
}

/// Whether `If-None-Match` names the file's bytes (RFC 9110 § 13.1.2, weak comparison).
fn has_already(headers: &HeaderMap, file: &StoredFile) -> bool {
    let tag = entity_tag(file);
    let named = text(headers, &IF_NONE_MATCH).unwrap_or_default();
    named.split(',').map(str::trim).any(|named| named == "*" || named.trim_start_matches("W/") == tag)
}

/// What `Range` asks for, unless `If-Range` says that it is of other bytes (RFC 9110 § 13.1.5).
fn part(headers: &HeaderMap, file: &StoredFile) -> Wanted {
    let is_of_these_bytes = text(headers, &IF_RANGE).is_none_or(|tag| tag == entity_tag(file));
    match text(headers, &RANGE) {
        Some(range) if is_of_these_bytes => wanted(range, file.size),
        _ => Wanted::Whole,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
