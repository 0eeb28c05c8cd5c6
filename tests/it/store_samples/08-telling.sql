INSERT INTO outbox (id, created_at, lane, method, chat, params, instead)
    VALUES (9001, 1, 2, 'sendMessage', 5, '{"chat_id": 5, "text": "x"}', '{"lane": 2, "method": "sendMessage", "chat": 5, "params": {}}');
INSERT INTO settings_versions VALUES (-1, 1, '{}', NULL, NULL, 'user:5', 1);
INSERT INTO allowances VALUES (-1, 5, 'restrict', 1, 'user:6', 1);
