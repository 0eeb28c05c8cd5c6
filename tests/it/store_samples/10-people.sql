UPDATE messages SET own = 3 WHERE seq = 1;
INSERT INTO objections VALUES (5, 1);
