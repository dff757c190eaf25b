ALTER TABLE slots DROP COLUMN tracking;
