//! The file system of this machine.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::{DirBuilderExt as _, FileExt, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

use super::{Disk, DiskFile, Measure};

/// The unit of `st_blocks`, whatever the file system's own is (POSIX leaves it open; Linux, BSD and macOS agree).
const BLOCK: u64 = 512;

/// One flush waits for the journal, and the journal takes many at once: the 500 chunks of a card took two to three times
/// longer one by one than 16 at a time.
const SYNCS_AT_ONCE: NonZeroUsize = NonZeroUsize::new(16).unwrap();

/// A folder of this machine's file system, of which no second one is open.
#[derive(Debug)]
pub struct LocalDisk {
    _lock: File,
}

impl LocalDisk {
    /// Opens a folder, made durably if there is none, and keeps others out until it is dropped: in this process and, on a
    /// file system that can (`flock(2)`), in others.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if it is open already, and whatever the system says.
    pub fn open(root: &Path) -> io::Result<Self> {
        create_folder(root)?;
        let lock = private().write(true).create(true).truncate(false).open(root.join("blobs.lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::WouldBlock, "another server has it open"))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Disk for LocalDisk {
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        make(folder)
    }

    fn create(&self, file: &Path, bytes: &[u8]) -> io::Result<Box<dyn DiskFile>> {
        let mut file = private().read(true).write(true).create_new(true).open(file)?;
        file.write_all(bytes)?;
        Ok(Box::new(file))
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::open(file)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn renew(&self, file: &Path) -> io::Result<()> {
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        Ok(futimens(File::open(file)?, &Timestamps { last_access: now, last_modification: now })?)
    }

    fn measure(&self, file: &Path) -> io::Result<Measure> {
        let metadata = fs::metadata(file)?;
        let age = metadata.modified()?.elapsed().unwrap_or_default();
        Ok(Measure { on_disk: metadata.blocks() * BLOCK, age })
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn syncs_at_once(&self) -> NonZeroUsize {
        SYNCS_AT_ONCE
    }
}

impl DiskFile for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, position)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Makes a folder and those above it, where they are missing. Their names are durable afterwards; that of a folder which
/// was there is left to whoever made it.
fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = parent(folder);
    create_folder(parent)?;
    make(folder)?;
    File::open(parent)?.sync_all()
}

fn make(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// The folder that holds the name; that of a bare name is the current one.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
