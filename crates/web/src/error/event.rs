//! Listening to events.

use memcard_domain::event::ListenError;

use super::ApiError;

impl From<ListenError> for ApiError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Forbidden(error) => error.into(),
            ListenError::Store(error) => error.into(),
        }
    }
}
