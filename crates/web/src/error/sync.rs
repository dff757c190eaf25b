//! Negotiation and sync sessions.

use memcard_domain::sync::{CompleteError, NegotiateError, SessionError};

use super::ApiError;

impl From<NegotiateError> for ApiError {
    fn from(error: NegotiateError) -> Self {
        match error {
            NegotiateError::DeviceNotFound(error) => Self::not_found(error),
            NegotiateError::SyncDisabled => Self::bad_request(error),
            NegotiateError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound(error) => Self::not_found(error),
            SessionError::DeviceNotFound(error) => Self::not_found(error),
            SessionError::Store(error) => error.into(),
        }
    }
}

impl From<CompleteError> for ApiError {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::NotFound(error) => Self::not_found(error),
            CompleteError::AlreadyEnded(error) => Self::bad_request(error),
            CompleteError::Store(error) => error.into(),
        }
    }
}
