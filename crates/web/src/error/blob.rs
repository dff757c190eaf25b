//! The bytes of saves.

use actix_web::http::StatusCode;
use memcard_domain::ports::BlobError;

use super::ApiError;

impl From<BlobError> for ApiError {
    /// Bytes that a row names are there (promise P1); where they are not, it is a fault of ours.
    fn from(error: BlobError) -> Self {
        match &error {
            BlobError::Full(_) => {
                tracing::error!(%error, "out of space");
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "No space left on the server")
            }
            BlobError::Corrupt(_) => {
                tracing::error!(%error, "a save is damaged");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The stored bytes are damaged")
            }
            BlobError::Missing(_) | BlobError::Backend(_) => Self::internal(&error),
        }
    }
}
