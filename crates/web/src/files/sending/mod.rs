//! The bytes of a stored file, whole or in part (RFC 9110 § 14), unless the client has them already (§ 13).

mod body;
mod disposition;
mod library;
mod range;

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

use self::body::{Chunks, Measured, Sending, chunks_of_blob};
use self::range::{Wanted, wanted};
use crate::error::ApiError;

pub(crate) use self::library::{describe_archive, describe_game_file, send_archive, send_game_file};

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
        Self { name: save.file_name.clone(), digest: content.digest, size: content.size, media_type: OCTETS }
    }
}

/// What bytes are of which nothing more is known.
const OCTETS: &str = "application/octet-stream";

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
    let read = async |offset| Ok(chunks_of_blob(blobs.reader(file.digest, offset).await?));
    answer(request, &Described::from(file), read, once_sent).await
}

/// Answers what [`send`] would say of the whole file, without the bytes.
pub(crate) fn describe(file: &StoredFile) -> HttpResponse {
    let file = Described::from(file);
    file.response(StatusCode::OK).body(Measured(file.size))
}

/// What is said of bytes of known length.
struct Described<'a> {
    name: &'a str,
    /// A strong validator (RFC 9110 § 8.8.3): equal tags are equal bytes.
    entity_tag: String,
    size: u64,
    media_type: &'static str,
}

impl<'a> From<&'a StoredFile> for Described<'a> {
    fn from(file: &'a StoredFile) -> Self {
        let entity_tag = format!("\"{}\"", file.digest);
        Self { name: file.name.as_str(), entity_tag, size: file.size, media_type: file.media_type }
    }
}

impl Described<'_> {
    fn response(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = response(status, self.name, &self.entity_tag);
        response.insert_header((CONTENT_TYPE, self.media_type)).insert_header((ACCEPT_RANGES, "bytes"));
        response
    }
}

/// Answers with what the request asks for. `read` begins to read at an offset.
async fn answer(
    request: &HttpRequest,
    file: &Described<'_>,
    read: impl AsyncFnOnce(u64) -> Result<Chunks, ApiError>,
    once_sent: Option<LocalBoxFuture<'static, ()>>,
) -> Result<HttpResponse, ApiError> {
    if has_already(request.headers(), &file.entity_tag) {
        return Ok(file.response(StatusCode::NOT_MODIFIED).finish());
    }
    match part(request.headers(), file) {
        Wanted::Whole => {
            let sending = Sending::whole(read(0).await?, file.size, once_sent);
            Ok(file.response(StatusCode::OK).body(sending.into_body().await))
        }
        Wanted::Part(range) => {
            let sending = Sending::part(read(range.start).await?, range.end - range.start);
            let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
            let mut response = file.response(StatusCode::PARTIAL_CONTENT);
            Ok(response.insert_header((CONTENT_RANGE, shown)).body(sending.into_body().await))
        }
        Wanted::Unsatisfiable => Ok(no_such_part(file.size)),
    }
}

fn no_such_part(size: u64) -> HttpResponse {
    let shown = format!("bytes */{size}");
    let told = ErrorBody { detail: "Range Not Satisfiable".to_owned() };
    HttpResponse::RangeNotSatisfiable().insert_header((CONTENT_RANGE, shown)).json(told)
}

/// What every answer about bytes says. Whoever opens them in a browser gets a file, never a page of ours.
fn response(status: StatusCode, name: &str, entity_tag: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_DISPOSITION, disposition::attachment(name)))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .insert_header((ETAG, entity_tag));
    response
}

/// Whether `If-None-Match` names these bytes (RFC 9110 § 13.1.2, weak comparison).
fn has_already(headers: &HeaderMap, entity_tag: &str) -> bool {
    let named = text(headers, &IF_NONE_MATCH).unwrap_or_default();
    named.split(',').map(str::trim).any(|named| named == "*" || named.trim_start_matches("W/") == entity_tag)
}

/// What `Range` asks for, unless `If-Range` says that it is of other bytes (RFC 9110 § 13.1.5).
fn part(headers: &HeaderMap, file: &Described<'_>) -> Wanted {
    let is_of_these_bytes = text(headers, &IF_RANGE).is_none_or(|tag| tag == file.entity_tag);
    match text(headers, &RANGE) {
        Some(range) if is_of_these_bytes => wanted(range, file.size),
        _ => Wanted::Whole,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
