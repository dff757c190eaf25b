//! Reading a multipart body part by part (RFC 7578).

use std::io;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, HeaderValue};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt as _;
use memcard_domain::ports::BlobStore;
use memcard_domain::save::{FileName, InvalidFileName};

use super::file_name::sent_file_name;
use super::framing::Framing;
use super::image_kind::image_kind;
use super::metered::Metered;
use super::{FilePart, StreamedFile, StreamedForm, missing, repeated};
use crate::error::ApiError;

/// Most parts of a body.
const MOST_PARTS: usize = 16;
/// How much is handed to the blob store at once: the parser cuts a body at anything that looks like a boundary.
const BLOCK: usize = 64 * 1024;
/// How many of a file's first bytes tell what it is.
const BEGINNING: usize = 64;

/// A body that is being read.
pub(super) struct Reception {
    wanted: &'static [FilePart],
    limit: u64,
    framing: Framing,
    parts: Multipart,
}

impl Reception {
    pub(super) fn begin(
        request: &HttpRequest,
        body: Payload,
        limit: u64,
        wanted: &'static [FilePart],
    ) -> Result<Self, ApiError> {
        if announced(request).is_some_and(|length| length > limit) {
            return Err(ApiError::too_large(limit));
        }
        let body = Metered::new(body, limit);
        let framing = Framing::new(request, body.received());
        Ok(Self { wanted, limit, framing, parts: Multipart::new(request.headers(), body) })
    }

    pub(super) async fn run(mut self, blobs: &dyn BlobStore) -> Result<StreamedForm, ApiError> {
        let mut files: Vec<(FilePart, StreamedFile)> = Vec::new();
        let mut count = 0;
        while let Some(part) = self.parts.next().await {
            let part = part.map_err(|error| self.refusal(&error))?;
            self.framing.begin(&part);
            count += 1;
            if count > MOST_PARTS {
                return Err(ApiError::bad_request("Request body has too many parts"));
            }
            let Some(kind) = self.wanted.iter().copied().find(|kind| part.name() == Some(kind.name())) else {
                self.drain(part).await?;
                continue;
            };
            if files.iter().any(|(known, _)| *known == kind) {
                return Err(repeated(kind));
            }
            if let Some(file) = self.write(part, kind, blobs).await? {
                files.push((kind, file));
            }
        }
        if self.framing.hides_bytes() {
            return Err(ApiError::bad_request(
                "Malformed multipart body: a part is longer than it announced",
            ));
        }
        Ok(StreamedForm { files })
    }

    /// `None` for a picture that was not chosen.
    async fn write(
        &mut self,
        mut part: Field,
        kind: FilePart,
        blobs: &dyn BlobStore,
    ) -> Result<Option<StreamedFile>, ApiError> {
        let disposition = part.headers().get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
        let sent = disposition.and_then(sent_file_name).unwrap_or_default();
        let file_name = match (FileName::new(&sent), kind) {
            (Ok(name), _) => name,
            // A browser's form sends a part without name and bytes where no file was chosen.
            (Err(InvalidFileName::Missing), FilePart::Screenshot) if sent.is_empty() => {
                return match self.drain(part).await? {
                    0 => Ok(None),
                    _ => Err(unnamed(kind, InvalidFileName::Missing)),
                };
            }
            (Err(fault), _) => return Err(unnamed(kind, fault)),
        };

        let mut writer = blobs.writer().await?;
        let mut beginning = Vec::with_capacity(BEGINNING);
        let mut block = BytesMut::with_capacity(BLOCK);
        let mut size = 0;
        while let Some(chunk) = self.next_chunk(&mut part).await? {
            size += chunk.len() as u64;
            if size > kind.largest() {
                return Err(too_large(kind));
            }
            beginning.extend(chunk.iter().take(BEGINNING - beginning.len()));
            block.extend_from_slice(&chunk);
            if block.len() >= BLOCK {
                writer.write(block.split().freeze()).await?;
            }
        }
        if !block.is_empty() {
            writer.write(block.freeze()).await?;
        }
        Ok(Some(StreamedFile { file_name, image_kind: image_kind(&beginning), writer }))
    }

    /// Reads a part to its end; gives how many bytes it had.
    async fn drain(&mut self, mut part: Field) -> Result<u64, ApiError> {
        let mut size = 0;
        while let Some(chunk) = self.next_chunk(&mut part).await? {
            size += chunk.len() as u64;
        }
        Ok(size)
    }

    async fn next_chunk(&mut self, part: &mut Field) -> Result<Option<Bytes>, ApiError> {
        let chunk = part.next().await.transpose().map_err(|error| self.refusal(&error))?;
        self.framing.receive(chunk.as_deref().unwrap_or_default());
        Ok(chunk)
    }

    fn refusal(&self, error: &MultipartError) -> ApiError {
        match error {
            MultipartError::Payload(PayloadError::Io(error)) => match error.kind() {
                io::ErrorKind::FileTooLarge => ApiError::too_large(self.limit),
                io::ErrorKind::TimedOut => {
                    ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request body came too slowly")
                }
                _ => broken_off(),
            },
            MultipartError::Incomplete | MultipartError::Payload(PayloadError::Incomplete(_)) => broken_off(),
            MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
                self.wanted.first().map_or_else(broken_off, |part| missing(*part))
            }
            other => ApiError::bad_request(format_args!("Malformed multipart body: {other}")),
        }
    }
}

fn announced(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn broken_off() -> ApiError {
    ApiError::bad_request("Request body broke off")
}

fn unnamed(kind: FilePart, fault: InvalidFileName) -> ApiError {
    ApiError::bad_request(format_args!("{kind} {fault}"))
}

fn too_large(kind: FilePart) -> ApiError {
    let text = format!("{kind} exceeds the maximum allowed size of {} bytes", kind.largest());
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text)
}
