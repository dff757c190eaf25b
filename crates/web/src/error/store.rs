//! The store and the slow hashes.

use memcard_domain::limit::LimitError;
use memcard_domain::ports::{PasswordsError, StoreError};

use super::ApiError;

impl From<StoreError> for ApiError {
    /// A conflict that no use case gave a meaning is a fault of ours.
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => Self::unavailable(&error),
            StoreError::Conflict { .. } | StoreError::Backend(_) => Self::internal(&error),
        }
    }
}

impl From<PasswordsError> for ApiError {
    fn from(error: PasswordsError) -> Self {
        Self::internal(&error)
    }
}

impl From<LimitError> for ApiError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::limited(limited),
            LimitError::Store(error) => error.into(),
        }
    }
}
