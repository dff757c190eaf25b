//! Which database: read once from configuration, then a value that needs no further checks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// The address of a database.
///
/// | text | database |
/// |---|---|
/// | `sqlite:PATH`, `sqlite://PATH` | an SQLite file; relative paths are relative to the working folder |
/// | `sqlite::memory:` | an SQLite database that ends with its [`Database`](crate::Database) |
/// | `postgres://…`, `postgresql://…` | PostgreSQL, by a connection URI as libpq defines it |
///
/// `Debug` and `Display` never show a password.
#[derive(Clone, PartialEq)]
pub struct DatabaseUrl(Target);

/// What the address names.
#[derive(Clone, PartialEq)]
pub(crate) enum Target {
    SqliteFile(PathBuf),
    SqliteMemory,
    Postgres(Box<tokio_postgres::Config>),
}

/// Text that is no address of a database.
#[derive(Debug, Error)]
pub enum InvalidDatabaseUrl {
    /// It starts with nothing known.
    #[error("a database url starts with `sqlite:`, `postgres://` or `postgresql://`")]
    UnknownScheme,
    /// No file is named.
    #[error("`sqlite:` is followed by the path of a file, or by `:memory:`")]
    MissingPath,
    /// PostgreSQL's part cannot be read.
    #[error("the postgres url cannot be read")]
    Postgres(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl DatabaseUrl {
    /// The file of an SQLite database; `None` for any other database.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &self.0 {
            Target::SqliteFile(path) => Some(path),
            Target::SqliteMemory | Target::Postgres(_) => None,
        }
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config = text.parse().map_err(|error| InvalidDatabaseUrl::Postgres(Box::new(error)))?;
            return Ok(Self(Target::Postgres(Box::new(config))));
        }
        match text.strip_prefix("sqlite:").ok_or(InvalidDatabaseUrl::UnknownScheme)? {
            ":memory:" => Ok(Self(Target::SqliteMemory)),
            rest => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Err(InvalidDatabaseUrl::MissingPath),
                path => Ok(Self(Target::SqliteFile(PathBuf::from(path)))),
            },
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::SqliteFile(path) => write!(f, "sqlite:{}", path.display()),
            Target::SqliteMemory => f.write_str("sqlite::memory:"),
            Target::Postgres(config) => {
                f.write_str("postgres://")?;
                for (index, host) in config.get_hosts().iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    match host {
                        tokio_postgres::config::Host::Tcp(name) => write!(f, "{comma}{name}")?,
                        #[cfg(unix)]
                        tokio_postgres::config::Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
                    }
                }
                write!(f, "/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_address_is_read_and_shown_without_its_password() {
        for (text, shown) in [
            ("sqlite:data/memcard.db", "sqlite:data/memcard.db"),
            ("sqlite:/srv/memcard.db", "sqlite:/srv/memcard.db"),
            ("sqlite:///srv/memcard.db", "sqlite:/srv/memcard.db"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("postgres://me:secret@db.example:5433/card", "postgres://db.example/card"),
            ("postgresql://me@localhost/card?connect_timeout=3", "postgres://localhost/card"),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("secret"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_is_wrong() {
        for (text, reason) in [
            ("", "a database url starts with `sqlite:`, `postgres://` or `postgresql://`"),
            ("mysql://localhost/x", "a database url starts with `sqlite:`, `postgres://` or `postgresql://`"),
            ("sqlite:", "`sqlite:` is followed by the path of a file, or by `:memory:`"),
            ("sqlite://", "`sqlite:` is followed by the path of a file, or by `:memory:`"),
            ("postgres://localhost:notaport/x", "the postgres url cannot be read"),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>().unwrap_err().to_string(), reason, "{text}");
        }
    }
}
