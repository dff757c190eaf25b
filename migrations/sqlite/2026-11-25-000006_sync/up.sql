CREATE TABLE sync_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED', 'CANCELLED')),
    operations_planned INTEGER NOT NULL CHECK (operations_planned >= 0),
    operations_completed INTEGER NOT NULL CHECK (operations_completed >= 0),
    operations_failed INTEGER NOT NULL CHECK (operations_failed >= 0),
    error_message TEXT,
    initiated_at INTEGER NOT NULL,
    completed_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sync_sessions_user_id ON sync_sessions (user_id);
CREATE INDEX sync_sessions_device_id_status ON sync_sessions (device_id, status);

-- What a client named in a negotiation.
CREATE TABLE named_files (
    session_id INTEGER NOT NULL REFERENCES sync_sessions (id) ON DELETE CASCADE,
    slot_id INTEGER NOT NULL REFERENCES slots (id) ON DELETE CASCADE,
    content_hash BLOB,
    file_time INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    CONSTRAINT named_files_session_id_slot_id PRIMARY KEY (session_id, slot_id)
) STRICT;
CREATE INDEX named_files_slot_id ON named_files (slot_id);

-- What a device is known to hold of a slot. A version is only removed with its whole slot, which takes its bases along.
CREATE TABLE bases (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    slot_id INTEGER NOT NULL REFERENCES slots (id) ON DELETE CASCADE,
    version_id INTEGER REFERENCES versions (id) ON DELETE CASCADE,
    ordinal INTEGER,
    strength TEXT CHECK (strength IN ('strong', 'provisional')),
    before_version_id INTEGER REFERENCES versions (id) ON DELETE CASCADE,
    before_ordinal INTEGER,
    session_id INTEGER REFERENCES sync_sessions (id) ON DELETE SET NULL,
    stamp INTEGER,
    file_times TEXT NOT NULL CHECK (file_times IN ('telling', 'ambiguous')),
    tracking TEXT NOT NULL CHECK (tracking IN ('tracked', 'untracked')),
    rollbacks INTEGER NOT NULL CHECK (rollbacks >= 0),
    last_synced_at INTEGER,
    CONSTRAINT bases_device_id_slot_id PRIMARY KEY (device_id, slot_id),
    CHECK ((version_id IS NULL) = (ordinal IS NULL) AND (version_id IS NULL) = (strength IS NULL)),
    CHECK ((before_version_id IS NULL) = (before_ordinal IS NULL)),
    CHECK (COALESCE(strength, '') = 'provisional' OR (before_version_id IS NULL AND session_id IS NULL))
) STRICT;
CREATE INDEX bases_slot_id ON bases (slot_id);
CREATE INDEX bases_version_id ON bases (version_id);
CREATE INDEX bases_before_version_id ON bases (before_version_id);
CREATE INDEX bases_session_id ON bases (session_id);

-- Which version was last served to a device under a save row's id.
CREATE TABLE served (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    save_id INTEGER NOT NULL REFERENCES saves (id) ON DELETE CASCADE,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    CONSTRAINT served_device_id_save_id PRIMARY KEY (device_id, save_id)
) STRICT;
CREATE INDEX served_save_id ON served (save_id);
CREATE INDEX served_version_id ON served (version_id);
