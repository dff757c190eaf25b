//! What becomes of files that somebody else changed: bytes are right or they are not given.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{Random, noise, read, write};
use memcard_blobs::FolderBlobs;
use memcard_domain::ports::{BlobError, BlobStore as _, BlobUpkeep as _};
use memcard_domain::save::Digest;
use tempfile::TempDir;

const HEADER: usize = 24;

/// Where it is in a packed file; its bit 4, which is the one that is changed, means nothing.
const FRAME_DESCRIPTOR: usize = HEADER + 4;

fn path_of(root: &TempDir, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    root.path().join("blobs").join(&name[..2]).join(format!("{name}.blob"))
}

fn chunks(root: &TempDir) -> Vec<PathBuf> {
    let names =
        |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut chunks: Vec<_> =
        names(&root.path().join("chunks")).iter().flat_map(|shard| names(shard)).collect();
    chunks.sort();
    chunks
}

/// Bytes of which some chunks are packed and others are not.
fn mixed() -> Vec<u8> {
    [noise(1, 100_000), b"to be or not to be, ".repeat(5_000), noise(2, 100_000)].concat()
}

fn is_corrupt(read: &Result<Vec<u8>, BlobError>, digest: Digest) -> bool {
    matches!(read, Err(BlobError::Corrupt(named)) if *named == digest)
}

/// Changes one bit of the file, and checks that the blob is not given out wrong.
async fn flip(blobs: &FolderBlobs, file: &Path, place: usize, digest: Digest, bytes: &[u8]) {
    let right = fs::read(file).unwrap();
    let mut wrong = right.clone();
    wrong[place] ^= 1 << (place % 8);
    fs::write(file, wrong).unwrap();
    let read = read(blobs, digest, 0).await;
    let is_packed = right[6] == 1;
    match place {
        // A later version, for all one can tell.
        4 => assert!(matches!(read, Err(BlobError::Backend(_))), "{}: {read:?}", file.display()),
        // Reserved: in the header for later versions, and in a zstd frame's descriptor (RFC 8878, 3.1.1.1.1.3).
        7 => assert!(read.is_ok_and(|read| read == bytes)),
        FRAME_DESCRIPTOR if is_packed => assert!(read.is_ok_and(|read| read == bytes)),
        _ => assert!(is_corrupt(&read, digest), "{} at {place}", file.display()),
    }
    fs::write(file, right).unwrap();
}

#[tokio::test]
async fn a_changed_bit_anywhere_in_a_small_blob_is_noticed() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    for bytes in [b"hello".to_vec(), b"to be or not to be, ".repeat(100)] {
        let digest = write(&blobs, &bytes).await.unwrap().digest;
        let file = path_of(&root, digest);
        for place in 0..fs::metadata(&file).unwrap().len() as usize {
            flip(&blobs, &file, place, digest, &bytes).await;
        }
    }
}

#[tokio::test]
async fn a_changed_bit_anywhere_in_a_large_blob_is_noticed() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let bytes = mixed();
    let digest = write(&blobs, &bytes).await.unwrap().digest;
    let mut random = Random(1);
    for file in [vec![path_of(&root, digest)], chunks(&root)].concat() {
        let size = fs::metadata(&file).unwrap().len() as usize;
        for place in (0..HEADER).chain((0..20).map(|_| HEADER + random.below(size - HEADER))) {
            flip(&blobs, &file, place, digest, &bytes).await;
        }
    }
    assert!(read(&blobs, digest, 0).await.unwrap() == bytes, "all is as it was");
}

#[tokio::test]
async fn files_that_are_cut_gone_or_another_s_are_noticed_from_any_offset() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let digest = write(&blobs, &mixed()).await.unwrap().digest;
    let other = write(&blobs, &noise(3, 300_000)).await.unwrap().digest;
    let manifest = path_of(&root, digest);
    let others_manifest = fs::read(path_of(&root, other)).unwrap();
    let (last, others_chunk) = {
        let mut chunks = chunks(&root);
        let end = &mixed()[mixed().len() - 100..];
        let place = chunks.iter().position(|chunk| fs::read(chunk).unwrap().ends_with(end)).unwrap();
        (chunks.remove(place), fs::read(&chunks[0]).unwrap())
    };
    for (file, others) in [(manifest, others_manifest), (last, others_chunk)] {
        let right = fs::read(&file).unwrap();
        let cut = right[..right.len() / 2].to_vec();
        for wrong in [Some(cut), Some(Vec::new()), Some(vec![0; right.len()]), Some(others), None] {
            match &wrong {
                Some(wrong) => fs::write(&file, wrong).unwrap(),
                None if file.extension().is_some() => continue,
                None => fs::remove_file(&file).unwrap(),
            }
            for offset in [0, 250_000] {
                let read = read(&blobs, digest, offset).await;
                assert!(is_corrupt(&read, digest), "{} from {offset}: {wrong:?}", file.display());
            }
        }
        fs::write(&file, right).unwrap();
    }
}

#[tokio::test]
async fn damage_that_comes_while_a_blob_is_read_is_an_error_and_no_end() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let bytes = noise(1, 2_000_000);
    let digest = write(&blobs, &bytes).await.unwrap().digest;
    let mut reader = blobs.reader(digest, 0).await.unwrap();
    let first = reader.next().await.unwrap().unwrap();
    assert_eq!(first, bytes[..first.len()]);
    for chunk in chunks(&root) {
        fs::write(chunk, "").unwrap();
    }
    let failed = loop {
        match reader.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("an end"),
            Err(error) => break error,
        }
    };
    assert!(matches!(failed, BlobError::Corrupt(named) if named == digest), "{failed:?}");
}

#[tokio::test]
async fn equal_bytes_mend_what_is_damaged() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    for bytes in [b"hello".to_vec(), mixed()] {
        let digest = write(&blobs, &bytes).await.unwrap().digest;
        for file in [vec![path_of(&root, digest)], chunks(&root)].concat() {
            let size = fs::metadata(&file).unwrap().len() as usize;
            for wrong in [Vec::new(), vec![0; size], fs::read(&file).unwrap()[..size - 1].to_vec()] {
                fs::write(&file, wrong).unwrap();
                assert!(is_corrupt(&read(&blobs, digest, 0).await, digest));
                write(&blobs, &bytes).await.unwrap();
                assert!(read(&blobs, digest, 0).await.unwrap() == bytes, "{}", file.display());
            }
        }
    }
}

#[tokio::test]
async fn chunks_go_with_no_sweep_while_a_blob_is_too_damaged_to_tell_its_own() {
    let root = TempDir::new().unwrap();
    let blobs = FolderBlobs::open(root.path()).unwrap();
    let digest = write(&blobs, &mixed()).await.unwrap().digest;
    let other = write(&blobs, &noise(3, 300_000)).await.unwrap().digest;
    blobs.remove(other).await.unwrap();
    let before = chunks(&root);
    let manifest = path_of(&root, digest);
    let right = fs::read(&manifest).unwrap();

    for wrong in [&right[..10], &right[..100], b""] {
        fs::write(&manifest, wrong).unwrap();
        let swept = blobs.sweep(HashSet::from([digest]), Duration::ZERO).await.unwrap();
        assert_eq!((swept.blobs, swept.bytes, swept.damaged), (0, 0, vec![digest]));
        assert_eq!(chunks(&root), before);
    }
    fs::write(&manifest, right).unwrap();
    let swept = blobs.sweep(HashSet::from([digest]), Duration::ZERO).await.unwrap();
    assert!(swept.bytes > 300_000 && swept.damaged.is_empty(), "{swept:?}");
    assert!(read(&blobs, digest, 0).await.unwrap() == mixed());

    fs::write(&manifest, "").unwrap();
    let swept = blobs.sweep(HashSet::new(), Duration::ZERO).await.unwrap();
    assert_eq!((swept.blobs, swept.damaged.len()), (1, 0), "what nobody needs may be as damaged as it likes");
    assert!(chunks(&root).is_empty());
}
