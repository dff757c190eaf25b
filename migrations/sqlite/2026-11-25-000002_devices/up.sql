-- Devices. `mac_normal` is the form by which hardware addresses are compared; `mac_address` is as it was sent.
CREATE TABLE devices (
    id BLOB NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT,
    platform TEXT,
    client TEXT,
    client_version TEXT,
    ip_address TEXT,
    mac_address TEXT,
    mac_normal TEXT,
    hostname TEXT,
    sync_mode TEXT NOT NULL CHECK (sync_mode IN ('api', 'file_transfer', 'push_pull')),
    sync_config TEXT,
    client_device_identifier TEXT,
    sync_enabled INTEGER NOT NULL CHECK (sync_enabled IN (0, 1)),
    hash_contradictions INTEGER NOT NULL CHECK (hash_contradictions >= 0),
    last_seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT devices_id PRIMARY KEY (id),
    CHECK ((mac_address IS NULL) = (mac_normal IS NULL))
) STRICT;
-- Also serves every query by user.
CREATE UNIQUE INDEX devices_user_id_client_device_identifier ON devices (user_id, client_device_identifier);

-- The device id that pairings of one user and identifier will use. The device itself may not exist yet, which is why
-- `device_id` is no foreign key.
CREATE TABLE device_reservations (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_device_identifier TEXT NOT NULL,
    device_id BLOB NOT NULL,
    CONSTRAINT device_reservations_user_id_client_device_identifier PRIMARY KEY (user_id, client_device_identifier)
) STRICT;
CREATE INDEX device_reservations_device_id ON device_reservations (device_id);
