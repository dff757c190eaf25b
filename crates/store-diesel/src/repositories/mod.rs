//! The repositories, one file each with its rows: what a row holds, how it becomes an entity, and the queries.
//!
//! **Invariants:** nothing here decides; a value that the domain does not know is an error, never guessed.

/// Whether a column has this value, no value counting as one. (diesel has no text for it that both databases take.)
macro_rules! is_same {
    ($column:expr, $value:expr) => {{
        let value = $value;
        let both_none = $column.is_null().and(value.is_none().into_sql::<diesel::sql_types::Bool>());
        $column.eq(value).or(both_none)
    }};
}

mod bases;
mod catalogue;
mod devices;
mod logins;
mod plays;
mod saves;
mod screenshots;
mod sessions;
mod tokens;
mod upkeep;
mod users;

/// How many values one list in a query may hold: below SQLite's limit of variables, and all that a port promises to
/// answer with a constant number of queries.
const MOST_IN_LIST: usize = 1000;
