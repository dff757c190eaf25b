-- What an administrator set at run time: one row at most.
CREATE TABLE settings (
    id INTEGER NOT NULL CHECK (id = 1),
    library_folder TEXT,
    CONSTRAINT settings_id PRIMARY KEY (id)
) STRICT;

CREATE TABLE platforms (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL,
    fs_slug TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX platforms_fs_slug ON platforms (fs_slug);

-- Games. The `_key` columns are the names in lower case, for a search without regard to case in any script.
CREATE TABLE games (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    platform_id INTEGER NOT NULL REFERENCES platforms (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    fs_name TEXT NOT NULL,
    fs_name_key TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    crc32 TEXT,
    md5 TEXT,
    sha1 TEXT,
    source TEXT NOT NULL CHECK (source IN ('library', 'missing', 'declared')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX games_platform_id_fs_name ON games (platform_id, fs_name);
CREATE INDEX games_name ON games (name);
CREATE INDEX games_crc32 ON games (crc32);
CREATE INDEX games_md5 ON games (md5);
CREATE INDEX games_sha1 ON games (sha1);

-- What one user has to do with one game. The row is also the lock of the user's saves of the game, so that it may be
-- there with nothing known: then `props` is NULL.
CREATE TABLE user_games (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    game_id INTEGER NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    props TEXT,
    last_played_at INTEGER,
    CONSTRAINT user_games_user_id_game_id PRIMARY KEY (user_id, game_id)
) STRICT;
CREATE INDEX user_games_game_id ON user_games (game_id);
