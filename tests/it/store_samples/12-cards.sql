UPDATE cards SET tries = 1, seated = 1 WHERE id = 1;
INSERT INTO reposts VALUES (1, -1, 2, 1);
