DROP TABLE saves;
DROP TABLE versions;
DROP TABLE slots;
