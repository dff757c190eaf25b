DROP TABLE pair_codes;
DROP TABLE pairings;
