//! The adapter against real databases: SQLite in a file and in memory, and PostgreSQL where
//! `MEMCARD_TEST_POSTGRES_URL` names a server.

mod contract;
mod support;
