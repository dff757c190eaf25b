DROP TABLE user_games;
DROP TABLE games;
DROP TABLE platforms;
DROP TABLE settings;
