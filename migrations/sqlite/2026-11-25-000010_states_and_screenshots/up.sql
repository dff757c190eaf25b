-- A slot row is now one of three: a slot, the history of an archival save, the history of a state. SQLite changes no
-- CHECK in place, so the table is made anew; ids stay, and none is given twice.
CREATE TABLE new_slots (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    game_id INTEGER NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    slot_name TEXT,
    companion TEXT,
    archival_file_name TEXT,
    head_version_id INTEGER REFERENCES versions (id) ON DELETE SET NULL,
    state_file_name TEXT,
    state_emulator TEXT,
    CHECK ((slot_name IS NOT NULL) + (archival_file_name IS NOT NULL) + (state_file_name IS NOT NULL) = 1),
    CHECK (companion IS NULL OR slot_name IS NOT NULL),
    CHECK (state_emulator IS NULL OR (state_file_name IS NOT NULL AND state_emulator <> ''))
) STRICT;
INSERT INTO new_slots (id, user_id, game_id, slot_name, companion, archival_file_name, head_version_id)
    SELECT id, user_id, game_id, slot_name, companion, archival_file_name, head_version_id FROM slots;
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_slots', 0
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_slots');
UPDATE sqlite_sequence
    SET seq = COALESCE((SELECT last.seq FROM sqlite_sequence AS last WHERE last.name = 'slots'), 0)
    WHERE name = 'new_slots';
DROP TABLE slots;
ALTER TABLE new_slots RENAME TO slots;
CREATE UNIQUE INDEX slots_named ON slots (user_id, game_id, slot_name, COALESCE(companion, ''))
    WHERE slot_name IS NOT NULL;
CREATE UNIQUE INDEX slots_archival ON slots (user_id, game_id, archival_file_name)
    WHERE archival_file_name IS NOT NULL;
CREATE UNIQUE INDEX slots_state ON slots (user_id, game_id, state_file_name, COALESCE(state_emulator, ''))
    WHERE state_file_name IS NOT NULL;
CREATE INDEX slots_user_id_game_id ON slots (user_id, game_id);
CREATE INDEX slots_game_id ON slots (game_id);
CREATE INDEX slots_head_version_id ON slots (head_version_id);

-- Screenshots: of a version, which has one that is not replaced, or of a game alone. `user_id` and `game_id` repeat the
-- version's.
CREATE TABLE screenshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    game_id INTEGER NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    version_id INTEGER REFERENCES versions (id) ON DELETE CASCADE,
    replaced INTEGER NOT NULL CHECK (replaced IN (0, 1)),
    file_name TEXT NOT NULL,
    digest BLOB NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    image_kind TEXT CHECK (image_kind IN ('png', 'jpeg', 'webp', 'gif', 'bmp')),
    created_at INTEGER NOT NULL,
    CHECK (replaced = 0 OR version_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX screenshots_present ON screenshots (version_id) WHERE NOT replaced;
CREATE INDEX screenshots_version_id ON screenshots (version_id);
CREATE INDEX screenshots_user_id ON screenshots (user_id);
CREATE INDEX screenshots_game_id ON screenshots (game_id);
