//! Negotiation and sync sessions.

use memcard_domain::sync::{CompleteError, NegotiateError, PushPullError, SessionError, SshKeyError};

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

impl From<PushPullError> for ApiError {
    fn from(error: PushPullError) -> Self {
        match error {
            PushPullError::Forbidden(error) => error.into(),
            PushPullError::DeviceNotFound(error) => Self::not_found(error),
            PushPullError::OtherMode | PushPullError::SyncDisabled | PushPullError::SshDisabled(_) => {
                Self::bad_request(error)
            }
            PushPullError::Store(error) => error.into(),
        }
    }
}

impl From<SshKeyError> for ApiError {
    fn from(error: SshKeyError) -> Self {
        match error {
            SshKeyError::Forbidden(error) => error.into(),
            SshKeyError::DeviceNotFound(error) => Self::not_found(error),
            SshKeyError::NoKey => Self::not_found(error),
            SshKeyError::SshDisabled(error) => Self::bad_request(error),
            SshKeyError::Store(error) => error.into(),
        }
    }
}
