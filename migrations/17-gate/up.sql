-- The door: what is known of the channels that groups ask for, of who is in them, and whom the door holds.
CREATE TABLE enforced_channels (
    channel_id    INTEGER PRIMARY KEY,
    title         TEXT    NOT NULL,
    username      TEXT,
    invite_link   TEXT,
    trouble       TEXT, -- why Beadle cannot see who is in it, since when
    trouble_since INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

-- Who is in such a channel, as Telegram last said.
CREATE TABLE channel_members (
    channel     INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    is_member   INTEGER NOT NULL CHECK (is_member IN (0, 1)),
    since       INTEGER NOT NULL, -- no later than this
    told_at     INTEGER NOT NULL,
    PRIMARY KEY (channel, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_members_user ON channel_members (user);

-- Whom the door held, and how far they came.
CREATE TABLE gate_holds (
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('held', 'verified', 'released')),
    held_at     INTEGER NOT NULL,
    tapped_at   INTEGER, -- the first press of the button
    ended_at    INTEGER,
    PRIMARY KEY (chat, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_holds_user ON gate_holds (user);
CREATE INDEX gate_holds_held ON gate_holds (chat) WHERE state = 'held';

-- The one prompt that stands in a group.
CREATE TABLE gate_prompts (
    chat        INTEGER PRIMARY KEY,
    outbox      INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

CREATE INDEX protected_groups_enabled ON protected_groups (group_id) WHERE enabled = 1;

CREATE TRIGGER gate_move AFTER UPDATE OF migrated_to ON groups WHEN NEW.migrated_to IS NOT NULL
BEGIN
    UPDATE OR REPLACE gate_holds SET chat = NEW.migrated_to WHERE chat = NEW.id;
    DELETE FROM gate_prompts WHERE chat = NEW.id;
END;
