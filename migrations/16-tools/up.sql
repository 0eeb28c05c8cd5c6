-- Moderators' tools: their own words with a treatment, whom they vouch for, what members report, two safety catches.
ALTER TABLE treatments ADD COLUMN words TEXT; -- the reason in a moderator's own words

-- People whom moderators spare or vouch for.
CREATE TABLE vouched (
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('approved', 'trusted')),
    by          INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (chat, user, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX vouched_user ON vouched (user);

CREATE TABLE reports (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    author      INTEGER, -- NULL for a channel
    reporter    INTEGER NOT NULL,
    state       TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'upheld', 'rejected')),
    created_at  INTEGER NOT NULL,
    UNIQUE (chat, message, reporter)
) STRICT;
CREATE INDEX reports_reporter ON reports (reporter, created_at);
CREATE INDEX reports_author ON reports (author);
CREATE INDEX reports_created ON reports (created_at);

-- What the safety catches count; no longer than their windows.
CREATE TABLE catch_marks (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    source      INTEGER NOT NULL, -- the moderator; 0 is Beadle
    kind        TEXT    NOT NULL CHECK (kind IN ('treatment', 'ban', 'purge')),
    weight      INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX catch_marks_source ON catch_marks (chat, source, kind, at);

-- Whom a safety catch stopped.
CREATE TABLE freezes (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('treatment', 'ban', 'purge')),
    since       INTEGER NOT NULL, -- the first of what was too much
    frozen_at   INTEGER NOT NULL,
    place       INTEGER, -- chat in which its card stands
    outbox      INTEGER, -- the row that carries it there
    undo_since  INTEGER, -- everything from then on is being undone, or was
    undone      INTEGER NOT NULL DEFAULT 0,
    undo_done   INTEGER NOT NULL DEFAULT 0 CHECK (undo_done IN (0, 1)),
    released_at INTEGER,
    decided_by  INTEGER
) STRICT;
CREATE UNIQUE INDEX freezes_standing ON freezes (chat, source) WHERE released_at IS NULL;

CREATE TRIGGER tools_move AFTER UPDATE OF migrated_to ON groups WHEN NEW.migrated_to IS NOT NULL
BEGIN
    UPDATE OR REPLACE vouched SET chat = NEW.migrated_to WHERE chat = NEW.id;
    -- Messages are numbered anew: what was reported cannot be found any more.
    DELETE FROM reports WHERE chat = NEW.id AND state = 'open';
    UPDATE OR IGNORE reports SET chat = NEW.migrated_to, message = -id WHERE chat = NEW.id;
    UPDATE catch_marks SET chat = NEW.migrated_to WHERE chat = NEW.id;
    UPDATE OR IGNORE freezes SET chat = NEW.migrated_to WHERE chat = NEW.id;
END;
