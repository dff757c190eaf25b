//! Folders that survive a power cut. A name is durable once the folder that holds it has been flushed.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Flushes a folder: the names in it are then durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes a folder and those above it, for the server's account alone, where they are missing. Their names are durable
/// afterwards; that of a folder which was there is left to whoever made it.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = parent(folder);
    create_folder(parent)?;
    make(folder)?;
    sync_folder(parent)
}

/// Makes a folder in one that is there. Its name is durable afterwards, whoever made it.
pub(crate) fn ensure_folder(folder: &Path) -> io::Result<()> {
    make(folder)?;
    sync_folder(parent(folder))
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
