-- What a browser is recognised by when it logs in again: its name, system and network. NULL for every other device.
ALTER TABLE devices ADD COLUMN browser_key TEXT;
CREATE UNIQUE INDEX devices_user_id_browser_key ON devices (user_id, browser_key);
