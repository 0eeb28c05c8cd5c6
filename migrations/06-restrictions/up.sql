-- Who is restricted where, by whom and until when; admissions under way.

-- One row for each measure that somebody imposed on a person (positive id) or a channel (negative id).
-- At most one stands for each imposer; the strongest of those that stand is what Telegram is told.
CREATE TABLE restrictions (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    subject     INTEGER NOT NULL,
    imposer     TEXT    NOT NULL CHECK (imposer IN
                ('moderator', 'moderation', 'ladder', 'gate', 'captcha', 'raid', 'ban_list', 'outside')),
    by          INTEGER NOT NULL DEFAULT 0, -- which moderator, or which admin outside; 0 for machinery
    measure     TEXT    NOT NULL CHECK (measure IN ('restrict', 'ban')),
    permissions INTEGER NOT NULL DEFAULT 0, -- what is left to the person: bits of arbiter/permissions.rs
    until_at    INTEGER, -- NULL for good, or while the gate, captcha or raid that wants it holds
    reason      TEXT    NOT NULL,
    verdict     INTEGER, -- of spam_results
    imposed_at  INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5), -- stands, lifted, expired, refused, replaced, overruled
    ended_at    INTEGER,
    ended_by    TEXT,
    why         TEXT -- what Telegram said, when it refused
) STRICT;
CREATE UNIQUE INDEX restrictions_standing ON restrictions (chat, subject, imposer, by) WHERE state = 0;
CREATE INDEX restrictions_subject ON restrictions (subject);
CREATE INDEX restrictions_ended ON restrictions (ended_at) WHERE ended_at IS NOT NULL;

-- What Telegram was last told of a person or channel, and when to look at it again.
CREATE TABLE held (
    chat        INTEGER NOT NULL,
    subject     INTEGER NOT NULL,
    measure     TEXT CHECK (measure IN ('restrict', 'ban')), -- NULL: nothing
    permissions INTEGER NOT NULL DEFAULT 0,
    until_at    INTEGER,
    outbox      INTEGER, -- the call that tells it; NULL when Telegram told us
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2), -- on its way, so, refused
    tries       INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER,
    told_at     INTEGER NOT NULL,
    PRIMARY KEY (chat, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_due ON held (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX held_way ON held (outbox) WHERE state = 0;
