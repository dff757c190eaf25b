//! States.

use memcard_domain::state::{DeleteError, EditError, StateError, UploadError};

use super::ApiError;

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::GameNotFound(error) => Self::not_found(error),
            UploadError::Store(error) => error.into(),
        }
    }
}

impl From<StateError> for ApiError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::NotFound(error) => Self::not_found(error),
            StateError::Store(error) => error.into(),
        }
    }
}

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::NotFound(error) => Self::not_found(error),
            EditError::Replaced => Self::conflict(error),
            EditError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteError> for ApiError {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::Empty => Self::bad_request(error),
            DeleteError::NotFound(error) => Self::not_found(error),
            DeleteError::Store(error) => error.into(),
        }
    }
}
