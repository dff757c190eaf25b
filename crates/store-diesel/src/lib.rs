//! SQLite and PostgreSQL behind one code.
