-- What people see of moderation: cards to decide on, treatments that can be undone and appealed.

-- People whom the bot may write to in private: they wrote first, and have not blocked it.
CREATE TABLE correspondents (
    user        INTEGER PRIMARY KEY,
    since       INTEGER NOT NULL,
    lost_at     INTEGER
) STRICT;

CREATE TABLE cards (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL CHECK (kind IN ('verdict', 'appeal', 'offer')),
    chat        INTEGER NOT NULL, -- the group it is about
    message     INTEGER,
    user        INTEGER,
    sender_chat INTEGER,
    treatment   INTEGER, -- of treatments: what was done before anybody decided, or what is appealed
    also        INTEGER NOT NULL DEFAULT 0, -- further messages of the same sender while it was open
    lang        TEXT    NOT NULL,
    place       INTEGER, -- chat it stands in; NULL while there is nobody to show it to
    place_message INTEGER,
    outbox      INTEGER, -- the row that carries it there
    picture     INTEGER, -- the row of the outbox that carries its picture
    shows       TEXT CHECK (shows IS NULL OR json_valid(shows)), -- what an offer rests on
    state       TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided', 'expired')),
    choice      TEXT,
    decided_by  INTEGER,
    decided_name TEXT,
    decided_at  INTEGER,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX cards_open ON cards (chat, user) WHERE state = 'open';
CREATE INDEX cards_place ON cards (place) WHERE state = 'open';
CREATE INDEX cards_created ON cards (created_at);
CREATE INDEX cards_message ON cards (chat, message);
CREATE INDEX cards_user ON cards (user, created_at);
CREATE INDEX cards_decided_by ON cards (decided_by);

-- Messages of a card beyond its first.
CREATE TABLE card_messages (
    card        INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    message     INTEGER NOT NULL,
    PRIMARY KEY (card, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE treatments (
    id          INTEGER PRIMARY KEY,
    chat        INTEGER NOT NULL,
    message     INTEGER,
    user        INTEGER,
    sender_chat INTEGER,
    kind        TEXT    NOT NULL CHECK (kind IN ('delete', 'warn', 'mute', 'ban')),
    strike      INTEGER NOT NULL DEFAULT 0 CHECK (strike IN (0, 1)), -- counts on the ladder
    counts_until INTEGER, -- a strike is forgotten then
    until       INTEGER, -- end of a mute or ban; NULL with one of those: until somebody lifts it
    reasons     TEXT    NOT NULL CHECK (json_valid(reasons)), -- codes
    by          INTEGER, -- the moderator; NULL is Beadle
    restriction INTEGER, -- in the ledger of restrictions
    undone_at   INTEGER,
    undone_by   INTEGER,
    appeal      TEXT CHECK (appeal IN ('open', 'granted', 'refused')),
    appealed_at INTEGER,
    appeal_by   INTEGER,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX treatments_strikes ON treatments (chat, user, created_at) WHERE strike = 1 AND undone_at IS NULL;
CREATE INDEX treatments_message ON treatments (chat, message);
CREATE INDEX treatments_user ON treatments (user);
CREATE INDEX treatments_created ON treatments (created_at);
