//! What holds of blobs in a folder beyond the port's rules.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up its folder has failed")]

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use memcard_blobs::FolderBlobs;
use memcard_content::Describing;
use memcard_domain::ports::{BlobError, BlobStore};
use memcard_domain::save::{Content, Digest};
use tempfile::TempDir;

fn open(root: &TempDir) -> FolderBlobs {
    FolderBlobs::open(root.path()).unwrap()
}

async fn store(blobs: &FolderBlobs, bytes: &'static [u8]) -> Content {
    let mut writer = blobs.writer().await.unwrap();
    writer.write(Bytes::from_static(bytes)).await.unwrap();
    writer.finish().await.unwrap()
}

async fn read(blobs: &FolderBlobs, digest: Digest) -> Vec<u8> {
    let mut reader = blobs.reader(digest, 0).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    bytes
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

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn path_of(root: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    root.join("blobs").join(&name[0..2]).join(&name[2..4]).join(name)
}

fn path_of_hello(root: &TempDir) -> PathBuf {
    path_of(root.path(), HELLO.parse().unwrap())
}

#[tokio::test]
async fn a_blob_is_one_file_named_by_its_digest_and_nothing_else_is_left() {
    let root = TempDir::new().unwrap();
    let content = store(&open(&root), b"hello").await;
    assert_eq!(content.digest.to_string(), HELLO);
    let expected = ["blobs", "blobs/2c", "blobs/2c/f2", &format!("blobs/2c/f2/{HELLO}"), "incoming"];
    assert_eq!(tree(root.path()), expected.map(PathBuf::from));
    assert_eq!(fs::read(path_of_hello(&root)).unwrap(), b"hello");
}

#[tokio::test]
async fn files_and_folders_are_for_their_owner_alone() {
    let above = TempDir::new().unwrap();
    let root = above.path().join("made/by/us");
    let blobs = FolderBlobs::open(&root).unwrap();
    store(&blobs, b"hello").await;
    let _being_written = blobs.writer().await.unwrap();

    let made = tree(above.path());
    assert_eq!(made.iter().filter(|path| above.path().join(path).is_file()).count(), 2);
    for path in made {
        let metadata = fs::metadata(above.path().join(&path)).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.permissions().mode() & 0o777, expected, "{}", path.display());
    }
}

#[tokio::test]
async fn equal_bytes_are_one_file() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let first = store(&blobs, b"hello").await;
    let inode = fs::metadata(path_of_hello(&root)).unwrap().ino();
    let second = store(&blobs, b"hello").await;
    assert_eq!(first, second);
    assert_eq!(fs::metadata(path_of_hello(&root)).unwrap().ino(), inode);
    assert_eq!(fs::read_dir(root.path().join("incoming")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_damaged_blob_is_replaced_by_equal_bytes() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let content = store(&blobs, b"hello").await;
    OpenOptions::new().write(true).open(path_of_hello(&root)).unwrap().set_len(3).unwrap();
    store(&blobs, b"hello").await;
    assert_eq!(read(&blobs, content.digest).await, b"hello");
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_removed_at_the_next_start() {
    let root = TempDir::new().unwrap();
    let content = store(&open(&root), b"hello").await;
    let left_over = root.path().join("incoming/blob-left-over");
    File::create(&left_over).unwrap().write_all(b"hel").unwrap();

    let blobs = open(&root);
    assert!(!left_over.exists());
    assert_eq!(read(&blobs, content.digest).await, b"hello");
}

#[tokio::test]
async fn what_another_process_is_writing_is_left_alone() {
    let root = TempDir::new().unwrap();
    let mut writer = open(&root).writer().await.unwrap();
    writer.write(Bytes::from_static(b"hel")).await.unwrap();
    // Locks are per open file, so a second store in one process stands for a second process.
    let other = open(&root);
    writer.write(Bytes::from_static(b"lo")).await.unwrap();
    let content = writer.finish().await.unwrap();
    assert_eq!(read(&other, content.digest).await, b"hello");
}

#[test]
fn a_writer_that_is_dropped_leaves_no_file() {
    let root = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut writer = open(&root).writer().await.unwrap();
        writer.write(Bytes::from(vec![7; 1_000_000])).await.unwrap();
        assert_eq!(fs::read_dir(root.path().join("incoming")).unwrap().count(), 1);
        drop(writer);
    });
    // The file is removed on a blocking thread, which the runtime waits for.
    drop(runtime);
    assert_eq!(tree(root.path()), ["blobs", "incoming"].map(PathBuf::from));
}

#[test]
fn a_writer_may_outlive_the_runtime() {
    let root = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writer = runtime.block_on(open(&root).writer()).unwrap();
    drop(runtime);
    drop(writer);
    assert_eq!(tree(root.path()), ["blobs", "incoming"].map(PathBuf::from));
}

#[tokio::test]
async fn a_blob_stays_readable_when_it_is_removed_meanwhile() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let content = store(&blobs, b"hello").await;
    let mut reader = blobs.reader(content.digest, 0).await.unwrap();
    blobs.remove(content.digest).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), "hello");
    assert!(!blobs.holds(content.digest).await.unwrap());
}

#[tokio::test]
async fn a_blob_that_is_cut_while_it_is_read_is_an_error_and_no_end() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let content = store(&blobs, b"hello").await;
    let mut reader = blobs.reader(content.digest, 0).await.unwrap();
    OpenOptions::new().write(true).open(path_of_hello(&root)).unwrap().set_len(3).unwrap();
    assert!(matches!(reader.next().await, Err(BlobError::Backend(_))));
}

#[tokio::test]
async fn a_folder_that_is_gone_is_an_error_of_the_store() {
    let root = TempDir::new().unwrap();
    let blobs = open(&root);
    let digest = store(&blobs, b"hello").await.digest;
    fs::remove_dir_all(root.path()).unwrap();
    assert!(matches!(blobs.writer().await, Err(BlobError::Backend(_))));
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
    fn chunk(size: usize, byte: u8, living: &Arc<AtomicUsize>) -> Bytes {
        living.fetch_add(size, Ordering::SeqCst);
        Bytes::from_owner(Self { bytes: vec![byte; size], living: Arc::clone(living) })
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
        let chunk = Counted::chunk(CHUNK, number as u8, &living);
        expected.update(&chunk);
        writer.write(chunk).await.unwrap();
        assert_eq!(living.load(Ordering::SeqCst), 0, "a chunk is held longer than it takes to write it");
    }
    let content = writer.finish().await.unwrap();

    let mut seen = Describing::new();
    let mut reader = blobs.reader(content.digest, 0).await.unwrap();
    assert_eq!(reader.size(), (CHUNK * CHUNKS) as u64);
    while let Some(chunk) = reader.next().await.unwrap() {
        assert!(!chunk.is_empty() && chunk.len() <= 64 * 1024);
        seen.update(&chunk);
    }
    let grown = most_memory_used() - at_start;
    assert!(grown < 16 << 20, "memory use grew by {grown} bytes for a blob of {}", content.size);
    let file = path_of(root.path(), content.digest);
    assert_eq!(expected.finish(File::open(&file).unwrap()).unwrap(), content, "as it was written");
    assert_eq!(seen.finish(File::open(&file).unwrap()).unwrap(), content, "as it was read");
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
        for _ in 0..100 {
            if let Err(error) = writer.write(Bytes::from(vec![7; 100_000])).await {
                assert!(writer.finish().await.is_err(), "a writer is of no use after an error");
                return error;
            }
        }
        panic!("10 MB fit on a disk of 1 MiB");
    });
    assert!(matches!(full, BlobError::Full(_)), "{full:?}");
    assert_eq!(tree(&root), ["blobs", "incoming"].map(PathBuf::from));

    let content = runtime.block_on(store(&blobs, b"hello"));
    assert_eq!(content.digest.to_string(), HELLO, "there is space again");
}
