//! Rules of [`BlobStore`].

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use memcard_domain::ports::{BlobError, BlobStore, BlobWriter};
use memcard_domain::save::{Content, Digest, Fill};
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{race, suite};

suite! { $
    /// Hooks the rules of [`BlobStore`](memcard_domain::ports::BlobStore). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn BlobStore>>`.
    blob_store_contract: blobs over dyn memcard_domain::ports::BlobStore {
        bytes_read_back_whatever_their_size_and_chunks,
        a_blob_is_read_from_any_offset_and_says_its_whole_size,
        a_blob_is_there_from_its_finish_to_its_removal,
        a_blob_that_is_not_there_is_missing,
        equal_bytes_are_stored_once,
        a_writer_that_is_dropped_leaves_nothing,
        a_writer_that_is_dropped_leaves_an_equal_blob_alone,
        removing_a_blob_leaves_the_others_and_it_may_come_back,
        of_16_writers_of_equal_bytes_all_succeed,
        writers_at_once_do_not_mix_their_bytes,
        what_bytes_are_filled_with_is_told,
        the_content_hash_is_that_of_the_contract,
        an_unreadable_zip_is_kept_without_content_hash,
    }
}

pub(super) type Blobs = Arc<dyn BlobStore>;

/// Bytes that look like nothing: each depends on its place.
pub(super) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..size).map(|_| next()).collect()
}

pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

async fn writer(blobs: &Blobs) -> Box<dyn BlobWriter> {
    blobs.writer().await.expect("a writer")
}

async fn write_chunks(writer: &mut dyn BlobWriter, bytes: &[u8], chunk: usize) {
    for chunk in bytes.chunks(chunk) {
        writer.write(Bytes::copy_from_slice(chunk)).await.expect("it takes the bytes");
    }
}

pub(super) async fn write(blobs: &Blobs, bytes: &[u8]) -> Content {
    let mut writer = writer(blobs).await;
    write_chunks(&mut *writer, bytes, 100_003).await;
    writer.finish().await.expect("it finishes")
}

/// The blob's bytes from `offset` on, and its size.
pub(super) async fn read(blobs: &Blobs, digest: Digest, offset: u64) -> (Vec<u8>, u64) {
    let mut reader = blobs.reader(digest, offset).await.expect("it is there");
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next().await.expect("it can be read") {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(reader.next().await.expect("the end stays the end"), None);
    (bytes, reader.size())
}

pub(super) async fn holds(blobs: &Blobs, digest: Digest) -> bool {
    blobs.holds(digest).await.expect("the store answers")
}

pub(super) async fn remove(blobs: &Blobs, digest: Digest) {
    blobs.remove(digest).await.expect("the store answers");
}

async fn bytes_read_back_whatever_their_size_and_chunks(blobs: Blobs) {
    for (size, chunk) in [
        (0, 1),
        (1, 1),
        (100, 7),
        (65_535, 4096),
        (65_536, 65_536),
        (65_537, 1000),
        (3 << 20, 3 << 20),
        ((5 << 20) + 17, 65_537),
    ] {
        let bytes = noise(size);
        let mut writer = writer(&blobs).await;
        writer.write(Bytes::new()).await.expect("an empty chunk changes nothing");
        write_chunks(&mut *writer, &bytes, chunk).await;
        writer.write(Bytes::new()).await.expect("an empty chunk changes nothing");
        let content = writer.finish().await.expect("it finishes");
        assert_eq!((content.digest, content.size), (digest(&bytes), size as u64), "{size} bytes");
        let (read, told) = read(&blobs, content.digest, 0).await;
        assert!(read == bytes && told == size as u64, "{size} bytes by {chunk}");
    }
}

async fn a_blob_is_read_from_any_offset_and_says_its_whole_size(blobs: Blobs) {
    let bytes = noise(200_000);
    let size = bytes.len() as u64;
    let digest = write(&blobs, &bytes).await.digest;
    for offset in [0, 1, 65_535, 65_536, 65_537, 199_999, 200_000, 200_001, u64::from(u32::MAX)] {
        let start = usize::try_from(offset).unwrap().min(bytes.len());
        let (read, told) = read(&blobs, digest, offset).await;
        assert!(read == bytes[start..], "from {offset}: {} bytes", read.len());
        assert_eq!(told, size, "from {offset}");
    }
}

async fn a_blob_is_there_from_its_finish_to_its_removal(blobs: Blobs) {
    let bytes = noise(1000);
    assert!(!holds(&blobs, digest(&bytes)).await);
    let mut writer = writer(&blobs).await;
    write_chunks(&mut *writer, &bytes, 1000).await;
    assert!(!holds(&blobs, digest(&bytes)).await, "it is not finished");
    writer.finish().await.expect("it finishes");
    assert!(holds(&blobs, digest(&bytes)).await);
    remove(&blobs, digest(&bytes)).await;
    assert!(!holds(&blobs, digest(&bytes)).await);
    assert!(matches!(blobs.reader(digest(&bytes), 0).await, Err(BlobError::Missing(_))));
}

async fn a_blob_that_is_not_there_is_missing(blobs: Blobs) {
    write(&blobs, b"something else").await;
    let missing = digest(b"nothing");
    assert!(!holds(&blobs, missing).await);
    for offset in [0, 10] {
        match blobs.reader(missing, offset).await {
            Err(BlobError::Missing(named)) => assert_eq!(named, missing),
            Err(other) => panic!("expected it to be missing, got {other:?}"),
            Ok(_) => panic!("expected it to be missing, got a reader"),
        }
    }
    remove(&blobs, missing).await;
}

async fn equal_bytes_are_stored_once(blobs: Blobs) {
    let bytes = noise(70_000);
    let first = write(&blobs, &bytes).await;
    let second = write(&blobs, &bytes).await;
    assert_eq!(first, second);
    assert!(read(&blobs, first.digest, 0).await.0 == bytes);
    remove(&blobs, first.digest).await;
    assert!(!holds(&blobs, first.digest).await, "one removal removes it");
}

async fn a_writer_that_is_dropped_leaves_nothing(blobs: Blobs) {
    let bytes = noise(300_000);
    let mut writer = writer(&blobs).await;
    write_chunks(&mut *writer, &bytes, 100_000).await;
    drop(writer);
    drop(blobs.writer().await.expect("another writer"));
    assert!(!holds(&blobs, digest(&bytes)).await);
    assert!(!holds(&blobs, digest(b"")).await);
}

async fn a_writer_that_is_dropped_leaves_an_equal_blob_alone(blobs: Blobs) {
    let bytes = noise(1000);
    let digest = write(&blobs, &bytes).await.digest;
    let mut writer = writer(&blobs).await;
    write_chunks(&mut *writer, &bytes, 1000).await;
    drop(writer);
    assert!(read(&blobs, digest, 0).await.0 == bytes);
}

async fn removing_a_blob_leaves_the_others_and_it_may_come_back(blobs: Blobs) {
    let (gone, kept) = (noise(1000), noise(1001));
    let (gone_digest, kept_digest) = (write(&blobs, &gone).await.digest, write(&blobs, &kept).await.digest);
    remove(&blobs, gone_digest).await;
    remove(&blobs, gone_digest).await;
    assert!(read(&blobs, kept_digest, 0).await.0 == kept);
    write(&blobs, &gone).await;
    assert!(read(&blobs, gone_digest, 0).await.0 == gone);
}

async fn of_16_writers_of_equal_bytes_all_succeed(blobs: Blobs) {
    let bytes = noise(200_000);
    let contents = race(16, |_| {
        let (blobs, bytes) = (Blobs::clone(&blobs), bytes.clone());
        async move { write(&blobs, &bytes).await }
    })
    .await;
    assert!(contents.iter().all(|content| content.digest == digest(&bytes)));
    assert!(read(&blobs, digest(&bytes), 0).await.0 == bytes);
}

async fn writers_at_once_do_not_mix_their_bytes(blobs: Blobs) {
    let sizes = race(16, |number| {
        let blobs = Blobs::clone(&blobs);
        async move {
            let size = 150_000 + number;
            write(&blobs, &noise(size)).await;
            size
        }
    })
    .await;
    for size in sizes {
        let bytes = noise(size);
        assert!(read(&blobs, digest(&bytes), 0).await.0 == bytes, "{size} bytes");
    }
}

async fn what_bytes_are_filled_with_is_told(blobs: Blobs) {
    let mixed: Vec<u8> = [vec![0; 100_003], vec![0xFF; 1]].concat();
    let cases: [(&[u8], Fill); 8] = [
        (&[], Fill::Empty),
        (&[0], Fill::Blank),
        (&[0xFF], Fill::Blank),
        (&[0; 300_000], Fill::Blank),
        (&[0xFF; 300_000], Fill::Blank),
        (&[1], Fill::Data),
        (&[1; 300_000], Fill::Data),
        (&mixed, Fill::Data),
    ];
    for (bytes, fill) in cases {
        assert_eq!(write(&blobs, bytes).await.fill, fill, "{} bytes", bytes.len());
    }
}

/// A zip of those entries, in that order; a name that ends in `/` is a folder.
fn zip_of(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        if name.ends_with('/') {
            zip.add_directory(*name, options).expect("a folder");
        } else {
            zip.start_file(*name, options).expect("an entry");
            zip.write_all(bytes).expect("its bytes");
        }
    }
    zip.finish().expect("a zip").into_inner()
}

async fn the_content_hash_is_that_of_the_contract(blobs: Blobs) {
    let mut cases: Vec<(Vec<u8>, &str)> = vec![
        (b"hello".to_vec(), "5d41402abc4b2a76b9719d911017c592"),
        (b"".to_vec(), "d41d8cd98f00b204e9800998ecf8427e"),
        (b"PK\x03\x04 not really a zip".to_vec(), "6c18636ee1738125189af21822892cac"),
    ];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let texts: [&[(&str, &[u8])]; 3] = [
            &[("b.txt", b"world"), ("a.txt", b"hello")],
            &[("a.txt", b"hello"), ("b.txt", b"world")],
            &[("folder/", b""), ("a.txt", b"hello"), ("b.txt", b"world")],
        ];
        for entries in texts {
            let zip = zip_of(entries, method);
            let followed = [zip.as_slice(), b"7 bytes"].concat();
            cases.push((zip, "a6621f94f894039a00ef503da4a1618a"));
            cases.push((followed, "a6621f94f894039a00ef503da4a1618a"));
        }
        let saves: &[(&str, &[u8])] = &[("a.sav", &[0, 1, 2]), ("b.sav", &[0xFF, 0xFE])];
        cases.push((zip_of(saves, method), "fe72f8d850245659647bd6b5f3577a7a"));
        cases.push((zip_of(&[], method), "d41d8cd98f00b204e9800998ecf8427e"));
        cases.push((zip_of(&[("folder/", b"")], method), "d41d8cd98f00b204e9800998ecf8427e"));
    }
    for (number, (bytes, expected)) in cases.iter().enumerate() {
        let content = write(&blobs, bytes).await;
        let hash = content.content_hash.map(|hash| hash.to_string());
        assert_eq!(hash.as_deref(), Some(*expected), "case {number}");
        assert!(read(&blobs, content.digest, 0).await.0 == *bytes, "case {number} reads back as it was");
    }
}

async fn an_unreadable_zip_is_kept_without_content_hash(blobs: Blobs) {
    const END_OF_CENTRAL_DIRECTORY: usize = 22;
    let mut zip = zip_of(&[("a.txt", b"hello")], CompressionMethod::Stored);
    let directory = zip.len() - END_OF_CENTRAL_DIRECTORY;
    zip[..directory].fill(b'x');
    let content = write(&blobs, &zip).await;
    assert_eq!(content.content_hash, None);
    assert_eq!((content.digest, content.size), (digest(&zip), zip.len() as u64));
    assert!(read(&blobs, content.digest, 0).await.0 == zip);
}
