//! Work that waits for a disk, off the runtime's threads.

use memcard_domain::ports::LibraryError;

use crate::root::unreadable;

/// Runs it on a thread that may block. A panic goes on in the caller.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, LibraryError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, LibraryError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
        Err(ended) => Err(unreadable(ended)),
    }
}
