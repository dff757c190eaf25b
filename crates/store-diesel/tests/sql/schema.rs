//! The live schema: that the code's tables are the databases', and rules that hold for every table.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::Text;
use memcard_store_diesel::describe::{
    ColumnDescription, ColumnKey, TableDescription, describe, describe_open,
};

use crate::support::{self, Opened, on_every_database};

on_every_database!(the_code_s_tables_are_the_database_s);
on_every_database!(every_id_of_something_else_is_a_foreign_key);

/// Columns named like a reference that refer to nothing the database can check.
const NO_FOREIGN_KEY: [(&str, &str); 2] = [
    // Reserved for a device that is not there yet.
    ("device_reservations", "device_id"),
    // Pairing flows may live in another store, and are dropped when they end.
    ("client_tokens", "pairing_id"),
];

/// The types of `schema.rs`, as SQLite and PostgreSQL call them.
const TYPES: [(&str, &str, &str); 8] = [
    ("BigInt", "integer", "bigint"),
    ("Binary", "blob", "bytea"),
    ("Bool", "integer", "boolean"),
    ("Instant", "integer", "timestamp with time zone"),
    ("Integer", "integer", "integer"),
    ("JsonObject", "text", "json"),
    ("Text", "text", "text"),
    ("UuidBytes", "blob", "uuid"),
];

/// A table's columns: name, type in this database, nullable, in order.
type Columns = Vec<(String, String, bool)>;

/// What `schema.rs` says, in one database's types.
fn written_tables(is_postgres: bool) -> BTreeMap<String, Columns> {
    let source = include_str!("../../src/schema.rs");
    let mut tables = BTreeMap::new();
    for table in source.split("diesel::table! {").skip(1) {
        let (head, body) = table.split_once(") {").unwrap();
        let name = head.rsplit_once('(').unwrap().0.split_whitespace().last().unwrap();
        let body = body.split_once('}').unwrap().0;
        let columns = body.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = columns.map(|(column, written)| {
            let inner = written.strip_prefix("Nullable<").map(|rest| rest.trim_end_matches('>'));
            let (_, sqlite, postgres) =
                TYPES.into_iter().find(|(name, ..)| *name == inner.unwrap_or(written)).unwrap();
            let sql_type = if is_postgres { postgres } else { sqlite };
            (column.to_owned(), sql_type.to_owned(), inner.is_some())
        });
        tables.insert(name.to_owned(), columns.collect());
    }
    tables
}

fn live_tables(described: Vec<TableDescription>) -> BTreeMap<String, Columns> {
    let column = |column: ColumnDescription| (column.name, column.sql_type, column.nullable);
    described.into_iter().map(|table| (table.name, table.columns.into_iter().map(column).collect())).collect()
}

async fn the_code_s_tables_are_the_database_s(opened: &Opened) {
    let live = live_tables(describe_open(&opened.database).await.unwrap());
    assert_eq!(written_tables(opened.is_postgres()), live);
}

async fn every_id_of_something_else_is_a_foreign_key(opened: &Opened) {
    let mut without = Vec::new();
    for table in describe_open(&opened.database).await.unwrap() {
        for column in table.columns.into_iter().filter(|column| column.name.ends_with("_id")) {
            let is_reference = |key: &ColumnKey| matches!(key, ColumnKey::References { .. });
            if !column.keys.iter().any(is_reference) {
                without.push((table.name.clone(), column.name));
            }
        }
    }
    let mut expected = NO_FOREIGN_KEY.map(|(table, column)| (table.to_owned(), column.to_owned()));
    expected.sort();
    without.sort();
    assert_eq!(without, expected);
}

#[tokio::test]
async fn a_description_tells_types_and_keys_sqlite() {
    let opened = support::sqlite_file().await.unwrap();
    let tables = describe(&opened.url).await.unwrap();
    assert!(tables.is_sorted_by(|one, two| one.name < two.name));
    let column = |table: &str, column: &str| {
        let table = tables.iter().find(|known| known.name == table).unwrap();
        table.columns.iter().find(|known| known.name == column).unwrap().clone()
    };
    let reference = |table: &str| ColumnKey::References { table: table.to_owned(), column: "id".to_owned() };
    assert_eq!(column("users", "id").keys, [ColumnKey::Primary]);
    assert_eq!(column("users", "username_key").keys, [ColumnKey::Unique]);
    assert_eq!(column("saves", "version_id").keys, [ColumnKey::Unique, reference("versions")]);
    assert_eq!(column("served", "device_id").keys, [ColumnKey::Primary, reference("devices")]);
    assert_eq!(column("devices", "client_device_identifier").keys, []);
    assert!(column("users", "email").nullable && !column("users", "role").nullable);
}

#[tokio::test]
async fn a_description_is_the_same_in_sqlite_and_postgres_but_for_the_names_of_types() {
    let Some(postgres) = support::postgres().await else { return };
    let sqlite = support::sqlite_memory().await.unwrap();
    let untyped = |mut tables: Vec<TableDescription>| {
        for column in tables.iter_mut().flat_map(|table| &mut table.columns) {
            column.sql_type.clear();
        }
        tables
    };
    assert_eq!(
        untyped(describe_open(&sqlite.database).await.unwrap()),
        untyped(describe(&postgres.url).await.unwrap())
    );
}

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    leads: String,
}

/// The indexes with table and first column: unique ones are what conflicts are named after.
fn sqlite_indexes(opened: &Opened) -> Vec<Index> {
    let file = opened.url.sqlite_file().unwrap().to_str().unwrap();
    let mut connection = SqliteConnection::establish(file).unwrap();
    let sql = "SELECT i.name AS name, t.name || '.' || part.name AS leads
               FROM sqlite_schema AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS part
               WHERE t.type = 'table' AND part.seqno = 0 AND t.name <> '__diesel_schema_migrations'";
    diesel::sql_query(sql).load(&mut connection).unwrap()
}

async fn postgres_indexes(opened: &Opened) -> Vec<Index> {
    let sql = "SELECT i.relname::text, t.relname::text || '.' || c.attname::text
               FROM pg_index x
               JOIN pg_class i ON i.oid = x.indexrelid
               JOIN pg_class t ON t.oid = x.indrelid
               JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = x.indkey[0]
               WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '__diesel_schema_migrations'";
    let rows = opened.beside().await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| Index { name: row.get(0), leads: row.get(1) }).collect()
}

async fn assert_led(opened: &Opened, indexes: &[Index]) {
    for table in describe_open(&opened.database).await.unwrap() {
        for column in &table.columns {
            let is_reference = column.keys.iter().any(|key| matches!(key, ColumnKey::References { .. }));
            let leads = format!("{}.{}", table.name, column.name);
            // Otherwise removing what is referred to reads the whole table, for each row that goes.
            assert!(!is_reference || indexes.iter().any(|index| index.leads == leads), "no index by {leads}");
        }
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index_sqlite() {
    let opened = support::sqlite_file().await.unwrap();
    assert_led(&opened, &sqlite_indexes(&opened)).await;
}

#[tokio::test]
async fn every_foreign_key_has_an_index_postgres() {
    let Some(opened) = support::postgres().await else { return };
    assert_led(&opened, &postgres_indexes(&opened).await).await;
}

#[tokio::test]
async fn sqlite_and_postgres_have_the_same_indexes() {
    let Some(postgres) = support::postgres().await else { return };
    let sqlite = support::sqlite_file().await.unwrap();
    // How each makes the keys of integer ids and what it calls keys without a name is its own affair.
    let named = |indexes: Vec<Index>| {
        let is_named = |index: &Index| !index.name.starts_with("sqlite_") && !index.name.ends_with("_pkey");
        let mut names: Vec<Index> = indexes.into_iter().filter(is_named).collect();
        names.sort();
        names
    };
    let in_sqlite = named(sqlite_indexes(&sqlite));
    let in_postgres = named(postgres_indexes(&postgres).await);
    let missing = |one: &[Index], two: &[Index]| -> Vec<String> {
        one.iter().filter(|index| !two.contains(index)).map(|index| index.name.clone()).collect()
    };
    // SQLite does not tell the name of a primary key of several columns or of one that is no integer.
    let primary = [
        "bases_device_id_slot_id",
        "device_reservations_user_id_client_device_identifier",
        "devices_id",
        "named_files_session_id_slot_id",
        "pair_codes_code",
        "pairings_id",
        "served_device_id_save_id",
        "settings_id",
        "user_games_user_id_game_id",
    ];
    assert_eq!(missing(&in_sqlite, &in_postgres), [""; 0]);
    assert_eq!(missing(&in_postgres, &in_sqlite), primary);
}
