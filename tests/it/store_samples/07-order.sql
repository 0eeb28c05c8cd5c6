INSERT INTO correspondents VALUES (5, 1, NULL);
INSERT INTO treatments (id, chat, message, user, kind, strike, counts_until, reasons, created_at)
    VALUES (1, -1, 2, 5, 'warn', 1, 9, '["spam_words"]', 1);
INSERT INTO cards (id, kind, chat, message, user, treatment, also, lang, place, outbox, created_at)
    VALUES (1, 'verdict', -1, 2, 5, 1, 1, 'en', 5, 1, 1);
INSERT INTO card_messages VALUES (1, 3);
