-- Slots, and the histories of archival saves: one place per row. The empty slot name is a name; NULL is none.
CREATE TABLE slots (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    game_id INTEGER NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    slot_name TEXT,
    companion TEXT,
    archival_file_name TEXT,
    head_version_id INTEGER REFERENCES versions (id) ON DELETE SET NULL,
    CHECK ((slot_name IS NULL) <> (archival_file_name IS NULL)),
    CHECK (companion IS NULL OR slot_name IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX slots_named ON slots (user_id, game_id, slot_name, COALESCE(companion, ''))
    WHERE slot_name IS NOT NULL;
CREATE UNIQUE INDEX slots_archival ON slots (user_id, game_id, archival_file_name)
    WHERE archival_file_name IS NOT NULL;
CREATE INDEX slots_user_id_game_id ON slots (user_id, game_id);
CREATE INDEX slots_game_id ON slots (game_id);
CREATE INDEX slots_head_version_id ON slots (head_version_id);

-- Versions: immutable contents. Only what became of them changes. `user_id` repeats the slot's, for the index by
-- content hash.
CREATE TABLE versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slot_id INTEGER NOT NULL REFERENCES slots (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL CHECK (ordinal > 0),
    digest BLOB NOT NULL,
    content_hash BLOB,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    fill TEXT NOT NULL CHECK (fill IN ('empty', 'blank', 'data')),
    origin_device_id BLOB REFERENCES devices (id) ON DELETE SET NULL,
    parent_id INTEGER REFERENCES versions (id) ON DELETE SET NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('upload', 'overwrite', 'web_upload', 'edit_in_place', 'restore', 'merge')),
    standing TEXT NOT NULL
        CHECK (standing IN ('line', 'fork_open', 'fork_kept_head', 'fork_kept_fork', 'fork_kept_both', 'fork_dismissed')),
    set_aside_at INTEGER,
    set_aside_dismissed INTEGER NOT NULL CHECK (set_aside_dismissed IN (0, 1)),
    held INTEGER NOT NULL CHECK (held IN (0, 1)),
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    label TEXT,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX versions_slot_id_ordinal ON versions (slot_id, ordinal);
CREATE INDEX versions_slot_id_updated_at ON versions (slot_id, updated_at);
CREATE INDEX versions_user_id_content_hash ON versions (user_id, content_hash);
CREATE INDEX versions_origin_device_id ON versions (origin_device_id);
CREATE INDEX versions_parent_id ON versions (parent_id);

-- Save rows: what `save_id` names on the wire. Each version is named by exactly one.
CREATE TABLE saves (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    file_name TEXT NOT NULL,
    emulator TEXT,
    visibility TEXT NOT NULL CHECK (visibility IN ('visible', 'cleaned', 'replaced', 'deleted')),
    is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saves_version_id ON saves (version_id);
