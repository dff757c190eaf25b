DROP TABLE screenshots;

-- States go, with what is in them; foreign keys do not act while a table is made anew.
DELETE FROM saves WHERE version_id IN
    (SELECT versions.id FROM versions JOIN slots ON slots.id = slot_id WHERE state_file_name IS NOT NULL);
DELETE FROM versions WHERE slot_id IN (SELECT id FROM slots WHERE state_file_name IS NOT NULL);
DELETE FROM slots WHERE state_file_name IS NOT NULL;
CREATE TABLE new_slots (
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
CREATE INDEX slots_user_id_game_id ON slots (user_id, game_id);
CREATE INDEX slots_game_id ON slots (game_id);
CREATE INDEX slots_head_version_id ON slots (head_version_id);
