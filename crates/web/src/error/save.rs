//! Saves.

use memcard_domain::save::{DeleteError, ListError, TrackError, UploadError};

use super::ApiError;

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::DeviceNotFound(error) => Self::not_found(error),
            UploadError::GameNotFound(error) => Self::not_found(error),
            UploadError::Store(error) => error.into(),
        }
    }
}

impl From<ListError> for ApiError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::DeviceNotFound(error) => Self::not_found(error),
            ListError::SaveNotFound(error) => Self::not_found(error),
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<TrackError> for ApiError {
    fn from(error: TrackError) -> Self {
        match error {
            TrackError::NotFound(error) => error.into(),
            TrackError::IsFork => Self::conflict(error),
            TrackError::Store(error) => error.into(),
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
