-- Pairing flows and pair codes. They refer to nothing by foreign key: the same ports may be served by another store, and
-- what is kept here ends within minutes.
CREATE TABLE pairings (
    id UUID NOT NULL,
    device_code BYTEA NOT NULL,
    user_code BYTEA NOT NULL,
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
    device UUID,
    token_expiry TEXT CHECK (token_expiry IN ('30d', '90d', '1y', 'never')),
    decided_at TIMESTAMPTZ,
    revision INTEGER NOT NULL,
    last_poll_at TIMESTAMPTZ,
    penalty_ms BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pairings_id PRIMARY KEY (id)
);
CREATE UNIQUE INDEX pairings_device_code ON pairings (device_code);
CREATE UNIQUE INDEX pairings_user_code ON pairings (user_code);
CREATE INDEX pairings_expires_at ON pairings (expires_at);

CREATE TABLE pair_codes (
    code BYTEA NOT NULL,
    token INTEGER NOT NULL,
    account INTEGER NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pair_codes_code PRIMARY KEY (code)
);
CREATE UNIQUE INDEX pair_codes_token ON pair_codes (token);
CREATE INDEX pair_codes_expires_at ON pair_codes (expires_at);
