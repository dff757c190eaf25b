//! Connections that the server ends, and a server that is not there.

use std::num::NonZeroUsize;
use std::sync::{Arc, mpsc};

use memcard_domain::ports::{StoreError, UnitOfWorkExt as _};
use memcard_store_diesel::{Database, DatabaseUrl, Options};
use memcard_testkit::builders::a_user;
use memcard_testkit::contract::{Store, attempt, look, race, write};
use tokio::sync::oneshot;

use crate::support::{self, Opened};

/// Ends every connection to the database but the one that asks.
async fn kill_backends(beside: &Opened) {
    let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    beside.beside().await.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_killed_under_the_work_is_unavailable_once() {
    let Some(opened) = support::postgres().await else { return };
    let store: Store = Arc::new(opened.database.clone());
    let (inserted, has_inserted) = oneshot::channel();
    let (killed, is_killed) = mpsc::channel();
    let working = {
        let store = Store::clone(&store);
        tokio::spawn(async move {
            attempt(&store, move |tx| {
                a_user().named("Player").insert(tx)?;
                inserted.send(()).unwrap();
                is_killed.recv().unwrap();
                a_user().named("other player").insert(tx)
            })
            .await
        })
    };
    has_inserted.await.unwrap();
    kill_backends(&opened).await;
    killed.send(()).unwrap();
    let answer = working.await.unwrap();
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
    write(&store, |tx| a_user().named("Player").insert(tx)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_killed_before_the_commit_is_unavailable_and_keeps_nothing() {
    let Some(opened) = support::postgres().await else { return };
    let store: Store = Arc::new(opened.database.clone());
    let (inserted, has_inserted) = oneshot::channel();
    let (killed, is_killed) = mpsc::channel();
    let working = {
        let store = Store::clone(&store);
        tokio::spawn(async move {
            attempt(&store, move |tx| {
                let player = a_user().named("Player").insert(tx)?;
                inserted.send(()).unwrap();
                is_killed.recv().unwrap();
                Ok(player)
            })
            .await
        })
    };
    has_inserted.await.unwrap();
    kill_backends(&opened).await;
    killed.send(()).unwrap();
    let answer = working.await.unwrap();
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(look(&store, |tx| tx.users().count()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_killed_while_idle_is_replaced_unnoticed() {
    let Some(opened) = support::postgres().await else { return };
    let store: Store = Arc::new(opened.database.clone());
    // More than there are lanes, so that each has a connection.
    let fill = |round: usize| {
        race(32, {
            let store = Store::clone(&store);
            move |number| {
                let store = Store::clone(&store);
                let name = format!("user {round}-{number}");
                async move { attempt(&store, move |tx| a_user().named(&name).insert(tx)).await }
            }
        })
    };
    fill(1).await;
    kill_backends(&opened).await;
    let answers = fill(2).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_has_as_many_connections_as_lanes_and_no_more() {
    let Some(opened) = support::postgres().await else { return };
    let options = Options { postgres_lanes: NonZeroUsize::new(3).unwrap(), ..Options::default() };
    let database = Database::open(&opened.url, options).await.unwrap();
    let store: Store = Arc::new(database);
    let counter = Arc::new(opened.beside().await);
    let before = connections(&counter).await;
    race(24, |_| {
        let (store, counter) = (Store::clone(&store), Arc::clone(&counter));
        async move {
            look(&store, |tx| tx.users().count()).await;
            // One of the three was there before, made when the database was opened.
            assert!(connections(&counter).await <= before + 2);
        }
    })
    .await;
}

async fn connections(admin: &tokio_postgres::Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url: DatabaseUrl = format!("postgres://nobody@127.0.0.1:{port}/none").parse().unwrap();
    let opened = Database::open(&url, Options::default()).await;
    assert!(matches!(opened, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_store_that_works_under_a_single_thread_still_serves_many() {
    let Some(opened) = support::postgres().await else { return };
    let calls = (0..40).map(|_| opened.database.read(|tx| tx.users().count()));
    let answers: Vec<Result<u64, StoreError>> = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(0))), "{answers:?}");
}
