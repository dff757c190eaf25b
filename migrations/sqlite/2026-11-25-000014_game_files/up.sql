-- The files of games. `path` begins at the platform's folder. A game that was found before has none here until the next
-- scan of its library.
CREATE TABLE game_files (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    game_id INTEGER NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    modified_at INTEGER NOT NULL,
    crc32 TEXT,
    md5 TEXT,
    sha1 TEXT
) STRICT;
CREATE UNIQUE INDEX game_files_game_id_path ON game_files (game_id, path);
CREATE INDEX game_files_crc32 ON game_files (crc32);
CREATE INDEX game_files_md5 ON game_files (md5);
CREATE INDEX game_files_sha1 ON game_files (sha1);
