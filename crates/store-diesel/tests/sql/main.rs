//! The adapter against real databases: SQLite in a file and in memory, and PostgreSQL where
//! `MEMCARD_TEST_POSTGRES_URL` names a server.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

mod contract;
mod costs;
mod migrations;
mod postgres_connections;
mod schema;
mod sqlite_files;
mod support;
mod transactions;
