//! docs/schema.md: the tables as a freshly migrated SQLite describes them, compared with PostgreSQL where it is
//! installed.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use memcard_store_diesel::describe::{ColumnDescription, ColumnKey, TableDescription, describe_open};
use memcard_store_diesel::{Database, DatabaseUrl, Options, migrations};

use crate::process::Interrupt;
use crate::servers::postgres;
use crate::workspace::{block_on, is_ci};

const HEADER: &str = "\
<!-- Generated from the migrations by `cargo xtask codegen schema`. Do not edit. -->

# Database schema

SQLite and PostgreSQL have the same tables, columns and keys, and a column may be null in both or in neither. The types
shown are SQLite's; PostgreSQL has the nearest of its own. Keys over several columns are in the migrations.
";

/// The page's text.
pub(super) fn generate(interrupt: &Interrupt) -> Result<String> {
    let sqlite = block_on(migrated("sqlite::memory:"))?.context("SQLite")?;
    match postgres::start_private(interrupt)? {
        Some(server) => {
            let postgres = block_on(migrated(&server.url()))?.context("PostgreSQL")?;
            let differences = differences(&sqlite, &postgres);
            if !differences.is_empty() {
                bail!("the two databases' migrations have drifted apart:\n{}", differences.join("\n"));
            }
        }
        None if is_ci() => bail!("PostgreSQL is not installed, and in CI the schema is compared with it"),
        None => println!("!!! SKIPPED: comparing the schema with PostgreSQL, which is not installed !!!"),
    }
    Ok(page(&sqlite))
}

/// The tables of an empty database after every migration.
async fn migrated(url: &str) -> Result<Vec<TableDescription>> {
    let url: DatabaseUrl = url.parse()?;
    let database = Database::open(&url, Options::default()).await?;
    migrations::run(&database).await.context("cannot migrate")?;
    describe_open(&database).await.context("cannot read the schema")
}

/// Where PostgreSQL's tables are not SQLite's. Types are left out: each database has its own.
fn differences(sqlite: &[TableDescription], postgres: &[TableDescription]) -> Vec<String> {
    let (sqlite, postgres) = (by_name(sqlite), by_name(postgres));
    let only_in_postgres = postgres.keys().filter(|name| !sqlite.contains_key(*name));
    let mut differences = Vec::new();
    for name in sqlite.keys().chain(only_in_postgres) {
        match (sqlite.get(name), postgres.get(name)) {
            (Some(a), Some(b)) if a != b => {
                differences.push(format!("{name} is `{a}` in SQLite and `{b}` in PostgreSQL"));
            }
            (Some(_), None) => differences.push(format!("{name} is only in SQLite")),
            (None, Some(_)) => differences.push(format!("{name} is only in PostgreSQL")),
            _ => {}
        }
    }
    differences
}

/// `table.column` → what must be the same of it.
fn by_name(tables: &[TableDescription]) -> BTreeMap<String, String> {
    let columns = tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
    columns.map(|(table, column)| (format!("{}.{}", table.name, column.name), rules(column))).collect()
}

/// What holds for a column's values.
fn rules(column: &ColumnDescription) -> String {
    // SQLite calls a primary key nullable unless told otherwise; none is ever null.
    let is_nullable = column.nullable && !column.keys.contains(&ColumnKey::Primary);
    let keys = column.keys.iter().map(|key| match key {
        ColumnKey::Primary => "primary key".to_owned(),
        ColumnKey::Unique => "unique".to_owned(),
        ColumnKey::References { table, column } => format!("references {table}.{column}"),
    });
    let mut rules = vec![if is_nullable { "null" } else { "not null" }.to_owned()];
    rules.extend(keys);
    rules.join(", ")
}

fn page(tables: &[TableDescription]) -> String {
    let mut page = HEADER.to_owned();
    for table in tables {
        page += &format!("\n## {}\n\n| column | type | rules |\n|---|---|---|\n", table.name);
        for column in &table.columns {
            page += &format!("| {} | {} | {} |\n", column.name, column.sql_type, rules(column));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, nullable: bool, keys: Vec<ColumnKey>) -> ColumnDescription {
        ColumnDescription { name: name.to_owned(), sql_type: "integer".to_owned(), nullable, keys }
    }

    fn table(name: &str, columns: Vec<ColumnDescription>) -> TableDescription {
        TableDescription { name: name.to_owned(), columns }
    }

    #[test]
    fn the_page_lists_every_column_with_its_rules() {
        let device = ColumnKey::References { table: "devices".to_owned(), column: "id".to_owned() };
        let saves = table(
            "saves",
            vec![column("id", true, vec![ColumnKey::Primary]), column("device_id", true, vec![device])],
        );
        let page = page(&[saves]);
        assert!(page.starts_with("<!-- Generated"), "{page}");
        let expected = "\n## saves\n\n| column | type | rules |\n|---|---|---|\n\
                        | id | integer | not null, primary key |\n\
                        | device_id | integer | null, references devices.id |\n";
        assert!(page.ends_with(expected), "{page}");
    }

    #[test]
    fn a_difference_between_the_databases_is_found() {
        let sqlite = [table("a", vec![column("x", true, vec![]), column("y", false, vec![])])];
        let postgres =
            [table("a", vec![column("x", false, vec![])]), table("b", vec![column("z", true, vec![])])];
        assert!(differences(&sqlite, &sqlite).is_empty());
        let expected = [
            "a.x is `null` in SQLite and `not null` in PostgreSQL",
            "a.y is only in SQLite",
            "b.z is only in PostgreSQL",
        ];
        assert_eq!(differences(&sqlite, &postgres), expected);
    }
}
