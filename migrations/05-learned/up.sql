-- What a group's admins taught Beadle about spam, and what it removed by itself: no words, only what is
-- computed from them.

CREATE TABLE learned_samples (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER, -- NULL when words were taught that are no message here
    author      INTEGER, -- whose words they are, to unlearn them when that person is erased
    teacher     INTEGER, -- who said so; NULL when Beadle removed it by itself
    label       TEXT    NOT NULL CHECK (label IN ('spam', 'ham')),
    digest      BLOB    NOT NULL CHECK (length(digest) = 16), -- of the folded words
    print       BLOB    NOT NULL CHECK (length(print) = 64), -- for likeness
    grams       BLOB, -- hashed n-grams, sorted, 16 bits each; NULL when nobody taught it
    grams_v     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX learned_samples_message ON learned_samples (chat, message) WHERE message IS NOT NULL;
CREATE INDEX learned_samples_chat ON learned_samples (chat, id);
CREATE INDEX learned_samples_author ON learned_samples (author) WHERE author IS NOT NULL;
CREATE INDEX learned_samples_age ON learned_samples (created_at) WHERE teacher IS NULL;

-- Number of the last change to what a group taught; numbers grow over all groups.
CREATE TABLE learned_groups (
    chat        INTEGER PRIMARY KEY,
    rev         INTEGER NOT NULL
) STRICT;
CREATE INDEX learned_groups_rev ON learned_groups (rev);

-- A basic group that became a supergroup takes its lessons along.
CREATE TRIGGER learned_moves AFTER UPDATE OF migrated_to ON groups WHEN NEW.migrated_to IS NOT NULL
BEGIN
    UPDATE learned_samples SET chat = NEW.migrated_to, message = NULL WHERE chat = NEW.id;
    INSERT INTO learned_groups (chat, rev)
        SELECT NEW.migrated_to, 1 + coalesce((SELECT max(rev) FROM learned_groups), 0)
        FROM learned_groups WHERE chat = NEW.id
        ON CONFLICT (chat) DO UPDATE SET rev = excluded.rev;
END;
