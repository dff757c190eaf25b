DROP INDEX screenshots_digest;
DROP INDEX versions_digest;
