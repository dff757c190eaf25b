//! Files, folders and their sizes; memory; leftovers and full disks.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{noise, read, write};
use bytes::Bytes;
use memcard_blobs::FolderBlobs;
use memcard_content::Describing;
use memcard_domain::ports::{BlobError, BlobStore as _};
use memcard_domain::save::Digest;
use tempfile::TempDir;

fn open(root: &TempDir) -> FolderBlobs {
    FolderBlobs::open(root.path()).unwrap()
}

/// Everything below the folder, relative to it, sorted.
fn tree(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push(path.strip_prefix(root).unwrap().to_owned());
            if path.is_dir() {
                walk(&path, root, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

/// The files below the folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    tree(folder).into_iter().map(|path| folder.join(path)).filter(|path| path.is_file()).collect()
}

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn path_of(root: &TempDir, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    root.path().join("blobs").join(&name[..2]).join(format!("{name}.blob"))
}

fn path_of_hello(root: &TempDir) -> PathBuf {
    path_of(root, HELLO.parse().unwrap())
}

/// What stands in a folder that was opened and is empty.
const EMPTY: [&str; 4] = ["blobs", "blobs.lock", "chunks", "incoming"];

#[tokio::test]
async fn a_small_blob_is_one_file_named_by_its_digest_and_nothing_else_is_left() {
    let root = TempDir::new().unwrap();
    let content = write(&open(&root), b"hello").await.unwrap();
    assert_eq!(content.digest.to_string(), HELLO);
    let file = format!("blobs/2c/{HELLO}.blob");
    let expected = ["blobs", "blobs/2c", &file, "blobs.lock", "chunks", "incoming"];
    assert_eq!(tree(root.path()), expected.map(PathBuf::from));
    assert!(fs::read(path_of_hello(&root)).unwrap().ends_with(b"hello"));
}

#[tokio::test]
async fn a_large_blob_is_a_small_file_and_chunks_named_by_their_digests() {
    let root = TempDir::new().unwrap();
    let bytes = noise(1, 500_000);
    let content = write(&open(&root), &bytes).await.unwrap();
    assert!(fs::metadata(path_of(&root, content.digest)).unwrap().len() < 3_000);
    let chunks = files(&root.path().join("chunks"));
    assert!((10..100).contains(&chunks.len()), "{chunks:?}");
    for chunk in chunks {
        let named: Digest = chunk.file_name().unwrap().to_str().unwrap().parse().unwrap();
        assert_eq!(chunk.parent().unwrap().file_name().unwrap(), &*format!("{:02x}", named.0[0]));
        let object = fs::read(&chunk).unwrap();
        let mut describing = Describing::new();
        describing.update(&object[24..]);
        assert_eq!(describing.digest(), named, "noise is not packed");
    }
}

#[tokio::test]
async fn bytes_that_can_be_packed_take_less_space() {
    let root = TempDir::new().unwrap();
    let text: Vec<u8> = (0..50_000).flat_map(|number: u32| format!("item {number}, ").into_bytes()).collect();
    for bytes in [&text[..60_000], &text[..]] {
        let digest = write(&open(&root), bytes).await.unwrap().digest;
        let stored: u64 = files(root.path()).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        assert!(stored < bytes.len() as u64 / 2, "{stored} for {}", bytes.len());
        assert!(read(&open(&root), digest, 0).await.unwrap() == bytes);
    }
}

/// Noise is the hardest content: nothing in it is equal, and nothing packs.
#[tokio::test]
async fn fifty_versions_of_a_card_cost_one_card_and_a_small_multiple_of_the_changes() {
    const CARD: usize = 8 << 20;
    const BLOCK: usize = 8 << 10;
    const VERSIONS: usize = 50;
    const CHANGED: usize = 3;
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let play = |card: &mut [u8], version: usize| {
        for block in 0..CHANGED {
            let start = (version * 101 + block * 211) % (CARD / BLOCK) * BLOCK;
            let seed = version * CHANGED + block + 1;
            card[start..start + BLOCK].copy_from_slice(&noise(seed as u64, BLOCK));
        }
    };
    let first = noise(0, CARD);
    let mut card = first.clone();
    let mut digests = Vec::new();
    for version in 0..VERSIONS {
        digests.push(write(&blobs, &card).await.unwrap().digest);
        play(&mut card, version);
    }
    card = first;
    for (version, digest) in digests.into_iter().enumerate() {
        assert!(read(&blobs, digest, 0).await.unwrap() == card, "version {version}");
        play(&mut card, version);
    }
    let stored: u64 = files(root.path()).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    let changes = ((VERSIONS - 1) * CHANGED * BLOCK) as u64;
    let cost = stored - CARD as u64;
    println!("{stored} bytes for {VERSIONS} cards of {CARD}: {cost} for {changes} bytes of changes");
    assert!(cost < 6 * changes, "{cost} bytes for {changes} bytes of changes");
}

#[tokio::test]
async fn files_and_folders_are_for_their_owner_alone() {
    let above = TempDir::new().unwrap();
    let root = above.path().join("made/by/us");
    let blobs = FolderBlobs::open(&root).unwrap();
    write(&blobs, b"hello").await.unwrap();
    write(&blobs, &noise(1, 100_000)).await.unwrap();
    let mut being_written = blobs.writer().await.unwrap();
    being_written.write(noise(2, 300_000).into()).await.unwrap();
    assert!(!files(&root.join("incoming")).is_empty());

    for path in tree(above.path()) {
        let metadata = fs::metadata(above.path().join(&path)).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.permissions().mode() & 0o777, expected, "{}", path.display());
    }
}

#[tokio::test]
async fn equal_bytes_are_one_file() {
    for bytes in [b"hello".to_vec(), noise(1, 300_000)] {
        let root = TempDir::new().unwrap();
        let blobs = open(&root);
        let inodes = || {
            let inode = |file: PathBuf| (fs::metadata(&file).unwrap().ino(), file);
            files(root.path()).into_iter().map(inode).collect::<Vec<_>>()
        };
        let first = write(&blobs, &bytes).await.unwrap();
        let before = inodes();
        let second = write(&blobs, &bytes).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(inodes(), before);
        assert_eq!(fs::read_dir(root.path().join("incoming")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_removed_at_the_next_start() {
    let root = TempDir::new().unwrap();
    let content = write(&open(&root), b"hello").await.unwrap();
    let left_over = root.path().join("incoming/17");
    File::create(&left_over).unwrap().write_all(b"hel").unwrap();

    let blobs = open(&root);
    assert!(!left_over.exists());
    assert_eq!(read(&blobs, content.digest, 0).await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_folder_that_somebody_has_open_is_refused_to_others() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let writer = blobs.writer().await.unwrap();
    // Locks are per open file, so a second store in one process stands for a second process.
    let error = FolderBlobs::open(root.path()).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("open"), "{source}");
    drop(blobs);
    assert!(FolderBlobs::open(root.path()).is_err(), "a writer is still at work");
    drop(writer);
    while FolderBlobs::open(root.path()).is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_no_file() {
    let root = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut writer = open(&root).writer().await.unwrap();
        writer.write(noise(1, 3_000_000).into()).await.unwrap();
        assert!(fs::read_dir(root.path().join("incoming")).unwrap().count() > 100);
        drop(writer);
    });
    // Files are removed on a blocking thread, which the runtime waits for.
    drop(runtime);
    assert_eq!(tree(root.path()), EMPTY.map(PathBuf::from));
}

#[test]
fn a_writer_may_outlive_the_runtime() {
    let root = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writer = runtime.block_on(async {
        let mut writer = open(&root).writer().await.unwrap();
        writer.write(noise(1, 300_000).into()).await.unwrap();
        writer
    });
    drop(runtime);
    drop(writer);
    assert_eq!(tree(root.path()), EMPTY.map(PathBuf::from));
}

#[tokio::test]
async fn a_blob_stays_readable_when_it_is_removed_meanwhile() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let content = write(&blobs, b"hello").await.unwrap();
    let mut reader = blobs.reader(content.digest, 0).await.unwrap();
    blobs.remove(content.digest).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), "hello");
    assert!(!blobs.holds(content.digest).await.unwrap());
}

#[tokio::test]
async fn what_comes_before_an_offset_is_not_read() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let bytes = noise(1, 1_000_000);
    let digest = write(&blobs, &bytes).await.unwrap().digest;
    // The one chunk that holds the beginning.
    let beginning = files(&root.path().join("chunks"))
        .into_iter()
        .find(|chunk| fs::read(chunk).unwrap()[24..].starts_with(&bytes[..100]))
        .unwrap();
    let size = fs::metadata(&beginning).unwrap().len() as usize - 24;
    fs::remove_file(beginning).unwrap();
    for offset in [size, size + 1, 500_000, 999_999] {
        assert!(read(&blobs, digest, offset as u64).await.unwrap() == bytes[offset..], "from {offset}");
    }
    for offset in [0, size - 1] {
        assert!(
            matches!(read(&blobs, digest, offset as u64).await, Err(BlobError::Corrupt(named)) if named == digest)
        );
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_is_an_error_of_the_store() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let digest = write(&blobs, b"hello").await.unwrap().digest;
    fs::remove_dir_all(root.path()).unwrap();
    for bytes in [&b"hello"[..], &noise(1, 300_000)] {
        assert!(matches!(write(&blobs, bytes).await, Err(BlobError::Backend(_))));
    }
    assert!(matches!(blobs.reader(digest, 0).await, Err(BlobError::Missing(_))));
}

#[test]
fn a_root_that_is_no_folder_is_named_in_the_error() {
    let above = TempDir::new().unwrap();
    let file = above.path().join("file");
    fs::write(&file, "").unwrap();
    let error = FolderBlobs::open(&file).unwrap_err();
    assert_eq!(error.to_string(), format!("the blob folder {} cannot be used", file.display()));
    assert!(std::error::Error::source(&error).is_some());
}

/// A chunk that counts among the living until it is dropped.
struct Counted {
    bytes: Vec<u8>,
    living: Arc<AtomicUsize>,
}

impl Counted {
    fn chunk(size: usize, seed: u64, living: &Arc<AtomicUsize>) -> Bytes {
        living.fetch_add(size, Ordering::SeqCst);
        Bytes::from_owner(Self { bytes: noise(seed, size), living: Arc::clone(living) })
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.living.fetch_sub(self.bytes.len(), Ordering::SeqCst);
    }
}

/// The most memory this process had at once so far, in bytes.
fn most_memory_used() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    kib * 1024
}

#[tokio::test]
async fn a_large_blob_passes_through_without_being_held() {
    const CHUNK: usize = 48_000;
    const CHUNKS: usize = 1_400;
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let living = Arc::new(AtomicUsize::new(0));
    let mut expected = Describing::new();
    let at_start = most_memory_used();

    let mut writer = blobs.writer().await.unwrap();
    for number in 0..CHUNKS {
        let chunk = Counted::chunk(CHUNK, number as u64, &living);
        expected.update(&chunk);
        writer.write(chunk).await.unwrap();
        assert_eq!(living.load(Ordering::SeqCst), 0, "a chunk is held longer than it takes to write it");
    }
    let content = writer.finish().await.unwrap();
    assert_eq!((content.digest, content.size), (expected.digest(), (CHUNK * CHUNKS) as u64));

    let mut seen = Describing::new();
    let mut reader = blobs.reader(content.digest, 0).await.unwrap();
    assert_eq!(reader.size(), content.size);
    while let Some(chunk) = reader.next().await.unwrap() {
        assert!(!chunk.is_empty() && chunk.len() <= 64 * 1024);
        seen.update(&chunk);
    }
    let grown = most_memory_used() - at_start;
    assert!(grown < 16 << 20, "memory use grew by {grown} bytes for a blob of {}", content.size);
    assert_eq!(seen.digest(), content.digest, "as it was read");
}

/// A file system of 1 MiB; `None` where this process may not mount one.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "memcard-test"]).arg(folder.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk is unmounted");
    }
}

#[test]
fn a_full_disk_is_told_apart_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: no file system may be mounted here");
        return;
    };
    let root = disk.0.path().join("root");
    let blobs = FolderBlobs::open(&root).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let full = runtime.block_on(async {
        let mut writer = blobs.writer().await.unwrap();
        for number in 0..100 {
            if let Err(error) = writer.write(noise(number, 100_000).into()).await {
                assert!(writer.finish().await.is_err(), "a writer is of no use after an error");
                return error;
            }
        }
        panic!("10 MB fit on a disk of 1 MiB");
    });
    assert!(matches!(full, BlobError::Full(_)), "{full:?}");
    assert_eq!(tree(&root), EMPTY.map(PathBuf::from));

    let content = runtime.block_on(write(&blobs, b"hello")).unwrap();
    assert_eq!(content.digest.to_string(), HELLO, "there is space again");
}
