//! Files that are not in their place yet.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Disk, DiskFile, remove_if_there};
use crate::parallel;

/// The folder of files that are not in their place yet.
#[derive(Debug)]
pub(crate) struct Staging {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    next: AtomicU64,
}

/// A file that is not in its place yet. Dropped before it was [moved](Staged::moved_by), it is removed, which blocks.
pub(crate) struct Staged {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Open until its bytes are durable: only a file that was open all along tells of every failure to write them.
    unsynced: Option<Box<dyn DiskFile>>,
    is_moved: bool,
}

impl Staging {
    /// Opens the folder, made if there is none, and empties it: what is in it was left over by a crash.
    pub(crate) fn open(disk: Arc<dyn Disk>, folder: PathBuf) -> io::Result<Self> {
        disk.make_folder(&folder)?;
        for name in disk.names(&folder)? {
            disk.remove(&folder.join(name))?;
        }
        Ok(Self { disk, folder, next: AtomicU64::new(0) })
    }

    /// A new file of those bytes.
    pub(crate) fn stage(&self, bytes: &[u8]) -> io::Result<Staged> {
        let path = self.folder.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        match self.disk.create(&path, bytes) {
            Ok(file) => {
                let disk = Arc::clone(&self.disk);
                Ok(Staged { disk, path, unsynced: Some(file), is_moved: false })
            }
            Err(error) => {
                remove(&*self.disk, &path);
                Err(error)
            }
        }
    }

    /// Makes the bytes of the files durable.
    pub(crate) fn sync<'a>(&self, staged: impl IntoIterator<Item = &'a mut Staged>) -> io::Result<()> {
        let staged: Vec<_> = staged.into_iter().collect();
        let files: Vec<_> = staged.iter().filter_map(|staged| staged.unsynced.as_ref()).collect();
        parallel::each(&files, self.disk.syncs_at_once(), |file| file.sync())?;
        for staged in staged {
            staged.unsynced = None;
        }
        Ok(())
    }
}

impl Staged {
    /// Lets the file be moved to its place.
    pub(crate) fn moved_by(mut self, move_it: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        move_it(&self.path)?;
        self.is_moved = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_moved {
            remove(&*self.disk, &self.path);
        }
    }
}

/// Removes a file of which nobody knows; what cannot be removed is, at the next start.
fn remove(disk: &dyn Disk, path: &Path) {
    if let Err(error) = remove_if_there(disk, path) {
        tracing::warn!(%error, path = %path.display(), "an unfinished file could not be removed");
    }
}
