//! The schema's history, forwards and back.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use memcard_domain::ports::{StoreError, Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{SaveFilter, SlotKey};
use memcard_store_diesel::describe::describe_open;
use memcard_store_diesel::{Database, Options, migrations};
use memcard_testkit::builders::{a_device, a_game, a_screenshot, a_slot, a_user, a_version, state_place};

use crate::support::{self, Opened, on_every_database};

on_every_database!(up_down_and_up_again_give_the_same_schema);
on_every_database!(a_redo_leaves_the_schema_as_it_is);
on_every_database!(what_is_applied_is_not_applied_again);
on_every_database!(migrations_that_rebuild_tables_lose_no_save);
on_every_database!(going_back_behind_states_takes_them_along_and_no_slot_s_id_is_given_twice);

async fn up_down_and_up_again_give_the_same_schema(opened: &Opened) {
    let database = &opened.database;
    let all: Vec<String> =
        migrations::status(database).await.unwrap().into_iter().map(|migration| migration.name).collect();
    let once = describe_open(database).await.unwrap();
    let mut reverted = Vec::new();
    while let Some(name) = migrations::revert(database).await.unwrap() {
        reverted.push(name);
    }
    reverted.reverse();
    assert_eq!(reverted, all);
    assert_eq!(describe_open(database).await.unwrap(), []);
    assert!(migrations::status(database).await.unwrap().iter().all(|migration| !migration.applied));
    assert_eq!(migrations::run(database).await.unwrap(), all);
    assert_eq!(describe_open(database).await.unwrap(), once);
    assert!(once.len() > 15, "the schema has its tables");
}

async fn a_redo_leaves_the_schema_as_it_is(opened: &Opened) {
    let before = describe_open(&opened.database).await.unwrap();
    let last = migrations::status(&opened.database).await.unwrap().pop().unwrap();
    assert_eq!(migrations::redo(&opened.database).await.unwrap(), Some(last.name));
    assert_eq!(describe_open(&opened.database).await.unwrap(), before);
    assert!(migrations::status(&opened.database).await.unwrap().iter().all(|migration| migration.applied));
}

async fn what_is_applied_is_not_applied_again(opened: &Opened) {
    assert_eq!(migrations::run(&opened.database).await.unwrap(), [""; 0]);
}

/// The last migration before any that came after saves were first kept.
const FIRST_RELEASE: &str = "2026-11-25-000009_limits";

/// Goes back to the first release and forward again, with saves in the tables.
async fn migrations_that_rebuild_tables_lose_no_save(opened: &Opened) {
    let database = &opened.database;
    let filled = database.transact(|tx| {
        let (user, game) = (a_user().insert(tx)?.id, a_game().insert(tx)?.id);
        let device = a_device(user, "handheld").insert(tx)?.id;
        let slot = a_slot(tx, user, game)?.id;
        for bytes in [b"one", b"two"] {
            let save = a_version(slot).of_bytes(bytes).from_device(device).append_as_head(tx)?;
            tx.bases().note_served(device, save.id, save.version.id)?;
        }
        Ok::<_, StoreError>((user, slot))
    });
    let (user, slot) = filled.await.unwrap();
    let filter = SaveFilter { user, game: None, platform: None, slot: None };
    let look = move |tx: &mut dyn Transaction| {
        Ok::<_, StoreError>((
            tx.saves().list(&filter)?,
            tx.saves().history(slot)?,
            tx.saves().named_slots(user)?,
        ))
    };
    let before = database.read(look.clone()).await.unwrap();
    assert_eq!((before.0.len(), before.1.len(), before.2.len()), (2, 2, 1));

    while last_applied(database).await != FIRST_RELEASE {
        migrations::revert(database).await.unwrap();
    }
    migrations::run(database).await.unwrap();
    assert_eq!(database.read(look).await.unwrap(), before);
}

async fn going_back_behind_states_takes_them_along_and_no_slot_s_id_is_given_twice(opened: &Opened) {
    let database = &opened.database;
    let filled = database.transact(|tx| {
        let (player, guest) =
            (a_user().named("Player").insert(tx)?.id, a_user().named("Guest").insert(tx)?.id);
        let game = a_game().insert(tx)?.id;
        let place = state_place("a.state", Some("mGBA"));
        let state = tx.saves().open_slot(&SlotKey { user: player, game, place })?;
        let version = a_version(state.id).append_as_head(tx)?.version.id;
        a_screenshot(player, game).of(version).insert(tx)?;
        let save = a_slot(tx, player, game)?;
        let kept = a_version(save.id).append_as_head(tx)?;
        let last = a_slot(tx, guest, game)?.id;
        tx.users().delete(guest)?;
        Ok::<_, StoreError>((player, game, state, kept, last))
    });
    let (player, game, state, kept, last) = filled.await.unwrap();
    while last_applied(database).await != FIRST_RELEASE {
        migrations::revert(database).await.unwrap();
    }
    migrations::run(database).await.unwrap();
    let look = database.transact(move |tx| {
        let of_state = tx.saves().history(state.id)?;
        let of_save = tx.saves().history(kept.version.slot)?;
        let opened = tx.saves().open_slot(&SlotKey { user: player, game, place: state.key.place })?.id;
        Ok::<_, StoreError>((of_state, of_save == [kept], opened))
    });
    let (of_state, is_save_kept, opened) = look.await.unwrap();
    assert_eq!((of_state, is_save_kept), (vec![], true));
    assert!(opened > last, "{opened} was given before {last} was");
}

async fn last_applied(database: &Database) -> String {
    let all = migrations::status(database).await.unwrap();
    all.into_iter().rfind(|migration| migration.applied).unwrap().name
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone_sqlite() {
    let opened = support::sqlite_file().await.unwrap();
    let file = opened.url.sqlite_file().unwrap().to_str().unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
    SqliteConnection::establish(file).unwrap().batch_execute(newer).unwrap();
    for refused in [
        migrations::run(&opened.database).await.map(drop),
        migrations::revert(&opened.database).await.map(drop),
        migrations::redo(&opened.database).await.map(drop),
    ] {
        let Err(StoreError::Backend(cause)) = refused else { panic!("{refused:?}") };
        let expected = "migration 29991231000000 was applied by a newer version of this program";
        assert_eq!(cause.to_string(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_history_sqlite_and_postgres() {
    let Some(postgres) = support::postgres().await else { return };
    let sqlite = support::sqlite_memory().await.unwrap();
    assert_eq!(
        migrations::status(&sqlite.database).await.unwrap(),
        migrations::status(&postgres.database).await.unwrap()
    );
}

/// Processes that start at once share nothing but the database.
async fn race_to_migrate(opened: &Opened) {
    while migrations::revert(&opened.database).await.unwrap().is_some() {}
    let mut running = Vec::new();
    for _ in 0..4 {
        let database = Database::open(&opened.url, Options::default()).await.unwrap();
        running.push(tokio::spawn(async move { migrations::run(&database).await.unwrap() }));
    }
    let mut applied = Vec::new();
    for run in running {
        applied.extend(run.await.unwrap());
    }
    applied.sort();
    let all: Vec<String> = migrations::status(&opened.database)
        .await
        .unwrap()
        .into_iter()
        .map(|migration| migration.name)
        .collect();
    assert_eq!(applied, all, "each was applied once");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_a_sqlite_file_at_once_apply_each_migration_once() {
    race_to_migrate(&support::sqlite_file().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_postgres_at_once_apply_each_migration_once() {
    let Some(opened) = support::postgres().await else { return };
    race_to_migrate(&opened).await;
}
