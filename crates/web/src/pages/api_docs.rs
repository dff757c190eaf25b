//! The API's description for people: Swagger UI, part of the binary, over `GET /api/openapi.json` (decision 0013).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use askama::Template;
use utoipa_swagger_ui::{Config, serve};

use super::render::page;
use crate::error::ApiError;
use crate::routing::Endpoints;

/// The page and what it loads.
pub(super) fn endpoints(endpoints: &mut Endpoints) {
    endpoints.add_page(Method::GET, "/api/docs", show);
    endpoints.add_page(Method::GET, "/static/swagger-ui.css", style);
    endpoints.add_page(Method::GET, "/static/swagger-ui-bundle.js", script);
}

/// Open, as the API's description is: whoever can reach the server can write a client for it.
#[derive(Template)]
#[template(path = "api_docs.html")]
struct ApiDocsPage;

async fn show() -> HttpResponse {
    page(&ApiDocsPage)
}

async fn style() -> Result<HttpResponse, ApiError> {
    viewer_file("swagger-ui.css")
}

async fn script() -> Result<HttpResponse, ApiError> {
    viewer_file("swagger-ui-bundle.js")
}

/// One of Swagger UI's own files. It is kept compressed, and every browser takes it so.
fn viewer_file(name: &str) -> Result<HttpResponse, ApiError> {
    let file = serve(name, Arc::new(Config::from("/api/openapi.json")))
        .map_err(|error| ApiError::internal(&*error))?
        .ok_or_else(ApiError::unknown_route)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, file.content_type));
    response.insert_header((CACHE_CONTROL, "public, max-age=3600"));
    if file.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(file.bytes.into_owned()))
}
