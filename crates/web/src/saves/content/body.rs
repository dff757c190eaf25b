//! Bodies of downloads.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream};
use actix_web::web::Bytes;
use futures_util::stream;
use memcard_domain::ids::{DeviceId, SessionId, UserId, VersionId};
use memcard_domain::ports::{BlobError, BlobReader, Ports, UnitOfWorkExt as _};
use memcard_domain::save::{self, DownloadMode};

/// The bytes of a blob on their way.
pub(super) struct Sending {
    reader: Box<dyn BlobReader>,
    length: u64,
    left: u64,
    delivery: Option<Delivery>,
}

/// To whom a whole body goes.
pub(super) struct Delivery {
    pub(super) ports: Ports,
    pub(super) user: UserId,
    pub(super) device: DeviceId,
    pub(super) version: VersionId,
    pub(super) session: Option<SessionId>,
    pub(super) mode: DownloadMode,
}

impl Sending {
    /// A whole blob of that length; once it was sent, its delivery is noted.
    pub(super) fn whole(reader: Box<dyn BlobReader>, length: u64, delivery: Option<Delivery>) -> Self {
        Self { reader, length, left: length, delivery }
    }

    /// The next `length` bytes of a blob.
    pub(super) fn part(reader: Box<dyn BlobReader>, length: u64) -> Self {
        Self { reader, length, left: length, delivery: None }
    }

    /// The body. One without bytes is never asked for any, so that its delivery is noted here.
    pub(super) async fn into_body(mut self) -> BoxBody {
        if self.length == 0 {
            self.note_delivery().await;
        }
        let length = self.length;
        let chunks = stream::try_unfold(self, Self::next);
        BoxBody::new(SizedStream::new(length, Box::pin(chunks)))
    }

    async fn next(mut self) -> Result<Option<(Bytes, Self)>, BlobError> {
        if self.left == 0 {
            self.note_delivery().await;
            return Ok(None);
        }
        let Some(mut chunk) = self.reader.next().await? else {
            return Err(BlobError::Backend("the blob is shorter than its record says".into()));
        };
        chunk.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= chunk.len() as u64;
        Ok(Some((chunk, self)))
    }

    /// The last chunk was taken: the connection has had its turn to send before this is asked for more.
    async fn note_delivery(&mut self) {
        let Some(delivery) = self.delivery.take() else { return };
        tokio::task::yield_now().await;
        if let Err(error) = delivery.note().await {
            tracing::warn!(%error, "a delivery could not be noted");
        }
    }
}

impl Delivery {
    async fn note(self) -> Result<(), memcard_domain::ports::StoreError> {
        let Self { ports, user, device, version, session, mode } = self;
        let now = ports.clock.now();
        ports.store.transact(move |tx| save::delivered(tx, now, user, device, version, session, mode)).await
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
