//! Bodies of downloads.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody, SizedStream};
use actix_web::web::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, LocalBoxStream, StreamExt as _, TryStreamExt as _};
use memcard_domain::ports::{BlobReader, LibraryBytes};

/// Bytes as they are read, wherever from.
pub(super) type Chunks = LocalBoxStream<'static, Result<Bytes, Box<dyn StdError>>>;

/// The bytes of a blob.
pub(super) fn chunks_of_blob(reader: Box<dyn BlobReader>) -> Chunks {
    let next = async |mut reader: Box<dyn BlobReader>| Ok(reader.next().await?.map(|bytes| (bytes, reader)));
    stream::try_unfold(reader, next).boxed_local()
}

/// Bytes of the library.
pub(super) fn chunks_of_library(reader: Box<dyn LibraryBytes>) -> Chunks {
    let next =
        async |mut reader: Box<dyn LibraryBytes>| Ok(reader.next().await?.map(|bytes| (bytes, reader)));
    stream::try_unfold(reader, next).boxed_local()
}

/// No bytes.
pub(super) fn nothing() -> Chunks {
    stream::empty().boxed_local()
}

/// A body of a length that shows at its end.
pub(super) fn streamed(chunks: Chunks) -> BoxBody {
    BoxBody::new(BodyStream::new(chunks))
}

/// Bytes on their way whose number is known.
pub(super) struct Sending {
    chunks: Chunks,
    length: u64,
    left: u64,
    once_sent: Option<LocalBoxFuture<'static, ()>>,
}

impl Sending {
    /// Everything, and what is done once it was sent.
    pub(super) fn whole(chunks: Chunks, length: u64, once_sent: Option<LocalBoxFuture<'static, ()>>) -> Self {
        Self { chunks, length, left: length, once_sent }
    }

    /// The next `length` bytes.
    pub(super) fn part(chunks: Chunks, length: u64) -> Self {
        Self { chunks, length, left: length, once_sent: None }
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

    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Box<dyn StdError>> {
        if self.left == 0 {
            self.end().await;
            return Ok(None);
        }
        // The status is sent: the connection is all that can still tell the client.
        let next = self
            .chunks
            .try_next()
            .await
            .inspect_err(|error| tracing::error!(%error, "a download is broken off"));
        let Some(mut chunk) = next? else {
            return Err("there are fewer bytes than were announced".into());
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
