-- Cards: how often one was tried, whether it waited; what was said again; which treatment a restriction belongs to.
ALTER TABLE cards ADD COLUMN tries INTEGER NOT NULL DEFAULT 0; -- times it did not get through to its place
ALTER TABLE cards ADD COLUMN seated INTEGER NOT NULL DEFAULT 0 CHECK (seated IN (0, 1)); -- it had waited for a place

-- Messages that were removed by mistake and said again, so that this can be taken back.
CREATE TABLE reposts (
    outbox      INTEGER PRIMARY KEY, -- the row that says it again
    chat        INTEGER NOT NULL,
    message     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX reposts_message ON reposts (chat, message);
CREATE INDEX reposts_created ON reposts (created_at);

CREATE INDEX treatments_restriction ON treatments (restriction) WHERE restriction IS NOT NULL;
