-- Newcomers: what they are asked at the door, raids, Beadle's own invite links.

-- What somebody was asked; kept while it is open, and after it was passed so that it is not asked again. User 0 is
-- the one question of a group that stands for those of many.
CREATE TABLE captchas (
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('open', 'passed', 'failed', 'over', 'shared')),
    task        TEXT    NOT NULL CHECK (json_valid(task)), -- question, accepted answers, the sum
    door        TEXT    NOT NULL CHECK (door IN ('join', 'request')),
    wrong       INTEGER NOT NULL DEFAULT 0,
    letters     INTEGER, -- where the person may be written to
    prompt      INTEGER, -- of outbox
    asked_at    INTEGER NOT NULL,
    until_at    INTEGER NOT NULL,
    decided_at  INTEGER,
    PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX captchas_user ON captchas (user, asked_at);
CREATE INDEX captchas_asked ON captchas (chat, asked_at) WHERE prompt IS NOT NULL;
CREATE INDEX captchas_decided ON captchas (decided_at) WHERE decided_at IS NOT NULL;

CREATE TABLE raids (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    by          INTEGER NOT NULL DEFAULT 0, -- who switched it on; 0 is the surge itself
    began_at    INTEGER NOT NULL,
    ended_at    INTEGER,
    ended_by    INTEGER,
    did         TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(did)), -- what could be done, for the card
    place       INTEGER, -- where the card stands
    card        INTEGER, -- of outbox
    shown       TEXT, -- digest of what the card says
    fate        TEXT    NOT NULL DEFAULT 'keep' CHECK (fate IN ('keep', 'free', 'remove')), -- of those who are held
    fate_by     INTEGER
) STRICT;
CREATE UNIQUE INDEX raids_open ON raids (chat) WHERE ended_at IS NULL;
CREATE INDEX raids_chat ON raids (chat, began_at);

-- Who came during a raid.
CREATE TABLE raiders (
    raid        INTEGER NOT NULL REFERENCES raids (id) ON DELETE CASCADE,
    user        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('held', 'free', 'removed', 'gone')),
    PRIMARY KEY (raid, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX raiders_user ON raiders (user);

-- Links that Beadle made. Only these can it change.
CREATE TABLE invite_links (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    outbox      INTEGER, -- the call that makes it, until the link is known
    link        TEXT,
    by          INTEGER NOT NULL,
    raid        INTEGER, -- which raid made it a link of requests
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX invite_links_chat ON invite_links (chat);

CREATE INDEX admissions_came ON admissions (chat, started_at);
