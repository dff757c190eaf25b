DROP TABLE saves;
ALTER TABLE slots DROP CONSTRAINT slots_head_version_id_fkey;
DROP TABLE versions;
DROP TABLE slots;
