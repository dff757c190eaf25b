DROP INDEX devices_user_id_browser_key;
ALTER TABLE devices DROP COLUMN browser_key;
