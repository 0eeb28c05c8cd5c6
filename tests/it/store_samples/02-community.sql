-- Rows of every table as it was after this migration.
INSERT INTO groups (id, kind, title, created_at, updated_at) VALUES (-1, 'supergroup', 'G', 1, 1);
INSERT INTO users (id, uid, first_name, created_at, updated_at) VALUES (5, randomblob(16), 'A', 1, 1);
INSERT INTO members (chat, user, first_seen, last_seen) VALUES (-1, 5, 1, 1);
INSERT INTO messages (chat, message, user, date, content, created_at) VALUES (-1, 2, 5, 1, 'text', 1);
INSERT INTO message_edits VALUES (-1, 2, 0, 'before', 1);
INSERT INTO media_assets (chat, message, kind, file_id, unique_id, created_at, updated_at) VALUES (-1, 2, 'photo', 'f', 'u', 1, 1);
INSERT INTO spam_results (chat, message, score, band, decision, reasons, facts, facts_v, stage, model, settings_rev, created_at)
    VALUES (-1, 2, 0.5, 'review', 'review', '[]', '{}', 1, 'moderate', 'm', 1, 1);
INSERT INTO router_results (chat, message, intent, confidence, model, created_at) VALUES (-1, 2, 'chat', 1, 'm', 1);
INSERT INTO owners VALUES (5, 'a', 1, 1);
INSERT INTO protected_groups (group_id, owner_id, created_at, updated_at) VALUES (-1, 5, 1, 1);
INSERT INTO group_channel_links (group_id, channel_id, created_at) VALUES (-1, -2, 1);
