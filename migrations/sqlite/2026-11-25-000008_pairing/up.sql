-- Pairing flows and pair codes. They refer to nothing by foreign key: the same ports may be served by another store, and
-- what is kept here ends within minutes.
CREATE TABLE pairings (
    id BLOB NOT NULL,
    device_code BLOB NOT NULL,
    user_code BLOB NOT NULL,
    client_device_identifier TEXT NOT NULL,
    name TEXT NOT NULL,
    client TEXT NOT NULL,
    platform TEXT,
    client_version TEXT,
    requested_scopes TEXT NOT NULL,
    requester_address TEXT NOT NULL,
    requester_agent TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    account INTEGER,
    granted_scopes TEXT,
    device_name TEXT,
    device BLOB,
    token_expiry TEXT CHECK (token_expiry IN ('30d', '90d', '1y', 'never')),
    decided_at INTEGER,
    revision INTEGER NOT NULL,
    last_poll_at INTEGER,
    penalty_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT pairings_id PRIMARY KEY (id)
) STRICT;
CREATE UNIQUE INDEX pairings_device_code ON pairings (device_code);
CREATE UNIQUE INDEX pairings_user_code ON pairings (user_code);
CREATE INDEX pairings_expires_at ON pairings (expires_at);

CREATE TABLE pair_codes (
    code BLOB NOT NULL,
    token INTEGER NOT NULL,
    account INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT pair_codes_code PRIMARY KEY (code)
) STRICT;
CREATE UNIQUE INDEX pair_codes_token ON pair_codes (token);
CREATE INDEX pair_codes_expires_at ON pair_codes (expires_at);
