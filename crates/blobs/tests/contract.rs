//! The rules of the ports, against a folder.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

use std::sync::Arc;

use memcard_blobs::FolderBlobs;
use memcard_domain::ports::{BlobStore, BlobUpkeep};
use memcard_testkit::contract::Fresh;
use tempfile::TempDir;

async fn make_blobs() -> Option<Fresh<dyn BlobStore>> {
    let folder = TempDir::new().unwrap();
    let blobs: Arc<dyn BlobStore> = Arc::new(FolderBlobs::open(folder.path()).unwrap());
    Some(Fresh::new(blobs).kept_by(folder))
}

memcard_testkit::blob_store_contract!(make_blobs);

async fn make_upkeep() -> Option<Fresh<dyn BlobUpkeep>> {
    let folder = TempDir::new().unwrap();
    let blobs: Arc<dyn BlobUpkeep> = Arc::new(FolderBlobs::open(folder.path()).unwrap());
    Some(Fresh::new(blobs).kept_by(folder))
}

memcard_testkit::blob_upkeep_contract!(make_upkeep);
