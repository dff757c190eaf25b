//! What may fail, and where it may take its time.

use std::io;
use std::panic::resume_unwind;

use memcard_domain::ports::BlobError;
use memcard_domain::save::Digest;

use crate::object::Unreadable;

/// Sorts an I/O error by what the caller can do about it.
pub(crate) fn failed(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BlobError::Full(error.into()),
        _ => BlobError::Backend(error.into()),
    }
}

/// Sorts what is wrong with a file of that blob.
pub(crate) fn unreadable(fault: Unreadable, blob: Digest) -> BlobError {
    match fault {
        Unreadable::Damaged => BlobError::Corrupt(blob),
        Unreadable::Newer(_) => BlobError::Backend(fault.into()),
    }
}

/// Runs work on files where it may block. It runs to its end even if the future is dropped.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
        Err(ended) => Err(BlobError::Backend(ended.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_spent_quota_are_full() {
        const ENOSPC: i32 = 28;
        const EDQUOT: i32 = 122;
        const EIO: i32 = 5;
        for code in [ENOSPC, EDQUOT] {
            assert!(matches!(failed(io::Error::from_raw_os_error(code)), BlobError::Full(_)), "{code}");
        }
        assert!(matches!(failed(io::Error::from_raw_os_error(EIO)), BlobError::Backend(_)));
    }

    #[test]
    fn a_file_of_a_later_version_is_not_damaged() {
        let blob = Digest([1; 32]);
        assert!(matches!(unreadable(Unreadable::Damaged, blob), BlobError::Corrupt(named) if named == blob));
        assert!(matches!(unreadable(Unreadable::Newer(2), blob), BlobError::Backend(_)));
    }
}
