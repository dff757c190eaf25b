//! The live schema as data: what documentation and tests are made from.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use memcard_domain::ports::{Access, StoreError};

use crate::connection::Session;
use crate::database::{Database, Options};
use crate::error::Stored;
use crate::url::DatabaseUrl;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDescription {
    /// Its name.
    pub name: String,
    /// Its columns, in the table's own order.
    pub columns: Vec<ColumnDescription>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Its name.
    pub name: String,
    /// Its type, as the database calls it.
    pub sql_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The keys it is part of, in the order of [`ColumnKey`].
    pub keys: Vec<ColumnKey>,
}

/// A key that a column is part of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnKey {
    /// The table's primary key, or a part of it.
    Primary,
    /// Unique by itself. Keys over several columns are not told, for no column has them alone.
    Unique,
    /// A foreign key.
    References {
        /// The table it refers to.
        table: String,
        /// The column it refers to.
        column: String,
    },
}

/// The tables of a database by name, without those of the migrations themselves. The same schema gives the same answer.
///
/// # Errors
/// See [`StoreError`].
pub async fn describe(url: &DatabaseUrl) -> Result<Vec<TableDescription>, StoreError> {
    describe_open(&Database::open(url, Options::default()).await?).await
}

/// The tables of a database that is open, for one in memory has no other way.
///
/// # Errors
/// See [`StoreError`].
pub async fn describe_open(database: &Database) -> Result<Vec<TableDescription>, StoreError> {
    database.atomically(Access::Read, tables).await
}

/// One column with all that belongs to it.
#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    sql_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
}

#[derive(QueryableByName)]
struct ReferenceRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    to_table: String,
    #[diesel(sql_type = Text)]
    to_column: String,
}

const SQLITE_COLUMNS: &str = "
    SELECT t.name AS table_name, c.name AS column_name, c.type AS sql_type, c.\"notnull\" = 0 AS nullable,
        c.pk > 0 AS is_primary,
        EXISTS (
            SELECT 1 FROM pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS part
            WHERE i.\"unique\" = 1 AND i.partial = 0 AND i.origin <> 'pk' AND part.name = c.name
                AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1
        ) AS is_unique
    FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> '__diesel_schema_migrations'
    ORDER BY t.name, c.cid";

const SQLITE_REFERENCES: &str = "
    SELECT t.name AS table_name, f.\"from\" AS column_name, f.\"table\" AS to_table, f.\"to\" AS to_column
    FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
    WHERE t.type = 'table'";

const POSTGRES_COLUMNS: &str = "
    SELECT t.relname::text AS table_name, c.attname::text AS column_name,
        format_type(c.atttypid, c.atttypmod) AS sql_type, NOT c.attnotnull AS nullable,
        EXISTS (
            SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND c.attnum = ANY (i.indkey)
        ) AS is_primary,
        EXISTS (
            SELECT 1 FROM pg_index i
            WHERE i.indrelid = t.oid AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL
                AND i.indnatts = 1 AND i.indkey[0] = c.attnum
        ) AS is_unique
    FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid
    WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND c.attnum > 0
        AND NOT c.attisdropped AND t.relname <> '__diesel_schema_migrations'
    ORDER BY t.relname COLLATE \"C\", c.attnum";

const POSTGRES_REFERENCES: &str = "
    SELECT t.relname::text AS table_name, c.attname::text AS column_name, r.relname::text AS to_table,
        rc.attname::text AS to_column
    FROM pg_constraint f
    JOIN pg_class t ON t.oid = f.conrelid
    JOIN pg_attribute c ON c.attrelid = f.conrelid AND c.attnum = f.conkey[1]
    JOIN pg_class r ON r.oid = f.confrelid
    JOIN pg_attribute rc ON rc.attrelid = f.confrelid AND rc.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";

fn tables(session: &mut Session) -> Stored<Vec<TableDescription>> {
    let columns: Vec<ColumnRow> = load(session, SQLITE_COLUMNS, POSTGRES_COLUMNS)?;
    let references: Vec<ReferenceRow> = load(session, SQLITE_REFERENCES, POSTGRES_REFERENCES)?;
    let mut tables: Vec<TableDescription> = Vec::new();
    for row in columns {
        let column = ColumnDescription {
            keys: keys(&row, &references),
            name: row.column_name,
            sql_type: row.sql_type.to_lowercase(),
            nullable: row.nullable,
        };
        match tables.last_mut() {
            Some(table) if table.name == row.table_name => table.columns.push(column),
            _ => tables.push(TableDescription { name: row.table_name, columns: vec![column] }),
        }
    }
    Ok(tables)
}

fn keys(row: &ColumnRow, references: &[ReferenceRow]) -> Vec<ColumnKey> {
    let is_of_column = |reference: &&ReferenceRow| {
        reference.table_name == row.table_name && reference.column_name == row.column_name
    };
    let references = references.iter().filter(is_of_column).map(|reference| ColumnKey::References {
        table: reference.to_table.clone(),
        column: reference.to_column.clone(),
    });
    let mut keys: Vec<ColumnKey> = references.collect();
    keys.extend(row.is_primary.then_some(ColumnKey::Primary));
    keys.extend(row.is_unique.then_some(ColumnKey::Unique));
    keys.sort();
    keys
}

/// The databases describe themselves in words of their own: the one place with two texts for one question.
fn load<R>(session: &mut Session, sqlite: &str, postgres: &str) -> Stored<Vec<R>>
where
    R: QueryableByName<diesel::sqlite::Sqlite> + QueryableByName<diesel::pg::Pg> + 'static,
{
    use crate::connection::AnyConnection;
    let rows = match session.connection() {
        AnyConnection::Sqlite(connection) => diesel::sql_query(sqlite).load(connection),
        AnyConnection::Postgres(connection) => diesel::sql_query(postgres).load(connection),
    };
    session.noted(rows)
}
