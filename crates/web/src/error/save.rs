//! Saves.

use actix_web::http::StatusCode;
use memcard_domain::save::{
    BytesGone, DeleteError, EditError, ListError, ResolveError, TrackError, UploadError, VersionError,
};

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

impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::DeviceNotFound(error) => Self::not_found(error),
            EditError::SaveNotFound(error) => Self::not_found(error),
            EditError::IsFork => Self::conflict(error),
            EditError::Store(error) => error.into(),
        }
    }
}

impl From<VersionError> for ApiError {
    fn from(error: VersionError) -> Self {
        match error {
            VersionError::NotFound(error) => Self::not_found(error),
            VersionError::Gone(error) => error.into(),
            VersionError::Store(error) => error.into(),
        }
    }
}

impl From<ResolveError> for ApiError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::NotFound(error) => Self::not_found(error),
            ResolveError::ResolvedOtherwise => Self::conflict(error),
            ResolveError::Gone(error) => error.into(),
            ResolveError::Store(error) => error.into(),
        }
    }
}

impl From<BytesGone> for ApiError {
    /// 410: the version is not forgotten, so that a 404, which clients take for that, would be wrong.
    fn from(error: BytesGone) -> Self {
        Self::new(StatusCode::GONE, error)
    }
}
