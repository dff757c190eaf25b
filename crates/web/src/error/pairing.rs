//! Pairing.

use actix_web::http::StatusCode;
use memcard_domain::pairing::{ApproveError, BeginError, CodeError, DenyError, OpenError, PollError};

use super::{ApiError, invalid_member};

impl From<BeginError> for ApiError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Invalid(error) => error.into(),
            BeginError::NoScopes => invalid_member("requested_scopes", error),
            BeginError::Limited(limited) => Self::limited(limited),
            BeginError::Store(error) => error.into(),
        }
    }
}

impl From<CodeError> for ApiError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::Unknown => Self::not_found(error),
            CodeError::AlreadyApproved | CodeError::AlreadyDenied => Self::new(StatusCode::GONE, error),
            CodeError::Limited(limited) => Self::limited(limited),
            CodeError::Store(error) => error.into(),
        }
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Forbidden(error) => error.into(),
            OpenError::Code(error) => error.into(),
            OpenError::Store(error) => error.into(),
        }
    }
}

impl From<ApproveError> for ApiError {
    fn from(error: ApproveError) -> Self {
        match error {
            ApproveError::Forbidden(error) => error.into(),
            ApproveError::Code(error) => error.into(),
            ApproveError::Invalid(error) => error.into(),
            ApproveError::NoScopes => invalid_member("approved_scopes", error),
            ApproveError::ScopesExceed => Self::forbidden_because(error),
            ApproveError::TooManyTokens(error) => Self::bad_request(error),
            ApproveError::Store(error) => error.into(),
        }
    }
}

impl From<DenyError> for ApiError {
    fn from(error: DenyError) -> Self {
        match error {
            DenyError::Forbidden(error) => error.into(),
            DenyError::Code(error) => error.into(),
            DenyError::Store(error) => error.into(),
        }
    }
}

impl From<PollError> for ApiError {
    /// The device branches on the word.
    fn from(error: PollError) -> Self {
        match error {
            PollError::AuthorizationPending
            | PollError::SlowDown
            | PollError::AccessDenied
            | PollError::ExpiredToken => Self::bad_request(error),
            PollError::Store(error) => error.into(),
        }
    }
}
