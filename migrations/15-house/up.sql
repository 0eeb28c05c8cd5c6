-- House rules that are lists: the blacklist, notes, answers to keywords, and the texts that greet.
CREATE TABLE house_items (
    id          BLOB    PRIMARY KEY CHECK (length(id) = 16),
    chat        INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('word', 'note', 'filter', 'text')),
    name        TEXT    NOT NULL CHECK (length(CAST(name AS BLOB)) <= 4096), -- the entry, the note's name, the keyword; of texts: rules, welcome, goodbye
    body        TEXT    NOT NULL CHECK (length(CAST(body AS BLOB)) <= 4096), -- of words what follows, else what is said
    by          INTEGER, -- who wrote it; NULL once they had themselves erased
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX house_items_name ON house_items (chat, kind, name);
CREATE INDEX house_items_by ON house_items (by) WHERE by IS NOT NULL;

-- A group that becomes a supergroup takes them along; what is there under both ids stays as the new group has it.
CREATE TRIGGER house_moves AFTER UPDATE OF migrated_to ON groups WHEN NEW.migrated_to IS NOT NULL
BEGIN
    UPDATE OR IGNORE house_items SET chat = NEW.migrated_to WHERE chat = NEW.id;
    DELETE FROM house_items WHERE chat = NEW.id;
END;
