//! SQLite's files: who may read them, and what is in them after a close.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt as _;
use memcard_domain::ports::{Access, Rollback, UnitOfWork as _};
use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};
use memcard_testkit::builders::a_user;
use memcard_testkit::contract::{Store, look, write};

use crate::support;

async fn open(path: &Path) -> Database {
    let url: DatabaseUrl = format!("sqlite:{}", path.display()).parse().unwrap();
    Database::open(&url, Options::default()).await.unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn files_and_folders_are_made_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let database = open(&data.join("memcard.db")).await;
    migrations::run(&database).await.unwrap();
    let store: Store = Arc::new(database);
    look(&store, |tx| tx.users().count()).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["memcard.db", "memcard.db-wal", "memcard.db-shm"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_close_folds_the_log_into_the_file_and_nothing_is_lost() {
    let opened = support::sqlite_file().await.unwrap();
    let path = opened.url.sqlite_file().unwrap().to_owned();
    let store: Store = Arc::new(opened.database.clone());
    let player = write(&store, |tx| a_user().insert(tx)).await;
    look(&store, |tx| tx.users().count()).await;
    drop(store);
    let folder = opened.close();
    assert!(path.exists());
    assert!(!path.with_extension("db-wal").exists());
    let store: Store = Arc::new(open(&path).await);
    assert_eq!(look(&store, |tx| tx.users().list()).await, [player]);
    drop(folder);
}

#[tokio::test]
async fn what_was_begun_is_finished_before_a_close() {
    let opened = support::sqlite_file().await.unwrap();
    let path = opened.url.sqlite_file().unwrap().to_owned();
    for number in 0..20 {
        let work = opened.database.execute(
            Access::Write,
            Box::new(move |tx| {
                a_user().named(&format!("user {number}")).insert(tx).map(drop).map_err(|_| Rollback)
            }),
        );
        // Polls once, then drops the future.
        let _ = work.now_or_never();
    }
    let folder = opened.close();
    let store: Store = Arc::new(open(&path).await);
    assert_eq!(look(&store, |tx| tx.users().count()).await, 20);
    drop(folder);
}

#[tokio::test]
async fn a_file_whose_name_looks_like_a_uri_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file:memcard.db?mode=memory");
    let database = open(&path).await;
    migrations::run(&database).await.unwrap();
    assert!(path.exists());
}

#[tokio::test]
async fn readers_see_what_was_committed_while_a_writer_works() {
    let opened = support::sqlite_file().await.unwrap();
    let store: Store = Arc::new(opened.database.clone());
    write(&store, |tx| a_user().named("Player").insert(tx)).await;
    let (began, has_begun) = tokio::sync::oneshot::channel();
    let (seen, is_seen) = std::sync::mpsc::channel();
    let writing = {
        let store = Store::clone(&store);
        tokio::spawn(async move {
            write(&store, move |tx| {
                a_user().named("other player").insert(tx)?;
                began.send(()).unwrap();
                is_seen.recv().unwrap();
                Ok(())
            })
            .await;
        })
    };
    has_begun.await.unwrap();
    assert_eq!(look(&store, |tx| tx.users().count()).await, 1);
    seen.send(()).unwrap();
    writing.await.unwrap();
    assert_eq!(look(&store, |tx| tx.users().count()).await, 2);
}
