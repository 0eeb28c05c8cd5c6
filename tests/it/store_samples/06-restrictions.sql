-- Rows of every table as it was after this migration.
INSERT INTO restrictions (chat, subject, imposer, by, measure, permissions, until_at, reason, imposed_at)
    VALUES (-1001, 42, 'gate', 0, 'restrict', 0, NULL, 'not_subscribed', 1);
INSERT INTO held (chat, subject, measure, permissions, until_at, outbox, state, due_at, told_at)
    VALUES (-1001, 42, 'restrict', 0, 86400001, NULL, 1, 43200001, 1);
INSERT INTO chat_measures (chat, imposer, permissions, until_at, imposed_at) VALUES (-1001, 'night', 0, 2, 1);
INSERT INTO chat_held (chat, own, told, told_at) VALUES (-1001, 65535, 0, 1);
INSERT INTO admissions (id, chat, user, door, step, started_at)
    VALUES (x'0190c0de000070008000000000000006', -1001, 42, 'join', 'profile', 1);
INSERT INTO reputation (chat, user, evidence, delta, at) VALUES (-1001, 42, 'removed', -1.0, 1);
