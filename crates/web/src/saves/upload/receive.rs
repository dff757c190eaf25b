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
use super::framing::Framing;
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
    let body = Metered::new(body, limit);
    let mut framing = Framing::new(request, body.received());
    let mut parts = Multipart::new(request.headers(), body);
    let mut save = None;
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| refusal(&error, limit))?;
        framing.begin(&part);
        count += 1;
        if count > MOST_PARTS {
            return Err(ApiError::bad_request("Request body has too many parts"));
        }
        if part.name() != Some(SAVE_PART) {
            drain(part, &mut framing, limit).await?;
        } else if save.is_none() {
            save = Some(write(part, blobs, &mut framing, limit).await?);
        } else {
            return Err(invalid_save_part("value_error", "Only one save is taken"));
        }
    }
    if framing.hides_bytes() {
        return Err(ApiError::bad_request("Malformed multipart body: a part is longer than it announced"));
    }
    let (file_name, writer) = save.ok_or_else(|| invalid_save_part("missing", "Field required"))?;
    Ok(ReceivedSave { file_name, content: writer.finish().await? })
}

async fn write(
    mut part: Field,
    blobs: &dyn BlobStore,
    framing: &mut Framing,
    limit: u64,
) -> Result<(FileName, Box<dyn BlobWriter>), ApiError> {
    let disposition = part.headers().get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
    let sent = disposition.and_then(sent_file_name).unwrap_or_default();
    let file_name = FileName::new(&sent).map_err(ApiError::bad_request)?;

    let mut writer = blobs.writer().await?;
    let mut block = BytesMut::with_capacity(BLOCK);
    while let Some(chunk) = next_chunk(&mut part, framing, limit).await? {
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

async fn drain(mut part: Field, framing: &mut Framing, limit: u64) -> Result<(), ApiError> {
    while next_chunk(&mut part, framing, limit).await?.is_some() {}
    Ok(())
}

async fn next_chunk(part: &mut Field, framing: &mut Framing, limit: u64) -> Result<Option<Bytes>, ApiError> {
    let chunk = part.next().await.transpose().map_err(|error| refusal(&error, limit))?;
    framing.receive(chunk.as_deref().unwrap_or_default());
    Ok(chunk)
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

#[cfg(test)]
mod tests {
    use actix_web::dev;
    use actix_web::http::header::CONTENT_TYPE;
    use actix_web::test::TestRequest;
    use actix_web::{FromRequest as _, ResponseError as _};
    use futures_util::Stream;
    use futures_util::stream::{self, pending};
    use memcard_domain::ports::{BlobError, BlobReader, BoxFuture};
    use memcard_domain::save::Digest;

    use super::*;

    const BEGUN: &str =
        "--b\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"a.srm\"\r\n\r\nbytes";

    type Chunk = Result<Bytes, PayloadError>;

    async fn refuse(body: impl Stream<Item = Chunk> + 'static, blobs: &dyn BlobStore) -> StatusCode {
        let request = TestRequest::post()
            .insert_header((CONTENT_TYPE, "multipart/form-data; boundary=b"))
            .to_http_request();
        let mut payload = dev::Payload::from(Box::pin(body) as std::pin::Pin<Box<dyn Stream<Item = Chunk>>>);
        let body = Payload::from_request(&request, &mut payload).await.unwrap();
        match receive(&request, body, blobs, 1_000_000).await {
            Err(refusal) => refusal.status_code(),
            Ok(received) => panic!("received {:?}", received.content),
        }
    }

    fn begun() -> impl Stream<Item = Chunk> {
        stream::iter([Ok(Bytes::from_static(BEGUN.as_bytes()))])
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_is_given_up_and_its_blob_is_never_finished() {
        assert_eq!(refuse(begun().chain(pending()), &Unfinished).await, 408);
        assert_eq!(refuse(pending(), &Unfinished).await, 408);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused_and_its_blob_is_never_finished() {
        let reset = stream::iter([Err(PayloadError::Io(io::ErrorKind::ConnectionReset.into()))]);
        assert_eq!(refuse(begun().chain(reset), &Unfinished).await, 400);
        assert_eq!(
            refuse(begun().chain(stream::iter([Err(PayloadError::Incomplete(None))])), &Unfinished).await,
            400
        );
    }

    #[tokio::test]
    async fn a_part_that_is_longer_than_it_announced_is_refused_and_never_cut() {
        let body = |announced: usize| {
            let body = format!(
                "--b\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"a.srm\"\r\n\
                 Content-Length: {announced}\r\n\r\n0123456789\r\n--b--\r\n"
            );
            stream::iter([Ok(Bytes::from(body))])
        };
        for announced in [0, 1, 9] {
            assert_eq!(refuse(body(announced), &Unfinished).await, 400, "{announced}");
        }
        // One that tells the truth gets as far as a blob that fails.
        assert_eq!(refuse(body(10), &Failing(|| BlobError::Full("full".into()))).await, 507);
    }

    #[tokio::test]
    async fn a_full_store_is_told_apart_from_a_broken_one() {
        assert_eq!(refuse(begun(), &Failing(|| BlobError::Full("full".into()))).await, 507);
        assert_eq!(refuse(begun(), &Failing(|| BlobError::Backend("broken".into()))).await, 500);
    }

    /// Takes bytes and is never told that they are all.
    struct Unfinished;

    /// Fails at once.
    struct Failing(fn() -> BlobError);

    impl BlobStore for Unfinished {
        fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
            Box::pin(async { Ok(Box::new(Self) as Box<dyn BlobWriter>) })
        }

        fn reader(&self, digest: Digest, _: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
            Box::pin(async move { Err(BlobError::Missing(digest)) })
        }

        fn holds(&self, _: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
            Box::pin(async { Ok(false) })
        }

        fn remove(&self, _: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
            Box::pin(async { Ok(()) })
        }
    }

    impl BlobWriter for Unfinished {
        fn write(&mut self, _: Bytes) -> BoxFuture<'_, Result<(), BlobError>> {
            Box::pin(async { Ok(()) })
        }

        fn finish(self: Box<Self>) -> BoxFuture<'static, Result<Content, BlobError>> {
            Box::pin(async { panic!("the blob was finished") })
        }
    }

    impl BlobStore for Failing {
        fn writer(&self) -> BoxFuture<'_, Result<Box<dyn BlobWriter>, BlobError>> {
            Box::pin(async { Err((self.0)()) })
        }

        fn reader(&self, _: Digest, _: u64) -> BoxFuture<'_, Result<Box<dyn BlobReader>, BlobError>> {
            Box::pin(async { Err((self.0)()) })
        }

        fn holds(&self, _: Digest) -> BoxFuture<'_, Result<bool, BlobError>> {
            Box::pin(async { Err((self.0)()) })
        }

        fn remove(&self, _: Digest) -> BoxFuture<'_, Result<(), BlobError>> {
            Box::pin(async { Err((self.0)()) })
        }
    }
}
