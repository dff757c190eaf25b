//! The error type that every handler of the JSON surface answers with.

use std::error::Error as StdError;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, Responder, ResponseError};
use memcard_api::errors::{FieldError, Location};
use memcard_domain::limit::Limited;
use serde::Serialize;
use serde_json::Value;

/// A refusal: status, `detail`, headers.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    detail: Detail,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    Text(String),
    Fields(Vec<FieldError>),
    Object(Value),
}

impl ApiError {
    /// A status with a text.
    pub(crate) fn new(status: StatusCode, detail: impl fmt::Display) -> Self {
        Self::of(status, Detail::Text(detail.to_string()))
    }

    /// 400 with a text.
    pub(crate) fn bad_request(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 404 that names what is missing. Clients forget the entity it names.
    pub(crate) fn not_found(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 404 of an unknown route. Clients take it as "wrong server".
    pub(crate) fn unknown_route() -> Self {
        Self::not_found("Not Found")
    }

    /// 409 with a text.
    pub(crate) fn conflict(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 403: a scope is missing, or the credential is of the wrong kind.
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    /// 403 with a text of its own.
    pub(crate) fn forbidden_because(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 401: no credentials, or none that are good.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not authenticated")
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 413.
    pub(crate) fn too_large(limit: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format_args!("Request body exceeds the maximum allowed size of {limit} bytes"),
        )
    }

    /// 422 with a list of faults.
    pub(crate) fn invalid(faults: Vec<FieldError>) -> Self {
        Self::of(StatusCode::UNPROCESSABLE_ENTITY, Detail::Fields(faults))
    }

    /// 422 with a text, where the contract wants one.
    pub(crate) fn invalid_text(detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// A status with an object as `detail`, where the contract wants one.
    pub(crate) fn with_object(status: StatusCode, detail: impl Serialize) -> Self {
        Self::of(status, Detail::Object(serde_json::to_value(detail).unwrap_or(Value::Null)))
    }

    /// 429 with how long to wait.
    pub(crate) fn limited(limited: Limited) -> Self {
        let seconds = limited.retry_after.num_seconds().max(1);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts, try again later")
            .with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 503: try again. The cause goes to the log only.
    pub(crate) fn unavailable(cause: &dyn StdError) -> Self {
        tracing::warn!(error = chain(cause), "unavailable");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Service temporarily unavailable")
            .with_header(RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// 500. The cause goes to the log only.
    pub(crate) fn internal(cause: &dyn StdError) -> Self {
        tracing::error!(error = chain(cause), "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    /// The same with a header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The refusal's status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers it comes with.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// What to tell a person.
    pub(crate) fn text(&self) -> String {
        match &self.detail {
            Detail::Text(text) => text.clone(),
            Detail::Fields(faults) => {
                faults.iter().map(|fault| fault.msg.as_str()).collect::<Vec<_>>().join("; ")
            }
            Detail::Object(object) => object["message"].as_str().unwrap_or_default().to_owned(),
        }
    }

    fn of(status: StatusCode, detail: Detail) -> Self {
        Self { status, detail, headers: Vec::new() }
    }
}

/// 422 for one member of the body that fits its type but not its rule.
pub(crate) fn invalid_member(name: &str, fault: impl fmt::Display) -> ApiError {
    invalid_at(vec!["body".into(), name.into()], fault)
}

/// 422 for one parameter of the query that fits its type but not its rule.
pub(crate) fn invalid_parameter(name: &str, fault: impl fmt::Display) -> ApiError {
    invalid_at(vec!["query".into(), name.into()], fault)
}

/// 422 for something deeper in the request: the way to it begins with `body`, `query` or `path`.
pub(crate) fn invalid_at(loc: Vec<Location>, fault: impl fmt::Display) -> ApiError {
    let kind = "value_error".to_owned();
    ApiError::invalid(vec![FieldError { kind, loc, msg: fault.to_string(), input: Value::Null }])
}

/// An error with its causes, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.text())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in &self.headers {
            response.append_header(header.clone());
        }
        response.json(serde_json::json!({ "detail": self.detail }))
    }
}

impl Responder for ApiError {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &actix_web::HttpRequest) -> HttpResponse {
        self.error_response()
    }
}
