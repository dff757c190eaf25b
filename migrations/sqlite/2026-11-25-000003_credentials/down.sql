DROP TABLE client_tokens;
DROP TABLE logins;
