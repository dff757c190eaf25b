//! Errors as pages.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::render::{page_with, see_other};
use crate::error::ApiError;

/// Why a page is not shown.
#[derive(Debug)]
pub(super) enum PageError {
    /// Nobody is logged in.
    SignIn {
        /// Where to go on afterwards.
        next: String,
    },
    /// The use case, or what was sent, says no.
    Refused(ApiError),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    status: u16,
    text: &'a str,
}

impl<E: Into<ApiError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn { .. } => f.write_str("nobody is logged in"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::Refused(error) => error.status(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::SignIn { next } => {
                let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
                see_other(&format!("/login?next={next}"))
            }
            Self::Refused(error) => refusal(error),
        }
    }
}

/// The headers of the refusal stay: `Retry-After` above all.
fn refusal(error: &ApiError) -> HttpResponse {
    let page = ErrorPage { status: error.status().as_u16(), text: &error.text() };
    let mut response = page_with(error.status(), &page);
    for (name, value) in error.headers() {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}
