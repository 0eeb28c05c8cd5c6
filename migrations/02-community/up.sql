-- The nouns that all features share. Telegram-born rows keep Telegram's ids; times are milliseconds UTC.

CREATE TABLE groups (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    title       TEXT,
    username    TEXT,
    language    TEXT,
    mode        TEXT CHECK (mode IN ('observe', 'suggest', 'act')), -- NULL until somebody chooses: the process's default
    settings    TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    settings_rev INTEGER NOT NULL DEFAULT 1,
    bot_status  TEXT,
    bot_rights  TEXT CHECK (bot_rights IS NULL OR json_valid(bot_rights)),
    migrated_to INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;

CREATE TABLE users (
    id          INTEGER PRIMARY KEY,
    uid         BLOB    NOT NULL CHECK (length(uid) = 16),
    is_bot      INTEGER NOT NULL DEFAULT 0,
    first_name  TEXT    NOT NULL,
    last_name   TEXT,
    username    TEXT,
    language    TEXT,
    reputation  REAL    NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;
-- Not unique: chance sees to that, and a check would read a far page for every message.
CREATE INDEX users_uid ON users (uid);

CREATE TABLE members (
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    status      TEXT    NOT NULL DEFAULT 'member',
    messages    INTEGER NOT NULL DEFAULT 0,
    removed     INTEGER NOT NULL DEFAULT 0,
    reputation  REAL    NOT NULL DEFAULT 0,
    joined_at   INTEGER,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user);

CREATE TABLE messages (
    seq         INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    user        INTEGER,
    sender_chat INTEGER,
    date        INTEGER NOT NULL,
    topic       INTEGER,
    album       TEXT,
    reply_to    INTEGER,
    content     TEXT    NOT NULL,
    text        TEXT,
    links       TEXT, -- targets, one a line
    edits       INTEGER NOT NULL DEFAULT 0,
    edited_at   INTEGER,
    removed_at  INTEGER,
    created_at  INTEGER NOT NULL,
    UNIQUE (chat, message)
) STRICT;
CREATE INDEX messages_removed ON messages (removed_at) WHERE removed_at IS NOT NULL AND text IS NOT NULL;

CREATE TABLE message_edits (
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    edit        INTEGER NOT NULL,
    text        TEXT,
    edited_at   INTEGER NOT NULL,
    PRIMARY KEY (chat, message, edit)
) STRICT, WITHOUT ROWID;

CREATE TABLE media_assets (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    file_id     TEXT    NOT NULL,
    unique_id   TEXT    NOT NULL,
    size        INTEGER,
    mime        TEXT,
    name        TEXT,
    sha256      BLOB CHECK (sha256 IS NULL OR length(sha256) = 32),
    phash       INTEGER,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;
CREATE INDEX media_assets_message ON media_assets (chat, message);

CREATE TABLE spam_results (
    id          INTEGER PRIMARY KEY,
    message_seq INTEGER, -- of messages; rows come in its order, so that its index grows at the end only
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    edit        INTEGER NOT NULL DEFAULT 0,
    user        INTEGER,
    score       REAL    NOT NULL,
    band        TEXT    NOT NULL CHECK (band IN ('clear', 'review', 'spam')),
    decision    TEXT    NOT NULL,
    reasons     TEXT    NOT NULL CHECK (json_valid(reasons)),
    facts       TEXT    NOT NULL CHECK (json_valid(facts)),
    facts_v     INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    model       TEXT    NOT NULL,
    settings_rev INTEGER NOT NULL,
    label       TEXT CHECK (label IN ('spam', 'ham')),
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX spam_results_message ON spam_results (message_seq);
CREATE INDEX spam_results_removed ON spam_results (chat, created_at) WHERE decision = 'delete';

CREATE TABLE router_results (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    intent      TEXT    NOT NULL CHECK (intent IN ('qna', 'chat', 'command', 'moderation', 'other')),
    confidence  REAL    NOT NULL,
    model       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX router_results_message ON router_results (chat, message);

-- The door: who owns a protected group, and which channels its members must join.
CREATE TABLE owners (
    user_id     INTEGER PRIMARY KEY,
    username    TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE protected_groups (
    group_id    INTEGER PRIMARY KEY,
    owner_id    INTEGER NOT NULL REFERENCES owners (user_id),
    title       TEXT,
    enabled     INTEGER NOT NULL DEFAULT 0 CHECK (enabled IN (0, 1)),
    params      TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX protected_groups_owner ON protected_groups (owner_id);

CREATE TABLE group_channel_links (
    id          INTEGER PRIMARY KEY,
    group_id    INTEGER NOT NULL REFERENCES protected_groups (group_id) ON DELETE CASCADE,
    channel_id  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (group_id, channel_id)
) STRICT;
CREATE INDEX group_channel_links_channel ON group_channel_links (channel_id);
