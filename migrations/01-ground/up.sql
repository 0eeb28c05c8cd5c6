-- The ground: what must survive a crash before anything is understood.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the numbering of updates stands: one row.
CREATE TABLE intake (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    epoch       INTEGER NOT NULL,
    last_id     INTEGER
) STRICT;
INSERT INTO intake (one, epoch, last_id) VALUES (1, 1, NULL);

-- Updates as Telegram sent them, in order of arrival. `epoch` moves when Telegram's ids jump back.
CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY,
    epoch       INTEGER NOT NULL,
    update_id   INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- waiting, handled, dead letter
    attempts    INTEGER NOT NULL DEFAULT 0,
    not_before  INTEGER NOT NULL DEFAULT 0,
    handled_at  INTEGER,
    error       TEXT,
    raw         TEXT    NOT NULL,
    UNIQUE (epoch, update_id)
) STRICT;
CREATE INDEX inbox_waiting ON inbox (lane, seq) WHERE state = 0;
CREATE INDEX inbox_dead ON inbox (handled_at) WHERE state = 2;

-- Calls to Telegram, each written in the transaction of the change that causes it.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    created_at  INTEGER NOT NULL,
    lane        INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 4),
    method      TEXT    NOT NULL,
    chat        INTEGER,
    params      TEXT    NOT NULL CHECK (json_valid(params)),
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 5), -- queued, sending, done, failed, unknown, expired
    attempts    INTEGER NOT NULL DEFAULT 0,
    not_before  INTEGER NOT NULL DEFAULT 0,
    deadline    INTEGER,
    settled_at  INTEGER,
    update_seq  INTEGER,
    result      TEXT,
    error       TEXT
) STRICT;
CREATE INDEX outbox_open ON outbox (id) WHERE state IN (0, 1);
CREATE INDEX outbox_unknown ON outbox (id) WHERE state = 4;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state IN (2, 3, 5);
