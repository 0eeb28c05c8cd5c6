INSERT INTO shared_bans VALUES (-1, -2, 7, 1, 'noted', NULL, NULL, 99, 1);
