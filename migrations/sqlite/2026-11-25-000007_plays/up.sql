-- Play sessions. `device_key` and `game_key` are the device and game as they were reported, unknown ones as '' and 0:
-- they stay when the device is gone, so that two sessions that differed do not become one.
CREATE TABLE play_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id BLOB REFERENCES devices (id) ON DELETE SET NULL,
    device_key TEXT NOT NULL,
    game_id INTEGER REFERENCES games (id) ON DELETE SET NULL,
    game_key INTEGER NOT NULL,
    save_slot TEXT,
    sync_session_id INTEGER REFERENCES sync_sessions (id) ON DELETE SET NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    reported_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX play_sessions_user_id_device_key_game_key_started_at
    ON play_sessions (user_id, device_key, game_key, started_at);
CREATE INDEX play_sessions_user_id_started_at ON play_sessions (user_id, started_at);
CREATE INDEX play_sessions_device_id ON play_sessions (device_id);
CREATE INDEX play_sessions_game_id ON play_sessions (game_id);
CREATE INDEX play_sessions_sync_session_id ON play_sessions (sync_session_id);
