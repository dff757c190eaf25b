//! `GET /api/openapi.json`: the document as a program asks for it. The page for people is one of the
//! [pages](crate::pages).

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ContentType, ETAG, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::error::ApiError;
use crate::routing::Endpoints;

/// The endpoint.
pub(crate) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add(__path_document, document);
}

/// The document, made once, and what tells it from another version's.
struct Served {
    text: Bytes,
    tag: EntityTag,
}

static SERVED: LazyLock<serde_json::Result<Served>> = LazyLock::new(|| {
    let text = crate::openapi().to_json()?;
    // Weak: compressed or not, it is the same document.
    let tag = EntityTag::new_weak(BASE64_STANDARD.encode(Sha256::digest(&text)));
    Ok(Served { text: text.into(), tag })
});

/// This description, as OpenAPI 3.1. `GET /api/docs` is a page that shows it.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "system",
    responses(
        (status = 200, description = "The document", body = Object),
        (status = 304, description = "The client has it already"),
        (status = 500),
    ),
)]
async fn document(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let served = SERVED.as_ref().map_err(|error| ApiError::internal(error))?;
    let is_known = has_already(&request, &served.tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((ETAG, served.tag.clone())).insert_header((CACHE_CONTROL, "no-cache"));
    Ok(if is_known {
        response.finish()
    } else {
        response.content_type(ContentType::json()).body(served.text.clone())
    })
}

/// Whether `If-None-Match` names the document (RFC 9110 § 13.1.2, weak comparison).
fn has_already(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(named)) => named.iter().any(|named| named.weak_eq(tag)),
        Err(_) => false,
    }
}
