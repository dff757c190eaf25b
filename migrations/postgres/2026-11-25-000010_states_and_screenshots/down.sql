DROP TABLE screenshots;

-- States go, with what is in them.
DELETE FROM slots WHERE state_file_name IS NOT NULL;
ALTER TABLE slots
    DROP CONSTRAINT slots_one_place,
    DROP COLUMN state_file_name,
    DROP COLUMN state_emulator,
    ADD CONSTRAINT slots_check CHECK ((slot_name IS NULL) <> (archival_file_name IS NULL));
