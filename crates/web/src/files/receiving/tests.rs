//! Bodies that are refused halfway: nothing of them is kept.

use std::io;

use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest as _, ResponseError as _, dev};
use futures_util::stream::{self, pending};
use futures_util::{Stream, StreamExt as _};
use memcard_domain::ports::{BlobError, BlobReader, BlobStore, BlobWriter, BoxFuture};
use memcard_domain::save::{Content, Digest};

use super::FilePart;
use super::reception::Reception;

const BEGUN: &str =
    "--b\r\nContent-Disposition: form-data; name=\"saveFile\"; filename=\"a.srm\"\r\n\r\nbytes";

type Chunk = Result<Bytes, PayloadError>;

async fn refuse(body: impl Stream<Item = Chunk> + 'static, blobs: &dyn BlobStore) -> StatusCode {
    let request = TestRequest::post()
        .insert_header((CONTENT_TYPE, "multipart/form-data; boundary=b"))
        .to_http_request();
    let mut payload = dev::Payload::from(Box::pin(body) as std::pin::Pin<Box<dyn Stream<Item = Chunk>>>);
    let body = Payload::from_request(&request, &mut payload).await.unwrap();
    let received = match Reception::begin(&request, body, 1_000_000, &[FilePart::Save]) {
        Ok(reception) => reception.run(blobs).await,
        Err(refusal) => Err(refusal),
    };
    match received {
        Err(refusal) => refusal.status_code(),
        Ok(_) => panic!("the body was received"),
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
