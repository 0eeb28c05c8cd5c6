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

-- What members may do in a whole group for a time: night, raid. In the ledger before Telegram is told.
CREATE TABLE chat_measures (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    imposer     TEXT    NOT NULL CHECK (imposer IN ('night', 'raid', 'moderator')),
    by          INTEGER NOT NULL DEFAULT 0,
    permissions INTEGER NOT NULL, -- what is left to members
    until_at    INTEGER NOT NULL,
    imposed_at  INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5), -- as in restrictions
    ended_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX chat_measures_standing ON chat_measures (chat, imposer, by) WHERE state = 0;
CREATE INDEX chat_measures_ended ON chat_measures (ended_at) WHERE ended_at IS NOT NULL;

-- The group's own permissions while measures stand, and what Telegram was told instead.
CREATE TABLE chat_held (
    chat        INTEGER PRIMARY KEY,
    own         INTEGER NOT NULL,
    told        INTEGER NOT NULL,
    told_at     INTEGER NOT NULL
) STRICT;

-- Somebody at the door: joined, asks to join, or asks with a deadline.
CREATE TABLE admissions (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    door        TEXT    NOT NULL CHECK (door IN ('join', 'request', 'query')),
    query       TEXT, -- Telegram's id of a request with a deadline, until it is answered
    query_until INTEGER,
    user_chat   INTEGER, -- where the person may be written to
    step        TEXT, -- at which step it stands; NULL when over
    held_until  INTEGER,
    then_word   TEXT CHECK (then_word IN ('admit', 'refuse')), -- when the hold runs out
    vouched     INTEGER NOT NULL DEFAULT 0 CHECK (vouched IN (0, 1)),
    notes       TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(notes)), -- codes of what steps noticed
    outcome     TEXT CHECK (outcome IN ('admitted', 'left_to_admins', 'refused', 'gone')), -- NULL while open
    reason      TEXT,
    started_at  INTEGER NOT NULL,
    decided_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX admissions_open ON admissions (chat, user) WHERE outcome IS NULL;
CREATE INDEX admissions_user ON admissions (user);
CREATE INDEX admissions_decided ON admissions (decided_at) WHERE decided_at IS NOT NULL;

-- Standing of members: what moved it, so that it can be explained and taken back. Clear messages are too
-- many for rows of their own and move only the sum.
ALTER TABLE members ADD COLUMN reputation_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN reputation_at INTEGER NOT NULL DEFAULT 0;
CREATE TABLE reputation (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    evidence    TEXT    NOT NULL,
    delta       REAL    NOT NULL,
    cause       INTEGER, -- of spam_results
    at          INTEGER NOT NULL,
    undone_at   INTEGER
) STRICT;
CREATE INDEX reputation_user ON reputation (user, chat, id);
CREATE INDEX reputation_at ON reputation (at);
CREATE INDEX reputation_cause ON reputation (cause) WHERE cause IS NOT NULL;
