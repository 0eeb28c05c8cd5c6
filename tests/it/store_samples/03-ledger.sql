-- Rows of every table as it was after this migration.
INSERT INTO audit VALUES (1, 1, 'system', 'group.joined', -1, 'group:-1', '{}', zeroblob(32), randomblob(32));
INSERT INTO audit_personal VALUES (1, 5, randomblob(16), '{"title":"G"}', 1);
INSERT INTO events VALUES (1, 1, 'group.joined', -1, 'group:-1', '{}');
INSERT INTO event_followers VALUES ('digest', 1, 1);
INSERT INTO principals VALUES (zeroblob(16), 'user', 5, NULL, 1, 1, NULL);
INSERT INTO grants VALUES (zeroblob(16), '*', 'operator', 'config', 'system', 1, NULL);
INSERT INTO erasures (hash, key_tag, person, reason, asked_at) VALUES (randomblob(32), 7, 5, 'asked', 1);
INSERT INTO kept_bans VALUES (-1, randomblob(32), 7, NULL, 1);
