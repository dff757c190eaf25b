//! Looking after what is kept: whether everything is as it was promised to be, and collecting bytes that nothing names.
//!
//! Both work page by page, so that memory does not grow with what is kept; only a sweep holds all digests that are named, 32
//! bytes each.

mod bytes;
mod finding;
mod slots;

use std::collections::HashSet;
use std::time::Duration;

use thiserror::Error;

use crate::ids::{SaveId, ScreenshotId, StateId};
use crate::ports::{BlobError, BlobUpkeep, StoreError, Swept, UnitOfWork, UnitOfWorkExt as _};
use crate::save::Digest;

pub use finding::{BaseFault, Finding, Need};

/// What names bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// A save, by its row.
    Save(SaveId),
    /// A state.
    State(StateId),
    /// A screenshot.
    Screenshot(ScreenshotId),
}

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// The number of slots, states' histories included.
    pub slots: u64,
    /// The number of versions in them.
    pub versions: u64,
    /// The number of different contents that rows name.
    pub contents: u64,
    /// The bytes in them.
    pub bytes: u64,
}

/// The store or the blobs could not be asked.
#[derive(Debug, Error)]
pub enum UpkeepError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The blobs.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// Nothing that is stored has a name: more likely the store is not the one whose bytes these are.
    #[error("nothing names any of the stored bytes: is this the right database?")]
    NothingNamed,
}

/// How many rows or blobs are looked at in one go.
const PAGE: usize = 256;

/// Reads everything that is kept, and reports what is wrong, as it is found: promises P1 and P8 (bytes that rows name are
/// there and intact), and what the rules say of heads, histories and bases. Changes nothing. Blobs that nothing names are
/// reported once they are older than `grace`.
///
/// # Errors
/// See [`UpkeepError`]. A blob that cannot be read is a finding and no error.
pub async fn verify(
    store: &dyn UnitOfWork,
    blobs: &dyn BlobUpkeep,
    grace: Duration,
    report: &mut (dyn FnMut(Finding) + Send),
) -> Result<Checked, UpkeepError> {
    let mut checked = Checked::default();
    slots::check(store, &mut checked, report).await?;
    bytes::check_named(store, blobs, &mut checked, report).await?;
    bytes::check_unused(store, blobs, grace, report).await?;
    Ok(checked)
}

/// Removes blobs that nothing names and that were finished at least `grace` before. Uploads and downloads may be under way:
/// `grace` has to be longer than it takes from the end of a file's bytes to the commit of its row, and than this takes to
/// ask the store.
///
/// # Errors
/// [`UpkeepError::NothingNamed`] if it would remove everything; otherwise some of the work may be done.
pub async fn sweep(
    store: &dyn UnitOfWork,
    blobs: &dyn BlobUpkeep,
    grace: Duration,
) -> Result<Swept, UpkeepError> {
    let mut named = HashSet::new();
    let mut last = None;
    loop {
        let page = named_digests(store, last).await?;
        last = page.last().copied();
        if last.is_none() {
            break;
        }
        named.extend(page);
    }
    if is_anything_named(blobs, &named).await? {
        Ok(blobs.sweep(named, grace).await?)
    } else {
        Err(UpkeepError::NothingNamed)
    }
}

/// Whether something that is stored is named, or nothing is stored.
async fn is_anything_named(blobs: &dyn BlobUpkeep, named: &HashSet<Digest>) -> Result<bool, BlobError> {
    let mut last = None;
    loop {
        let page = blobs.list(last, PAGE).await?;
        let Some(end) = page.last() else { return Ok(last.is_none()) };
        if page.iter().any(|blob| named.contains(&blob.digest)) {
            return Ok(true);
        }
        last = Some(end.digest);
    }
}

async fn named_digests(store: &dyn UnitOfWork, after: Option<Digest>) -> Result<Vec<Digest>, StoreError> {
    store.read(move |tx| tx.upkeep().named_digests(after, PAGE)).await
}
