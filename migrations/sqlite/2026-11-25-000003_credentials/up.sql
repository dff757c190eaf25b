-- Interactive logins: browser sessions and access tokens. Secrets are kept as digests.
CREATE TABLE logins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('browser', 'api')),
    device_id BLOB REFERENCES devices (id) ON DELETE SET NULL,
    scopes TEXT,
    refresh_digest BLOB,
    refresh_expires_at INTEGER,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CHECK (kind <> 'browser' OR (scopes IS NULL AND refresh_digest IS NULL AND refresh_expires_at IS NULL)),
    CHECK (
        kind <> 'api'
        OR (device_id IS NULL AND scopes IS NOT NULL AND refresh_digest IS NOT NULL AND refresh_expires_at IS NOT NULL)
    )
) STRICT;
CREATE UNIQUE INDEX logins_digest ON logins (digest);
CREATE UNIQUE INDEX logins_refresh_digest ON logins (refresh_digest);
CREATE INDEX logins_user_id ON logins (user_id);
CREATE INDEX logins_device_id ON logins (device_id);

-- Client tokens. `pairing_id` is unique, so that a pairing is redeemed once, and no foreign key, because pairing flows
-- may live in another store and are dropped when they end.
CREATE TABLE client_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    digest BLOB NOT NULL,
    device_id BLOB REFERENCES devices (id) ON DELETE CASCADE,
    pairing_id BLOB,
    expires_at INTEGER,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX client_tokens_digest ON client_tokens (digest);
CREATE UNIQUE INDEX client_tokens_pairing_id ON client_tokens (pairing_id);
CREATE INDEX client_tokens_user_id ON client_tokens (user_id);
CREATE INDEX client_tokens_device_id ON client_tokens (device_id);
