//! The multipart body of an upload, streamed into the blob store. Memory use does not grow with it, and nothing of a
//! body that is refused or breaks off is kept: a blob is finished only after the body's last boundary.

mod file_name;
mod framing;
mod metered;
mod reception;
#[cfg(test)]
mod tests;

use std::fmt;

use actix_web::HttpRequest;
use actix_web::web::Payload;
use memcard_api::errors::FieldError;
use memcard_domain::ports::BlobWriter;
use memcard_domain::save::{Content, FileName};
use serde_json::Value;

use self::reception::Reception;
use crate::error::ApiError;
use crate::state::AppState;

/// A part that holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilePart {
    /// A save.
    Save,
}

impl FilePart {
    /// The part's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Save => "saveFile",
        }
    }
}

/// What the part's file is called in texts.
impl fmt::Display for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Save => "Save file",
        })
    }
}

/// A body that was read to its end. Nothing of it is kept until it is asked for.
pub(crate) struct StreamedForm {
    wanted: FilePart,
    file: Option<StreamedFile>,
}

impl StreamedForm {
    /// The file.
    ///
    /// # Errors
    /// 422 where the body had none.
    pub(crate) fn file(self) -> Result<StreamedFile, ApiError> {
        self.file.ok_or_else(|| missing(self.wanted))
    }
}

/// A file whose bytes have been written. They are kept once it is finished.
pub(crate) struct StreamedFile {
    file_name: FileName,
    writer: Box<dyn BlobWriter>,
}

impl StreamedFile {
    /// Makes the bytes durable.
    ///
    /// # Errors
    /// 507 where no space is left.
    pub(crate) async fn finish(self) -> Result<ReceivedFile, ApiError> {
        Ok(ReceivedFile { file_name: self.file_name, content: self.writer.finish().await? })
    }
}

/// A file that was received, its bytes durable.
pub(crate) struct ReceivedFile {
    /// The name that was sent.
    pub(crate) file_name: FileName,
    /// What its bytes are.
    pub(crate) content: Content,
}

/// Receives a whole body with a file in the part `wanted`. Other parts are read and dropped.
///
/// # Errors
/// 413 for a body above the limit, 408 for one that comes too slowly, 400 for a file without a name and for a body that
/// is malformed or breaks off, 422 for one that is not multipart, 507 where no space is left.
pub(crate) async fn receive(
    request: &HttpRequest,
    body: Payload,
    state: &AppState,
    wanted: FilePart,
) -> Result<StreamedForm, ApiError> {
    let limit = state.settings.max_body_bytes;
    Reception::begin(request, body, limit, wanted)?.run(&*state.ports.blobs).await
}

fn missing(part: FilePart) -> ApiError {
    invalid_part(part, "missing", "Field required")
}

fn repeated(part: FilePart) -> ApiError {
    invalid_part(part, "value_error", "Only one file is taken")
}

fn invalid_part(part: FilePart, kind: &str, message: &str) -> ApiError {
    ApiError::invalid(vec![FieldError {
        kind: kind.to_owned(),
        loc: vec!["body".into(), part.name().into()],
        msg: message.to_owned(),
        input: Value::Null,
    }])
}
