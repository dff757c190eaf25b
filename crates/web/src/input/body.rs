//! Small bodies, collected in memory up to a limit.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, ResponseError as _};
use futures_util::StreamExt as _;

use crate::error::ApiError;
use crate::state::State;

/// Most bytes that a body kept in memory may have; files are streamed and have the server's own limit.
const MOST: u64 = 16 * 1024 * 1024;

/// Collects the body.
///
/// # Errors
/// 413 for one that is too large, whether it says so or not; 400 for one that breaks off.
pub(crate) async fn collect(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, ApiError> {
    let limit = limit(request);
    if announced(request).is_some_and(|length| length > limit) {
        return Err(ApiError::too_large(limit));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| ApiError::new(error.status_code(), "The request body broke off"))?;
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(ApiError::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn limit(request: &HttpRequest) -> u64 {
    request.app_data::<State>().map_or(MOST, |state| state.settings.max_body_bytes.min(MOST))
}

fn announced(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
