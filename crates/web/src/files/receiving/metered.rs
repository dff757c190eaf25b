//! A request's body under watch: how large it gets and how slowly it comes.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a body may take besides what its size allows.
const GRACE: Duration = Duration::from_secs(60);
/// How many bytes a second a body must bring on average. A stalled body ends by it too.
const SLOWEST: u64 = 1024;

/// Passes a body's chunks on. It ends with an error of kind [`io::ErrorKind::FileTooLarge`] where the body has more
/// than `limit` bytes, announced or not, and [`io::ErrorKind::TimedOut`] where it comes too slowly.
pub(super) struct Metered<S> {
    body: S,
    limit: u64,
    received: Rc<Cell<u64>>,
    begun: Instant,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Metered<S> {
    pub(super) fn new(body: S, limit: u64) -> Self {
        let begun = Instant::now();
        Self { body, limit, received: Rc::default(), begun, deadline: Box::pin(sleep_until(begun + GRACE)) }
    }

    /// How many bytes came so far: read on while somebody else reads the body.
    pub(super) fn received(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.received)
    }

    /// Takes note of what came; more bytes allow more time.
    fn receive(&mut self, chunk: &Bytes) -> Result<(), PayloadError> {
        let received = self.received.get() + chunk.len() as u64;
        self.received.set(received);
        if received > self.limit {
            return Err(PayloadError::Io(io::ErrorKind::FileTooLarge.into()));
        }
        let allowed = GRACE + Duration::from_secs(received / SLOWEST);
        self.deadline.as_mut().reset(self.begun + allowed);
        Ok(())
    }
}

impl<S> Stream for Metered<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => Poll::Ready(Some(self.receive(&chunk).map(|()| chunk))),
            Poll::Pending => self
                .deadline
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into())))),
            ended => ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use tokio::sync::mpsc;

    use super::*;

    fn kind(error: &PayloadError) -> io::ErrorKind {
        match error {
            PayloadError::Io(error) => error.kind(),
            other => panic!("{other}"),
        }
    }

    fn body_of(chunks: Vec<Bytes>) -> impl Stream<Item = Result<Bytes, PayloadError>> + Unpin {
        stream::iter(chunks.into_iter().map(Ok))
    }

    #[tokio::test]
    async fn a_body_ends_with_the_first_byte_above_its_limit() {
        let exact = Metered::new(body_of(vec![Bytes::from_static(b"1234"), Bytes::from_static(b"5678")]), 8);
        assert!(exact.map(|chunk| chunk.is_ok()).all(async |is_ok| is_ok).await);

        let mut over =
            Metered::new(body_of(vec![Bytes::from_static(b"1234"), Bytes::from_static(b"56789")]), 8);
        assert!(over.next().await.unwrap().is_ok());
        assert_eq!(kind(&over.next().await.unwrap().unwrap_err()), io::ErrorKind::FileTooLarge);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_or_trickles_ends() {
        let mut stalled = Metered::new(stream::pending(), u64::MAX);
        let begun = Instant::now();
        assert_eq!(kind(&stalled.next().await.unwrap().unwrap_err()), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed(), GRACE);

        let trickle = stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_secs(10)).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        });
        let mut trickle = Metered::new(Box::pin(trickle), u64::MAX);
        let error = loop {
            if let Err(error) = trickle.next().await.unwrap() {
                break error;
            }
        };
        assert_eq!(kind(&error), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_that_keeps_coming_is_taken_whole() {
        let (sender, receiver) = mpsc::channel(1);
        let chunks = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
        let sending = async move {
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_secs(30)).await;
                sender.send(Ok(Bytes::from(vec![0; 64 * 1024]))).await.unwrap();
            }
        };
        let receiving = Metered::new(Box::pin(chunks), u64::MAX).collect::<Vec<_>>();
        let (chunks, ()) = tokio::join!(receiving, sending);
        assert_eq!(chunks.iter().filter(|chunk| chunk.is_ok()).count(), 100);
        assert_eq!(chunks.len(), 100);
    }
}
