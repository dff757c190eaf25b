-- Games are listed by name without regard to case, in the same order on every machine.
DROP INDEX games_name;
ALTER TABLE games ALTER COLUMN name_key TYPE TEXT COLLATE "C", ALTER COLUMN fs_name_key TYPE TEXT COLLATE "C";
CREATE INDEX games_name_key ON games (name_key);
