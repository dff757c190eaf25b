DROP INDEX games_name_key;
CREATE INDEX games_name ON games (name);
