INSERT INTO restrictions (chat, subject, imposer, measure, reason, imposed_at)
    VALUES (-1, 5, 'ladder', 'restrict', 'spam_words', 1);
INSERT INTO held (chat, subject, measure, told_at) VALUES (-1, 5, 'restrict', 1);
