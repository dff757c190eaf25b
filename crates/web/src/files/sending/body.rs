//! Bodies of downloads.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream};
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;
use memcard_domain::ports::{BlobError, BlobReader};

/// The bytes of a blob on their way.
pub(super) struct Sending {
    reader: Box<dyn BlobReader>,
    length: u64,
    left: u64,
    once_sent: Option<LocalBoxFuture<'static, ()>>,
}

impl Sending {
    /// A whole blob of that length, and what is done once it was sent.
    pub(super) fn whole(
        reader: Box<dyn BlobReader>,
        length: u64,
        once_sent: Option<LocalBoxFuture<'static, ()>>,
    ) -> Self {
        Self { reader, length, left: length, once_sent }
    }

    /// The next `length` bytes of a blob.
    pub(super) fn part(reader: Box<dyn BlobReader>, length: u64) -> Self {
        Self { reader, length, left: length, once_sent: None }
    }

    /// The body. One without bytes is never asked for any, so that it counts as sent here.
    pub(super) async fn into_body(mut self) -> BoxBody {
        if self.length == 0 {
            self.end().await;
        }
        let length = self.length;
        let chunks = stream::try_unfold(self, Self::next);
        BoxBody::new(SizedStream::new(length, Box::pin(chunks)))
    }

    async fn next(mut self) -> Result<Option<(Bytes, Self)>, BlobError> {
        if self.left == 0 {
            self.end().await;
            return Ok(None);
        }
        // The status is sent: the connection is all that can still tell the client.
        let next =
            self.reader.next().await.inspect_err(|error| tracing::error!(%error, "a download is broken off"));
        let Some(mut chunk) = next? else {
            return Err(BlobError::Backend("the blob is shorter than its record says".into()));
        };
        chunk.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= chunk.len() as u64;
        Ok(Some((chunk, self)))
    }

    /// The last chunk was taken: the connection has had its turn to send before this is asked for more.
    async fn end(&mut self) {
        let Some(once_sent) = self.once_sent.take() else { return };
        tokio::task::yield_now().await;
        once_sent.await;
    }
}

/// The body of an answer to `HEAD`: it has a length and no bytes.
pub(super) struct Measured(pub(super) u64);

impl MessageBody for Measured {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
