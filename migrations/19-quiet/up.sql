-- When a moderator's private chat makes no sound.
CREATE TABLE quiet_hours (
    user       INTEGER PRIMARY KEY,
    hours      TEXT    NOT NULL CHECK (length(hours) <= 20), -- 23:00-07:00
    zone       TEXT    CHECK (length(zone) <= 64), -- by which clock; NULL is the group's that a message is about
    updated_at INTEGER NOT NULL
) STRICT;
