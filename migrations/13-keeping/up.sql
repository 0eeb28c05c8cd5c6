-- Housekeeping finds what it looks for by indexes, and a removed message without words loses its files in time too.
ALTER TABLE messages ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0; -- words and files are gone, their time was over
DROP INDEX messages_removed;
CREATE INDEX messages_removed ON messages (removed_at) WHERE removed_at IS NOT NULL AND emptied = 0;
CREATE INDEX cards_way ON cards (outbox) WHERE place_message IS NULL AND state <> 'expired';
CREATE INDEX cards_old ON cards (created_at) WHERE state <> 'expired';
CREATE INDEX cards_gone ON cards (created_at) WHERE state = 'expired';
