-- Work to be done later, written in the transaction of what asks for it, and the times when some is due.

-- `later` rows wait for `run_at`; when it has come they are `ready`, where `rank` alone decides: the due time plus a
-- handicap by priority. So a claim reads the head of an index however many wait, and nobody starves.
CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    key         TEXT, -- at most one of a kind and key waits
    tenant      INTEGER,
    priority    INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3), -- urgent, normal, low, idle
    payload     TEXT    NOT NULL CHECK (json_valid(payload)),
    cursor      TEXT CHECK (cursor IS NULL OR json_valid(cursor)), -- how far its work is on disk
    state       INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5), -- later, ready, running, done, dead, cancelled
    rank        INTEGER NOT NULL,
    run_at      INTEGER NOT NULL,
    claims      INTEGER NOT NULL DEFAULT 0, -- how often it was begun: whoever settles it names the last
    attempts    INTEGER NOT NULL DEFAULT 0, -- trials that count
    max_attempts INTEGER NOT NULL,
    crashes     INTEGER NOT NULL DEFAULT 0, -- how often the process ended while it ran
    lease_until INTEGER,
    cancel_asked INTEGER NOT NULL DEFAULT 0 CHECK (cancel_asked IN (0, 1)),
    progress    REAL CHECK (progress BETWEEN 0 AND 1),
    note        TEXT,
    error       TEXT,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    settled_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_unique ON jobs (kind, key) WHERE key IS NOT NULL AND state IN (0, 1);
CREATE INDEX jobs_later ON jobs (run_at) WHERE state = 0;
CREATE INDEX jobs_ready ON jobs (kind, rank, id) WHERE state = 1 AND crashes = 0;
CREATE INDEX jobs_suspect ON jobs (id) WHERE state = 1 AND crashes > 0;
CREATE INDEX jobs_running ON jobs (id) WHERE state = 2;
CREATE INDEX jobs_dead ON jobs (settled_at) WHERE state = 4;
CREATE INDEX jobs_settled ON jobs (settled_at) WHERE state IN (3, 5);

CREATE TABLE schedules (
    name        TEXT PRIMARY KEY,
    kind        TEXT    NOT NULL,
    tenant      INTEGER,
    payload     TEXT    NOT NULL CHECK (json_valid(payload)),
    priority    INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
    max_attempts INTEGER NOT NULL,
    cron        TEXT    NOT NULL,
    zone        TEXT    NOT NULL, -- IANA name
    misfire     TEXT    NOT NULL CHECK (misfire IN ('skip', 'once', 'all')),
    last_at     INTEGER, -- the last time it was due and is seen to
    next_at     INTEGER, -- NULL when it is never due again
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;
