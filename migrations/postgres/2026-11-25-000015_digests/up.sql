-- Which rows name some bytes, and the names of all bytes in order: for `verify` and the collection of unused bytes.
CREATE INDEX versions_digest ON versions (digest);
CREATE INDEX screenshots_digest ON screenshots (digest);
