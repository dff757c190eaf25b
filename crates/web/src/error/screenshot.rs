//! Screenshots.

use memcard_domain::screenshot::{AddError, ScreenshotError};

use super::ApiError;

impl From<AddError> for ApiError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::GameNotFound(error) => Self::not_found(error),
            AddError::Store(error) => error.into(),
        }
    }
}

impl From<ScreenshotError> for ApiError {
    fn from(error: ScreenshotError) -> Self {
        match error {
            ScreenshotError::NotFound(error) => Self::not_found(error),
            ScreenshotError::Store(error) => error.into(),
        }
    }
}
