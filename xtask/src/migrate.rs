//! `cargo xtask migrate`: one folder per change and database, under the same name in both.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use memcard_store_diesel::migrations::MigrationStatus;
use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};

use crate::workspace;

const DATABASES: [&str; 2] = ["sqlite", "postgres"];

/// Options of `cargo xtask migrate`.
#[derive(clap::Args)]
pub(crate) struct Migrate {
    #[command(subcommand)]
    action: Action,
    /// The database: `sqlite:PATH` or `postgres://USER@HOST/NAME`. The server reads the same variable.
    #[arg(
        long,
        global = true,
        env = "MEMCARD_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:./memcard-data/memcard.db"
    )]
    database_url: String,
}

/// What to do.
#[derive(clap::Subcommand)]
enum Action {
    /// Apply every migration that is not applied yet.
    Run,
    /// Undo the last applied migration.
    Revert,
    /// Undo and apply the last applied migration: tries a down.sql.
    Redo,
    /// List the migrations and whether they are applied.
    Status,
    /// Make the files of a new migration, for both databases.
    New {
        /// What it does, as in `add_play_time`.
        name: String,
    },
}

/// Carries the action out.
pub(crate) fn run(options: &Migrate) -> Result<()> {
    if let Action::New { name } = &options.action {
        return create(&workspace::root().join("migrations"), name, now());
    }
    let url: DatabaseUrl = options.database_url.parse().context("--database-url cannot be used")?;
    workspace::block_on(on_database(&options.action, &url))?.with_context(|| format!("cannot migrate {url}"))
}

async fn on_database(action: &Action, url: &DatabaseUrl) -> Result<()> {
    let database = Database::open(url, Options::default()).await?;
    match action {
        Action::Run => report("applied", &migrations::run(&database).await?),
        Action::Revert => report("reverted", migrations::revert(&database).await?.as_slice()),
        Action::Redo => report("redone", migrations::redo(&database).await?.as_slice()),
        Action::Status => list(&migrations::status(&database).await?),
        Action::New { .. } => {}
    }
    Ok(())
}

fn report(done: &str, names: &[String]) {
    for name in names {
        println!("{done} {name}");
    }
    if names.is_empty() {
        println!("nothing to do");
    }
}

fn list(migrations: &[MigrationStatus]) {
    for migration in migrations {
        println!("{} {}", if migration.applied { "applied" } else { "pending" }, migration.name);
    }
}

fn create(migrations: &Path, name: &str, now: DateTime<Utc>) -> Result<()> {
    let is_plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    ensure!(is_plain && !name.is_empty(), "a migration's name is made of a-z, 0-9 and _, not `{name}`");
    let folder_name = format!("{}_{name}", now.format("%Y-%m-%d-%H%M%S"));
    for database in DATABASES {
        let folder = migrations.join(database).join(&folder_name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        for (file, text) in [("up.sql", "-- The change.\n"), ("down.sql", "-- Undoes up.sql.\n")] {
            let path = folder.join(file);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a developer's tool names a file after the day it was made")]
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_migration_has_the_same_name_in_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        let now = "2026-11-25T00:00:00Z".parse().unwrap();
        create(folder.path(), "add_play_time", now).unwrap();
        for database in DATABASES {
            for file in ["up.sql", "down.sql"] {
                let path = folder.path().join(database).join("2026-11-25-000000_add_play_time").join(file);
                assert!(path.is_file(), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_name_that_is_no_file_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["", "../up", "Add", "add play"] {
            assert!(create(folder.path(), name, now()).is_err(), "{name}");
        }
    }
}
