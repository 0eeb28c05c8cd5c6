-- Whose words are whose, and who does not want to be reckoned up.

-- How many bytes of `text`, from its beginning, the sender wrote; what follows is quoted, forwarded from or shared.
-- NULL: from before this was known.
ALTER TABLE messages ADD COLUMN own INTEGER;
ALTER TABLE message_edits ADD COLUMN own INTEGER;

-- People who object to having a reputation: none is kept of them.
CREATE TABLE objections (
    user        INTEGER PRIMARY KEY,
    objected_at INTEGER NOT NULL
) STRICT;
