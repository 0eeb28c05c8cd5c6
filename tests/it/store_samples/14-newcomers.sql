INSERT INTO captchas (chat, user, state, task, door, asked_at, until_at) VALUES (-1001, 5, 'open', '{}', 'join', 1, 2);
INSERT INTO raids (id, chat, began_at) VALUES (1, -1001, 1);
INSERT INTO raiders VALUES (1, 5, 1, 'held');
INSERT INTO invite_links (chat, link, by, created_at) VALUES (-1001, 'https://t.me/+x', 7, 1);
