//! Opening SQLite.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::error::{Stored, unavailable};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that writes.
    Writer,
    /// One of those that read beside it.
    Reader,
}

/// The busy timeout counts against other programs on the file (a backup, a shell); lanes never wait for each other.
/// FULL costs commits per second, and is what makes an acknowledged upload survive a power cut.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON;";

/// Long lists are read twice as fast from mapped pages.
const READER_PRAGMAS: &str = "PRAGMA query_only = ON; PRAGMA mmap_size = 268435456;";

/// Opens a file, and makes it with its folders if it is not there.
pub(crate) fn open_file(path: &Path, role: Role) -> Stored<SqliteConnection> {
    make_file(path).map_err(unavailable)?;
    // SQLite takes a name that begins with `file:` for a URI.
    let named = Path::new(".").join(path);
    let name = named.to_str().ok_or_else(|| unavailable("the path of the database is not UTF-8"))?;
    let mut connection = open(name)?;
    if role == Role::Reader {
        connection.batch_execute(READER_PRAGMAS).map_err(unavailable)?;
    }
    Ok(connection)
}

/// Opens a database in memory, of this connection's own.
pub(crate) fn open_memory() -> Stored<SqliteConnection> {
    open(":memory:")
}

fn open(name: &str) -> Stored<SqliteConnection> {
    let mut connection = SqliteConnection::establish(name).map_err(unavailable)?;
    connection.batch_execute(PRAGMAS).map_err(unavailable)?;
    Ok(connection)
}

/// Makes the file readable by its owner alone; SQLite gives its companions (`-wal`, `-shm`) the same mode.
fn make_file(path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut folders = DirBuilder::new();
    let mut file = OpenOptions::new();
    folders.recursive(true);
    file.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folders.mode(0o700);
        file.mode(0o600);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        folders.create(folder)?;
    }
    file.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Text};

    use super::*;

    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }

    #[derive(QueryableByName)]
    struct Settings {
        #[diesel(sql_type = BigInt)]
        synchronous: i64,
        #[diesel(sql_type = BigInt)]
        foreign_keys: i64,
        #[diesel(sql_type = BigInt)]
        timeout: i64,
    }

    #[test]
    fn every_sqlite_connection_is_durable_checks_keys_and_waits_for_other_programs() {
        let folder = tempfile::tempdir().unwrap();
        for role in [Role::Writer, Role::Reader] {
            let mut connection = open_file(&folder.path().join("memcard.db"), role).unwrap();
            let mode: Mode = diesel::sql_query("PRAGMA journal_mode").get_result(&mut connection).unwrap();
            assert_eq!(mode.journal_mode, "wal");
            let settings: Settings = diesel::sql_query(
                "SELECT synchronous, foreign_keys, timeout \
                 FROM pragma_synchronous, pragma_foreign_keys, pragma_busy_timeout",
            )
            .get_result(&mut connection)
            .unwrap();
            // FULL is 2.
            assert_eq!((settings.synchronous, settings.foreign_keys, settings.timeout), (2, 1, 5000));
        }
    }

    #[test]
    fn a_reader_of_sqlite_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memcard.db");
        open_file(&path, Role::Writer).unwrap().batch_execute("CREATE TABLE t (x)").unwrap();
        let mut reader = open_file(&path, Role::Reader).unwrap();
        assert!(reader.batch_execute("INSERT INTO t VALUES (1)").is_err());
    }
}
