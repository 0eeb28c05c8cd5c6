-- Rows of every table as it was after this migration.
INSERT INTO meta VALUES ('k', 'v');
INSERT INTO inbox (epoch, update_id, lane, kind, received_at, raw) VALUES (1, 7, 4, 'message', 1, '{}');
INSERT INTO outbox (created_at, lane, method, params) VALUES (1, 0, 'sendMessage', '{}');
