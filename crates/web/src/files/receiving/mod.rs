//! The multipart body of an upload, streamed into the blob store. Memory use does not grow with it, and nothing of a
//! body that is refused or breaks off is kept: a blob is finished only after the body's last boundary.

mod file_name;
mod framing;
mod image_kind;
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
use memcard_domain::screenshot::{ImageKind, LARGEST_SCREENSHOT, Picture};
use serde_json::Value;

use self::reception::Reception;
use crate::error::ApiError;
use crate::state::AppState;

/// A part that holds a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilePart {
    /// A save.
    Save,
    /// A state.
    State,
    /// A picture of either, or alone.
    Screenshot,
}

impl FilePart {
    /// The part's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Save => "saveFile",
            Self::State => "stateFile",
            Self::Screenshot => "screenshotFile",
        }
    }

    /// Most bytes that it may have; the body's own limit holds besides.
    const fn largest(self) -> u64 {
        match self {
            Self::Save | Self::State => u64::MAX,
            Self::Screenshot => LARGEST_SCREENSHOT,
        }
    }
}

/// What the part's file is called in texts.
impl fmt::Display for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Save => "Save file",
            Self::State => "State file",
            Self::Screenshot => "Screenshot file",
        })
    }
}

/// A body that was read to its end. Nothing of it is kept until it is asked for.
pub(crate) struct StreamedForm {
    files: Vec<(FilePart, StreamedFile)>,
}

impl StreamedForm {
    /// The file in that part, if it has one.
    pub(crate) fn take(&mut self, part: FilePart) -> Option<StreamedFile> {
        let index = self.files.iter().position(|(known, _)| *known == part)?;
        Some(self.files.swap_remove(index).1)
    }

    /// The file in that part.
    ///
    /// # Errors
    /// 422 where it has none.
    pub(crate) fn require(&mut self, part: FilePart) -> Result<StreamedFile, ApiError> {
        self.take(part).ok_or_else(|| missing(part))
    }

    /// The picture, its bytes durable, if there is one.
    ///
    /// # Errors
    /// 507 where no space is left.
    pub(crate) async fn finish_screenshot(&mut self) -> Result<Option<Picture>, ApiError> {
        match self.take(FilePart::Screenshot) {
            Some(picture) => Ok(Some(picture.finish_picture().await?)),
            None => Ok(None),
        }
    }
}

/// A file whose bytes have been written. They are kept once it is finished.
pub(crate) struct StreamedFile {
    file_name: FileName,
    image_kind: Option<ImageKind>,
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

    /// Makes the bytes of a picture durable.
    ///
    /// # Errors
    /// 507 where no space is left.
    pub(crate) async fn finish_picture(self) -> Result<Picture, ApiError> {
        let kind = self.image_kind;
        let ReceivedFile { file_name, content } = self.finish().await?;
        Ok(Picture { file_name, digest: content.digest, size: content.size, kind })
    }
}

/// A file that was received, its bytes durable.
pub(crate) struct ReceivedFile {
    /// The name that was sent.
    pub(crate) file_name: FileName,
    /// What its bytes are.
    pub(crate) content: Content,
}

/// Receives a whole body with files in the parts `wanted`. Other parts are read and dropped.
///
/// # Errors
/// 413 for a body above the limit or a picture above its own, 408 for a body that comes too slowly, 400 for a file
/// without a name and for a body that is malformed or breaks off, 422 for one that is not multipart or has a part twice,
/// 507 where no space is left.
pub(crate) async fn receive(
    request: &HttpRequest,
    body: Payload,
    state: &AppState,
    wanted: &'static [FilePart],
) -> Result<StreamedForm, ApiError> {
    let limit = state.settings.max_body_bytes;
    Reception::begin(request, body, limit, wanted)?.run(&*state.ports.blobs).await
}

/// 422: the part is not there.
pub(crate) fn missing(part: FilePart) -> ApiError {
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
