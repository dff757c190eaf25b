//! Folders as version 0 of the format wrote them: `blobs/ab/cd/abcd…`, the bytes and nothing else.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::{noise, read, write};
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::{BlobError, BlobStore as _, BlobUpkeep as _};
use memcard_domain::save::Digest;
use sha2::Digest as _;
use tempfile::TempDir;

fn path_of(root: &TempDir, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    root.path().join("blobs").join(&name[..2]).join(&name[2..4]).join(name)
}

/// Puts bytes where version 0 of the format has them.
fn put(root: &TempDir, bytes: &[u8]) -> Digest {
    let digest = Digest(sha2::Sha256::digest(bytes).into());
    let path = path_of(root, digest);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    digest
}

/// Bytes small and large, and some that look like the header of an object.
fn contents() -> Vec<Vec<u8>> {
    let object = [b"MCB\x1A\x01\x01\0\0\x05\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0", &b"hello"[..]].concat();
    vec![Vec::new(), b"hello".to_vec(), noise(1, 64 << 10), noise(2, 1_000_001), object]
}

#[tokio::test]
async fn blobs_read_back_as_they_were_from_any_offset() {
    let root = TempDir::new().unwrap();
    let digests: Vec<_> = contents().iter().map(|bytes| put(&root, bytes)).collect();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    for (bytes, digest) in contents().iter().zip(digests) {
        assert!(blobs.holds(digest).await.unwrap());
        assert_eq!(blobs.reader(digest, 0).await.unwrap().size(), bytes.len() as u64);
        for offset in [0, 1, 65_536, 131_072, 1_000_000, 2_000_000] {
            let expected = bytes.get(offset..).unwrap_or_default();
            assert!(read(&blobs, digest, offset as u64).await.unwrap() == expected, "from {offset}");
        }
    }
}

#[tokio::test]
async fn blobs_are_listed_counted_removed_and_swept_like_others() {
    let root = TempDir::new().unwrap();
    let mut digests: Vec<_> = contents().iter().map(|bytes| put(&root, bytes)).collect();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    digests.push(write(&blobs, &noise(3, 100_000)).await.unwrap().digest);
    digests.sort_unstable();
    let listed: Vec<_> = blobs.list(None, 100).await.unwrap().into_iter().map(|blob| blob.digest).collect();
    assert_eq!(listed, digests);
    let usage = blobs.usage().await.unwrap();
    assert!(usage.blobs == 6 && usage.bytes > 1_100_000, "{usage:?}");

    blobs.remove(digests[0]).await.unwrap();
    assert!(!blobs.holds(digests[0]).await.unwrap());
    let swept = blobs.sweep(HashSet::from([digests[1]]), Duration::ZERO).await.unwrap();
    assert_eq!(swept.blobs, 4);
    assert!(blobs.holds(digests[1]).await.unwrap());
    assert_eq!(blobs.usage().await.unwrap().blobs, 1);
}

#[tokio::test]
async fn equal_bytes_take_the_place_of_a_blob_and_it_counts_as_new() {
    let root = TempDir::new().unwrap();
    let digests: Vec<_> = contents().iter().map(|bytes| put(&root, bytes)).collect();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    for (bytes, digest) in contents().iter().zip(&digests) {
        assert_eq!(write(&blobs, bytes).await.unwrap().digest, *digest);
        assert!(!path_of(&root, *digest).exists(), "it is there once");
        assert!(read(&blobs, *digest, 0).await.unwrap() == *bytes);
    }
    assert_eq!(blobs.usage().await.unwrap().blobs, digests.len() as u64);
    assert_eq!(blobs.sweep(HashSet::new(), Duration::from_secs(3600)).await.unwrap().blobs, 0);
}

#[tokio::test]
async fn a_damaged_blob_is_not_given_out_from_any_offset_and_equal_bytes_mend_it() {
    let root = TempDir::new().unwrap();
    let bytes = noise(1, 500_000);
    let digest = put(&root, &bytes);
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let mut changed = bytes.clone();
    changed[499_999] ^= 1;
    for wrong in [&changed, &bytes[..400_000], b""] {
        fs::write(path_of(&root, digest), wrong).unwrap();
        for offset in [0, 300_000, 600_000] {
            let read = read(&blobs, digest, offset).await;
            assert!(matches!(read, Err(BlobError::Corrupt(named)) if named == digest), "from {offset}");
        }
    }
    write(&blobs, &bytes).await.unwrap();
    assert!(read(&blobs, digest, 0).await.unwrap() == bytes);
}

#[tokio::test]
async fn a_blob_that_is_cut_while_it_is_read_is_an_error_and_no_end() {
    let root = TempDir::new().unwrap();
    let digest = put(&root, &noise(1, 500_000));
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let mut reader = blobs.reader(digest, 0).await.unwrap();
    fs::OpenOptions::new().write(true).open(path_of(&root, digest)).unwrap().set_len(3).unwrap();
    assert!(matches!(reader.next().await, Err(BlobError::Backend(_))));
}
