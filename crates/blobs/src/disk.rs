//! The file system below a store, as far as a store uses it: a seam, so that tests can put a disk below it that fails, or
//! that forgets what was not flushed.

mod local;

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

pub use local::LocalDisk;

/// A file system. Every method may block.
///
/// Bytes of a file are durable once [`DiskFile::sync`] succeeded, a name (made, moved or removed) once
/// [`sync_folder`](Disk::sync_folder) succeeded on the folder that holds it; before that a power cut may undo either, in
/// any order. Running out of space is [`io::ErrorKind::StorageFull`] or [`io::ErrorKind::QuotaExceeded`].
pub trait Disk: fmt::Debug + Send + Sync {
    /// Makes a folder in one that is there, for the server's account alone. One that is there already is no error.
    ///
    /// # Errors
    /// Whatever the system says.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;

    /// Makes a file of those bytes, for the server's account alone. On failure a part of it may stay.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if there is one, and whatever the system says.
    fn create(&self, file: &Path, bytes: &[u8]) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file. It stays readable when its name is removed meanwhile.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is none, and whatever the system says.
    fn open(&self, file: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Moves a file, in one step, over what is there.
    ///
    /// # Errors
    /// Whatever the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is none, and whatever the system says.
    fn remove(&self, file: &Path) -> io::Result<()>;

    /// Lets a file count as new from now on.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is none, and whatever the system says.
    fn renew(&self, file: &Path) -> io::Result<()>;

    /// What a file takes up, and how old it is.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is none, and whatever the system says.
    fn measure(&self, file: &Path) -> io::Result<Measure>;

    /// The names in a folder, in no order. Names that are no UTF-8 are left out.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if there is no such folder, and whatever the system says.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Flushes a folder: the names in it are then durable.
    ///
    /// # Errors
    /// Whatever the system says.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// How many flushes are best under way at once.
    fn syncs_at_once(&self) -> NonZeroUsize;
}

/// An open file of a [`Disk`]. Every method may block.
pub trait DiskFile: Send + Sync {
    /// Its size in bytes.
    ///
    /// # Errors
    /// Whatever the system says.
    fn size(&self) -> io::Result<u64>;

    /// Fills the buffer with what stands at the position.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if the file ends before, and whatever the system says.
    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()>;

    /// Flushes the file: its bytes are then durable.
    ///
    /// # Errors
    /// Whatever the system says.
    fn sync(&self) -> io::Result<()>;
}

/// What is known of a file from outside.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// The bytes it takes up on the disk.
    pub on_disk: u64,
    /// For how long it has been as it is, since it was made or [renewed](Disk::renew); zero if the clock says that this is
    /// yet to come.
    pub age: Duration,
}

/// All bytes of a file.
pub(crate) fn read(file: &dyn DiskFile) -> io::Result<Vec<u8>> {
    let size = usize::try_from(file.size()?).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
    let mut bytes = vec![0; size];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Takes a file that is not there for removed.
pub(crate) fn remove_if_there(disk: &dyn Disk, file: &Path) -> io::Result<()> {
    match disk.remove(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
