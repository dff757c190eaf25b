DROP INDEX games_name_key;
ALTER TABLE games
    ALTER COLUMN name_key TYPE TEXT COLLATE "default", ALTER COLUMN fs_name_key TYPE TEXT COLLATE "default";
CREATE INDEX games_name ON games (name);
