INSERT INTO learned_samples (chat, message, author, teacher, label, digest, print, grams, grams_v, created_at)
    VALUES (-1, 2, 5, 1, 'spam', zeroblob(16), zeroblob(64), x'0100', 1, 1);
INSERT INTO learned_groups VALUES (-1, 1);
