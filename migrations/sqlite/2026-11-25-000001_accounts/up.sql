-- People. `username_key` is the form by which names are compared; the domain computes it.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL CHECK (role IN ('user', 'editor', 'admin')),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    password_hash TEXT NOT NULL,
    last_login_at INTEGER,
    last_active_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_username_key ON users (username_key);
