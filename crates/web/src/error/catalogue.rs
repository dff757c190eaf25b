//! Platforms, games and the library.

use actix_web::http::StatusCode;
use memcard_domain::catalogue::{
    CatalogueError, ContentError, DeclareError, InvalidDeclaration, PropsError, ScanError,
};
use memcard_domain::ports::LibraryError;

use super::{ApiError, invalid_member};

impl From<CatalogueError> for ApiError {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::Forbidden(error) => error.into(),
            CatalogueError::PlatformNotFound(error) => Self::not_found(error),
            CatalogueError::GameNotFound(error) => Self::not_found(error),
            CatalogueError::FileNotFound(error) => Self::not_found(error),
            CatalogueError::NoContent(error) => Self::not_found(error),
            CatalogueError::NoHashes => Self::bad_request(error),
            CatalogueError::NoneOfHashes => Self::not_found(error),
            CatalogueError::Store(error) => error.into(),
        }
    }
}

impl From<ContentError> for ApiError {
    fn from(error: ContentError) -> Self {
        match error {
            ContentError::Catalogue(error) => error.into(),
            ContentError::Gone(error) => Self::not_found(error),
            // Not as an administrator who named the folder is told it.
            ContentError::Library(error) => Self::internal(&error),
        }
    }
}

impl From<PropsError> for ApiError {
    fn from(error: PropsError) -> Self {
        match error {
            PropsError::Forbidden(error) => error.into(),
            PropsError::GameNotFound(error) => Self::not_found(error),
            PropsError::TooLarge => invalid_member("data", error),
            PropsError::Store(error) => error.into(),
        }
    }
}

impl From<DeclareError> for ApiError {
    fn from(error: DeclareError) -> Self {
        match error {
            DeclareError::Forbidden(error) => error.into(),
            DeclareError::Invalid(error) => {
                let member = match error {
                    InvalidDeclaration::PlatformSlug => "platform_slug",
                    InvalidDeclaration::FileName => "file_name",
                    InvalidDeclaration::Name => "name",
                    InvalidDeclaration::Hash(kind) => kind,
                };
                invalid_member(member, error)
            }
            DeclareError::Store(error) => error.into(),
        }
    }
}

impl From<ScanError> for ApiError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Forbidden(error) => error.into(),
            ScanError::NoFolder => Self::bad_request(error),
            ScanError::Library(error) => error.into(),
            ScanError::Store(error) => error.into(),
        }
    }
}

impl From<LibraryError> for ApiError {
    /// Only an administrator meets these, so that the folder may be named.
    fn from(error: LibraryError) -> Self {
        match &error {
            LibraryError::NotFound(_) | LibraryError::NoPlatforms(_) => {
                Self::new(StatusCode::BAD_REQUEST, &error)
            }
            LibraryError::NoSuchFile | LibraryError::Unreadable(_) => Self::internal(&error),
        }
    }
}
