UPDATE treatments SET words = 'shouting' WHERE id = 1;
INSERT INTO vouched VALUES (-1, 7, 'approved', 8, 1);
INSERT INTO reports (id, chat, message, author, reporter, created_at) VALUES (1, -1, 2, 7, 8, 1);
INSERT INTO catch_marks VALUES (1, -1, 8, 'ban', 1, 1);
INSERT INTO freezes (id, chat, source, kind, since, frozen_at) VALUES (1, -1, 8, 'ban', 1, 2);
