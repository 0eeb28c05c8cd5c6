-- Bans that a moderator laid in one group of an owner, and what came of each in the owner's other groups.
CREATE TABLE shared_bans (
    origin      INTEGER NOT NULL, -- the group in which it was laid
    chat        INTEGER NOT NULL, -- the group that it was shared with
    subject     INTEGER NOT NULL,
    cause       INTEGER NOT NULL, -- of restrictions, in the group of origin
    what        TEXT    NOT NULL CHECK (what IN ('noted', 'banned', 'spared')),
    entry       INTEGER, -- of restrictions, here
    treatment   INTEGER, -- of treatments, here
    until_at    INTEGER,
    shared_at   INTEGER NOT NULL,
    PRIMARY KEY (chat, subject, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_bans_subject ON shared_bans (subject, origin);
CREATE INDEX shared_bans_until ON shared_bans (until_at) WHERE until_at IS NOT NULL;
