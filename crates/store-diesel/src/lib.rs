//! SQLite and PostgreSQL behind one code: every port of the domain that SQL can serve.
//!
//! | module | what it is for |
//! |---|---|
//! | [`describe`](mod@describe) | the live schema as data, for documentation |
//! | [`migrations`] | the schema's history, run, reverted and listed |
//! | `database`, `lanes`, `connection` | threads that own connections, and the transactions on them |
//! | `transaction`, `repositories` | the domain's repositories inside one transaction |
//! | `pairing_store`, `pair_codes`, `event_counter` | ports whose every method is a transaction |
//! | `statements` | counts what a database is sent |
//! | `schema`, `types`, `error` | tables, column types and failures that both databases share |
//!
//! **Invariants:** each query is written once and compiled for both databases; a transaction never waits for the
//! network of a client; no driver type is in a public signature.
#![deny(missing_docs)]

mod connection;
mod database;
pub mod describe;
mod error;
mod event_counter;
mod lanes;
pub mod migrations;
mod pair_codes;
mod pairing_store;
mod postgres;
mod repositories;
mod schema;
mod sqlite;
mod statements;
mod transaction;
mod types;
mod url;

pub use database::{Database, Options};
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
