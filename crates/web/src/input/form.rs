//! Forms (`application/x-www-form-urlencoded`).

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::query::read_pairs;
use super::{body, json};
use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};

/// A form.
pub(crate) struct FormBody<T>(pub(crate) T);

/// A form where the request says so, otherwise JSON.
pub(crate) struct FormOrJson<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for FormBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::collect(&request, &mut payload).await?;
            read_pairs("body", &bytes).map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for FormOrJson<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { Self::read(&request, &mut payload).await })
    }
}

impl<T: DeserializeOwned + 'static> Extractor for FormBody<T> {
    fn note(refusals: &mut Refusals) {
        refusals.read_body();
    }
}

impl<T: DeserializeOwned + 'static> Extractor for FormOrJson<T> {
    fn note(refusals: &mut Refusals) {
        refusals.read_body();
    }
}

impl<T: DeserializeOwned> FormOrJson<T> {
    /// As the extractor does.
    ///
    /// # Errors
    /// 413 and 422.
    pub(crate) async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, ApiError> {
        let bytes = body::collect(request, payload).await?;
        let read = if is_form(request) { read_pairs("body", &bytes) } else { json::read(&bytes) };
        read.map(Self)
    }
}

/// Whether the body is said to be a form.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let content_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
