//! The data folder: everything a server on one machine keeps.
//!
//! ```text
//! memcard-data/
//!   memcard.db     the database (SQLite)
//!   blobs/         the bytes of saves, and
//!   chunks/        what large ones are made of
//!   incoming/      uploads that are not finished
//!   code.key       the server's key for short codes
//!   lock           held while a server runs on the folder, as blobs.lock is
//! ```

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use memcard_domain::pairing::CodeKey;
use memcard_domain::ports::Secrets;

/// An open data folder: no other server runs on it while this lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Opens the folder, making it if there is none.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let name = root.display();
        fs::create_dir_all(root).with_context(|| format!("cannot make the data folder {name}"))?;
        fs::set_permissions(root, Permissions::from_mode(0o700))
            .with_context(|| format!("cannot make the data folder {name} private"))?;
        let lock = private_file().write(true).create(true).truncate(false).open(root.join("lock"));
        let lock = lock.with_context(|| format!("cannot write to the data folder {name}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("another server runs on the data folder {name}"),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock the data folder {name}"))
            }
        }
    }

    /// The database that is used where none is named.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite:{}", self.root.join("memcard.db").display())
    }

    /// Where the bytes of saves go.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The server's key for short codes, made at first start.
    pub(crate) fn code_key(&self, secrets: &dyn Secrets) -> Result<CodeKey> {
        let path = self.root.join("code.key");
        let name = path.display();
        match fs::read(&path) {
            Ok(bytes) => {
                let Ok(key) = <[u8; 32]>::try_from(bytes) else {
                    bail!("{name} is damaged: expected 32 bytes; remove it to have a new key made");
                };
                Ok(CodeKey::new(key))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                secrets.fill(&mut key);
                write_durably(&path, &key).with_context(|| format!("cannot write {name}"))?;
                Ok(CodeKey::new(key))
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {name}")),
        }
    }
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = private_file().write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Secrets for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (0..).zip(bytes).for_each(|(index, byte)| *byte = index);
        }
    }

    #[test]
    fn the_key_is_made_once_and_read_back_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(&folder.path().join("new")).unwrap();
        let made = data.code_key(&Counting).unwrap().digest("ABCD2345");
        assert_eq!(data.code_key(&Counting).unwrap().digest("ABCD2345"), made);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("new/code.key")), 0o600);
        assert_eq!(mode(&folder.path().join("new")), 0o700);
    }

    #[test]
    fn a_damaged_key_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("code.key"), b"short").unwrap();
        let error = DataFolder::open(folder.path()).unwrap().code_key(&Counting).unwrap_err();
        assert!(error.to_string().contains("remove it"), "{error}");
    }

    #[test]
    fn two_servers_never_run_on_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::open(folder.path()).unwrap();
        let error = DataFolder::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("another server"), "{error}");
        drop(first);
        assert!(DataFolder::open(folder.path()).is_ok());
    }
}
