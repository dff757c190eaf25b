-- Games are listed by name without regard to case.
DROP INDEX games_name;
CREATE INDEX games_name_key ON games (name_key);
