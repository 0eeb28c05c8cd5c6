INSERT INTO outbox (id, created_at, lane, method, chat, params, instead)
    VALUES (9001, 1, 2, 'sendMessage', 5, '{"chat_id": 5, "text": "x"}', '{"lane": 2, "method": "sendMessage", "chat": 5, "params": {}}');
