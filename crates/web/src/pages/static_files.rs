//! Style sheets and scripts: part of the binary.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::routing::Endpoints;

/// The files.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/static/style.css", style);
    endpoints.add_page(Method::GET, "/static/pairing.js", pairing_script);
    endpoints.add_page(Method::GET, "/static/api-docs.css", api_docs_style);
    endpoints.add_page(Method::GET, "/static/api-docs.js", api_docs_script);
}

async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("../../static/style.css"))
}

async fn pairing_script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../static/pairing.js"))
}

async fn api_docs_style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("../../static/api-docs.css"))
}

async fn api_docs_script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../static/api-docs.js"))
}

fn file(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(text)
}
