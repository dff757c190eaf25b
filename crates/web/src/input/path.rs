//! Ids in paths.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use memcard_api::errors::FieldError;
use memcard_domain::ids::{
    DeviceId, GameFileId, GameId, PlatformId, PlaySessionId, SaveId, ScreenshotId, SessionId, StateId,
    TokenId, UserId, VersionId,
};
use uuid::Uuid;

use crate::error::ApiError;
use crate::openapi::{Extractor, Refusals};

/// The id that stands for `{id}` in the path.
pub(crate) struct PathId<I>(pub(crate) I);

/// What can stand for `{id}` in a path.
pub(crate) trait FromPath: Sized {
    /// What a text that can be no id is answered with.
    const REFUSAL: StatusCode;

    /// Reads it.
    ///
    /// # Errors
    /// 422 for a text that can be no id; but 404, naming the device, for a device id, which is a text to clients.
    fn from_path(text: &str) -> Result<Self, ApiError>;
}

impl<I: FromPath + 'static> FromRequest for PathId<I> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(I::from_path(request.match_info().query("id")).map(Self))
    }
}

impl<I: FromPath + 'static> Extractor for PathId<I> {
    fn note(refusals: &mut Refusals) {
        refusals.add(I::REFUSAL.as_u16());
    }
}

macro_rules! integer_ids {
    ($($id:ident),*) => {$(
        impl FromPath for $id {
            const REFUSAL: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

            fn from_path(text: &str) -> Result<Self, ApiError> {
                i32::from_str(text).map(Self).map_err(|_| no_integer(text))
            }
        }
    )*};
}

integer_ids!(
    GameFileId,
    GameId,
    PlatformId,
    PlaySessionId,
    SaveId,
    ScreenshotId,
    SessionId,
    StateId,
    TokenId,
    UserId,
    VersionId
);

impl FromPath for DeviceId {
    const REFUSAL: StatusCode = StatusCode::NOT_FOUND;

    fn from_path(text: &str) -> Result<Self, ApiError> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| ApiError::not_found(format_args!("Device with ID {text} not found")))
    }
}

fn no_integer(text: &str) -> ApiError {
    ApiError::invalid(vec![FieldError {
        kind: "int_parsing".to_owned(),
        loc: vec!["path".into(), "id".into()],
        msg: "Input should be a valid integer that fits 32 bits".to_owned(),
        input: text.into(),
    }])
}
