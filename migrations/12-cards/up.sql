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

-- What people taught and what was only removed have limits of their own, and the one changes without the other.
CREATE INDEX learned_samples_untaught ON learned_samples (chat, id) WHERE teacher IS NULL;
ALTER TABLE learned_groups ADD COLUMN lessons INTEGER NOT NULL DEFAULT 0; -- number of the last change but additions of prints
DROP TRIGGER learned_moves;
CREATE TRIGGER learned_moves AFTER UPDATE OF migrated_to ON groups WHEN NEW.migrated_to IS NOT NULL
BEGIN
    UPDATE learned_samples SET chat = NEW.migrated_to, message = NULL WHERE chat = NEW.id;
    INSERT INTO learned_groups (chat, rev, lessons)
        SELECT NEW.migrated_to, n, n FROM (SELECT 1 + coalesce((SELECT max(rev) FROM learned_groups), 0) AS n)
        WHERE EXISTS (SELECT 1 FROM learned_groups WHERE chat = NEW.id)
        ON CONFLICT (chat) DO UPDATE SET rev = excluded.rev, lessons = excluded.lessons;
END;
