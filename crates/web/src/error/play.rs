//! Play sessions.

use memcard_domain::play::{IngestError, PlayError};

use super::{ApiError, invalid_at};

impl From<PlayError> for ApiError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Forbidden(error) => error.into(),
            PlayError::NotFound(error) => Self::not_found(error),
            PlayError::DeviceNotFound(error) => error.into(),
            PlayError::Store(error) => error.into(),
        }
    }
}

/// What was wrong with reported play sessions; `member` is what they are called in the body.
pub(crate) fn refused_report(member: &'static str) -> impl FnOnce(IngestError) -> ApiError {
    move |error| match error {
        IngestError::Forbidden(error) => error.into(),
        IngestError::Empty | IngestError::TooMany => ApiError::bad_request(error),
        IngestError::EndBeforeStart { index } => {
            invalid_at(vec!["body".into(), member.into(), index.into(), "end_time".into()], error)
        }
        IngestError::Store(error) => error.into(),
    }
}
