DROP TABLE game_files;
