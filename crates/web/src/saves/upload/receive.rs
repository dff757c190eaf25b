//! The multipart body of an upload, streamed into the blob store. Memory use does not grow with it, and nothing of a
//! body that is refused or breaks off is kept: the blob is finished only after the body's last boundary.

use std::io;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, HeaderValue};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use memcard_api::errors::FieldError;
use memcard_domain::ports::{BlobStore, BlobWriter};
use memcard_domain::save::{Content, FileName};
use serde_json::Value;

use super::file_name::sent_file_name;
use super::metered::Metered;
use crate::error::ApiError;

/// The part that is the save.
const SAVE_PART: &str = "saveFile";
/// Most parts of a body.
const MOST_PARTS: usize = 16;
/// How much is handed to the blob store at once: the parser cuts a body at anything that looks like a boundary.
const BLOCK: usize = 64 * 1024;

/// A save that was received, its bytes durable.
pub(super) struct ReceivedSave {
    pub(super) file_name: FileName,
    pub(super) content: Content,
}

/// Receives a whole body. Parts other than the save are read and dropped.
///
/// # Errors
/// 413 for a body above `limit` bytes, 408 for one that comes too slowly, 422 without a save, 400 for a save without a
/// file name and for a body that is malformed or breaks off, 507 where no space is left.
pub(super) async fn receive(
    request: &HttpRequest,
    body: Payload,
    blobs: &dyn BlobStore,
    limit: u64,
) -> Result<ReceivedSave, ApiError> {
    if announced(request).is_some_and(|length| length > limit) {
        return Err(ApiError::too_large(limit));
    }
    let mut parts = Multipart::new(request.headers(), Metered::new(body, limit));
    let mut save = None;
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| refusal(&error, limit))?;
        count += 1;
        if count > MOST_PARTS {
            return Err(ApiError::bad_request("Request body has too many parts"));
        }
        if part.name() != Some(SAVE_PART) {
            drain(part, limit).await?;
        } else if save.is_none() {
            save = Some(write(part, blobs, limit).await?);
        } else {
            return Err(invalid_save_part("value_error", "Only one save is taken"));
        }
    }
    let (file_name, writer) = save.ok_or_else(|| invalid_save_part("missing", "Field required"))?;
    Ok(ReceivedSave { file_name, content: writer.finish().await? })
}

async fn write(
    mut part: Field,
    blobs: &dyn BlobStore,
    limit: u64,
) -> Result<(FileName, Box<dyn BlobWriter>), ApiError> {
    let disposition = part.headers().get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
    let sent = disposition.and_then(sent_file_name).unwrap_or_default();
    let file_name = FileName::new(&sent).map_err(ApiError::bad_request)?;

    let mut writer = blobs.writer().await?;
    let mut block = BytesMut::with_capacity(BLOCK);
    while let Some(chunk) = next_chunk(&mut part, limit).await? {
        block.extend_from_slice(&chunk);
        if block.len() >= BLOCK {
            writer.write(block.split().freeze()).await?;
        }
    }
    if !block.is_empty() {
        writer.write(block.freeze()).await?;
    }
    Ok((file_name, writer))
}

async fn drain(mut part: Field, limit: u64) -> Result<(), ApiError> {
    while next_chunk(&mut part, limit).await?.is_some() {}
    Ok(())
}

async fn next_chunk(part: &mut Field, limit: u64) -> Result<Option<Bytes>, ApiError> {
    part.next().await.transpose().map_err(|error| refusal(&error, limit))
}

fn announced(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn refusal(error: &MultipartError, limit: u64) -> ApiError {
    match error {
        MultipartError::Payload(PayloadError::Io(error)) => match error.kind() {
            io::ErrorKind::FileTooLarge => ApiError::too_large(limit),
            io::ErrorKind::TimedOut => {
                ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request body came too slowly")
            }
            _ => broken_off(),
        },
        MultipartError::Incomplete | MultipartError::Payload(PayloadError::Incomplete(_)) => broken_off(),
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
            invalid_save_part("missing", "Field required")
        }
        other => ApiError::bad_request(format_args!("Malformed multipart body: {other}")),
    }
}

fn broken_off() -> ApiError {
    ApiError::bad_request("Request body broke off")
}

fn invalid_save_part(kind: &str, message: &str) -> ApiError {
    ApiError::invalid(vec![FieldError {
        kind: kind.to_owned(),
        loc: vec!["body".into(), SAVE_PART.into()],
        msg: message.to_owned(),
        input: Value::Null,
    }])
}
