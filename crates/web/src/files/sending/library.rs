//! Files of games, and archives of them.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_RANGES, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use memcard_domain::ports::{Archive, LibraryFile};

use super::body::{chunks_of_library, nothing, streamed};
use super::{Described, Measured, OCTETS, answer, has_already, response};
use crate::error::ApiError;

/// Answers with a game's file or the part of it that the request asks for.
///
/// # Errors
/// The bytes cannot be read.
pub(crate) async fn send_game_file(
    request: &HttpRequest,
    name: &str,
    file: Box<dyn LibraryFile>,
) -> Result<HttpResponse, ApiError> {
    let described = described(name, &*file);
    answer(request, &described, async |offset| Ok(chunks_of_library(file.bytes_from(offset))), None).await
}

/// Answers what [`send_game_file`] would say of the whole file, without the bytes.
pub(crate) fn describe_game_file(name: &str, file: &dyn LibraryFile) -> HttpResponse {
    let file = described(name, file);
    file.response(StatusCode::OK).body(Measured(file.size))
}

/// Answers with an archive, which has no parts and no length before it is made.
pub(crate) fn send_archive(request: &HttpRequest, name: &str, archive: Archive) -> HttpResponse {
    if has_already(request.headers(), &tag_of_archive(&archive)) {
        return archive_response(StatusCode::NOT_MODIFIED, name, &archive).finish();
    }
    let mut response = archive_response(StatusCode::OK, name, &archive);
    response.body(streamed(chunks_of_library(archive.bytes)))
}

/// Answers what [`send_archive`] would say of the whole archive, without the bytes.
pub(crate) fn describe_archive(name: &str, archive: &Archive) -> HttpResponse {
    archive_response(StatusCode::OK, name, archive).body(streamed(nothing()))
}

fn archive_response(status: StatusCode, name: &str, archive: &Archive) -> HttpResponseBuilder {
    let mut response = response(status, name, &tag_of_archive(archive));
    response.insert_header((CONTENT_TYPE, "application/zip")).insert_header((ACCEPT_RANGES, "none"));
    response
}

fn tag_of_archive(archive: &Archive) -> String {
    format!("\"{}\"", archive.mark)
}

/// The library's files are told apart by size and time, as other servers do: whoever changes one behind its time is not
/// noticed.
fn described<'a>(name: &'a str, file: &dyn LibraryFile) -> Described<'a> {
    let (size, modified_at) = (file.size(), file.modified_at().timestamp_micros());
    Described { name, entity_tag: format!("\"{modified_at:x}-{size:x}\""), size, media_type: OCTETS }
}
