DROP TABLE served;
DROP TABLE bases;
DROP TABLE named_files;
DROP TABLE sync_sessions;
