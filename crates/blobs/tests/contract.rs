//! The rules of the port, over a folder.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

use std::sync::Arc;

use memcard_blobs::FolderBlobs;
use memcard_domain::ports::BlobStore;
use memcard_testkit::contract::Fresh;
use tempfile::TempDir;

async fn make_blobs() -> Option<Fresh<dyn BlobStore>> {
    let folder = TempDir::new().unwrap();
    let blobs: Arc<dyn BlobStore> = Arc::new(FolderBlobs::open(folder.path()).unwrap());
    Some(Fresh::new(blobs).kept_by(folder))
}

memcard_testkit::blob_store_contract!(make_blobs);
