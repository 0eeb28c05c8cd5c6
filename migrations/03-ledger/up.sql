-- Who may do what, who did it, and what happened: principals, audit, events, erasures.

-- Every act that matters, each row bound to the one before by its hash. Ids and field names only: what
-- belongs to a person lies in audit_personal, of which the chain knows a salted digest.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY, -- 1, 2, 3 … without a gap
    at          INTEGER NOT NULL,
    actor       TEXT    NOT NULL, -- user:42, system, cli:1000, api:UUID
    action      TEXT    NOT NULL,
    tenant      INTEGER, -- a chat
    subject     TEXT    NOT NULL,
    details     TEXT    NOT NULL CHECK (json_valid(details)),
    digest      BLOB CHECK (digest IS NULL OR length(digest) = 32),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_tenant ON audit (tenant, id) WHERE tenant IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, id);

-- May be erased without breaking the chain.
CREATE TABLE audit_personal (
    audit       INTEGER PRIMARY KEY REFERENCES audit (id),
    person      INTEGER,
    salt        BLOB    NOT NULL CHECK (length(salt) = 16),
    body        TEXT    NOT NULL CHECK (json_valid(body)),
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_personal_person ON audit_personal (person) WHERE person IS NOT NULL;

-- What happened, in order, for whoever follows; ids and numbers only.
CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    tenant      INTEGER, -- a chat
    subject     TEXT    NOT NULL,
    body        TEXT    NOT NULL CHECK (json_valid(body))
) STRICT;

-- How far each follower has read.
CREATE TABLE event_followers (
    name        TEXT PRIMARY KEY,
    position    INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever may be given rights: a person in Telegram, or a program with a token.
CREATE TABLE principals (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('user', 'token')),
    telegram    INTEGER UNIQUE CHECK ((kind = 'user') = (telegram IS NOT NULL)),
    name        TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    principal   BLOB    NOT NULL REFERENCES principals (id),
    tenant      TEXT    NOT NULL, -- *, group:-100…, project:UUID, person:42
    role        TEXT    NOT NULL CHECK (role IN
                    ('operator', 'owner', 'admin', 'moderator', 'approver', 'editor', 'viewer')),
    source      TEXT    NOT NULL CHECK (source IN ('config', 'given')),
    granted_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    PRIMARY KEY (principal, tenant, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_tenant ON grants (tenant);

-- People who are to be forgotten. The plain id goes when the work is done; the keyed hash stays, so that an
-- older copy of this database forgets again.
CREATE TABLE erasures (
    hash        BLOB PRIMARY KEY CHECK (length(hash) = 32),
    key_tag     INTEGER NOT NULL,
    person      INTEGER,
    reason      TEXT    NOT NULL CHECK (reason IN ('asked', 'operator', 'replayed')),
    state       INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)), -- asked for, listed, done
    room        INTEGER NOT NULL DEFAULT 0, -- which room is at work
    position    INTEGER NOT NULL DEFAULT 0, -- and how far it has come
    rows        INTEGER NOT NULL DEFAULT 0,
    notify      INTEGER, -- the private chat that wants to hear of it
    lang        TEXT,
    asked_at    INTEGER NOT NULL,
    done_at     INTEGER
) STRICT;
CREATE INDEX erasures_open ON erasures (asked_at) WHERE state < 2;

-- A ban that outlives its person's data: the keyed hash of the id, for as long as the ban holds.
CREATE TABLE kept_bans (
    chat        INTEGER NOT NULL,
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    key_tag     INTEGER NOT NULL,
    until_at    INTEGER,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (chat, hash)
) STRICT, WITHOUT ROWID;
