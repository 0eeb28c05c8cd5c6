INSERT INTO house_items VALUES (randomblob(16), -1, 'note', 'faq', 'read it', 5, 1, 1);
INSERT INTO house_items VALUES (randomblob(16), -1, 'word', 'casino*', 'warn', NULL, 1, 1);
