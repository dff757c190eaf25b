//! The style sheet and the one script: part of the binary.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::routing::Endpoints;

/// The files.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/static/style.css", style);
    endpoints.add_page(Method::GET, "/static/pairing.js", pairing_script);
}

async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("../../static/style.css"))
}

async fn pairing_script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../static/pairing.js"))
}

fn file(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(text)
}
