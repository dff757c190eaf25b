//! Headers and shape of every answer: whatever a handler does not say itself is said here, so that no route can be
//! forgotten.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::state::AppState;

/// Our own pages: nothing from elsewhere, no inline script or style, never in a frame.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Completes an answer: security headers, no caching unless the handler knows better, errors as JSON.
pub(crate) async fn complete(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_https = request.app_data::<web::Data<AppState>>().is_some_and(|state| state.settings.is_https());
    let mut response = told_as_json(next.call(request).await?.map_into_boxed_body());
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    default(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(REFERRER_POLICY, "no-referrer");
    default(COOP, "same-origin");
    default(CACHE_CONTROL, "private, no-store");
    if is_https {
        default(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    Ok(response)
}

/// Refusals that actix makes itself (a method that is not allowed, an encoding that is not there) have no body or a bare
/// text.
fn told_as_json(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_told =
        content_type.is_some_and(|it| it.starts_with("application/json") || it.starts_with("text/html"));
    if is_told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let body = serde_json::json!({ "detail": reason(status) }).to_string();
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().remove(CONTENT_LENGTH);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}
