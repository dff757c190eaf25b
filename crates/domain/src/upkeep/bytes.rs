//! Whether bytes are there and intact, and whether something names them.

use std::time::Duration;

use super::{Checked, Finding, NamedBy, PAGE, UpkeepError, named_digests};
use crate::ports::{BlobError, BlobUpkeep, StoreError, StoredBlob, UnitOfWork, UnitOfWorkExt as _};
use crate::save::Digest;

/// Reads all bytes that rows name.
pub(super) async fn check_named(
    store: &dyn UnitOfWork,
    blobs: &dyn BlobUpkeep,
    checked: &mut Checked,
    report: &mut (dyn FnMut(Finding) + Send),
) -> Result<(), UpkeepError> {
    let mut last = None;
    loop {
        let page = named_digests(store, last).await?;
        last = page.last().copied();
        if last.is_none() {
            return Ok(());
        }
        for digest in page {
            checked.contents += 1;
            match read(blobs, digest).await {
                Ok(size) => checked.bytes += size,
                Err(error) => report(fault(digest, naming(store, digest).await?, &error)),
            }
        }
    }
}

/// Looks for blobs that nothing names.
pub(super) async fn check_unused(
    store: &dyn UnitOfWork,
    blobs: &dyn BlobUpkeep,
    grace: Duration,
    report: &mut (dyn FnMut(Finding) + Send),
) -> Result<(), UpkeepError> {
    let mut last = None;
    loop {
        let page = blobs.list(last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(end.digest);
        let old: Vec<StoredBlob> = page.into_iter().filter(|blob| blob.age >= grace).collect();
        let unused = store.read(move |tx| {
            let mut unused = Vec::new();
            for blob in old {
                if tx.upkeep().naming(blob.digest)?.is_empty() {
                    unused.push(blob);
                }
            }
            Ok::<_, StoreError>(unused)
        });
        for StoredBlob { digest, age } in unused.await? {
            report(Finding::Unused { digest, age });
        }
    }
}

/// Reads a blob to its end; gives its size.
async fn read(blobs: &dyn BlobUpkeep, digest: Digest) -> Result<u64, BlobError> {
    let mut reader = blobs.reader(digest, 0).await?;
    let mut size = 0;
    while let Some(bytes) = reader.next().await? {
        size += bytes.len() as u64;
    }
    Ok(size)
}

async fn naming(store: &dyn UnitOfWork, digest: Digest) -> Result<Vec<NamedBy>, StoreError> {
    store.read(move |tx| tx.upkeep().naming(digest)).await
}

fn fault(digest: Digest, named_by: Vec<NamedBy>, error: &BlobError) -> Finding {
    match error {
        BlobError::Missing(_) => Finding::Missing { digest, named_by },
        BlobError::Corrupt(_) => Finding::Damaged { digest, named_by },
        BlobError::Full(source) | BlobError::Backend(source) => {
            Finding::Unreadable { digest, named_by, cause: source.to_string() }
        }
    }
}
