-- What an owner may look back on and take back: settings by version, rights by name.

-- What a group's settings were after each change, so that one can be looked at and taken back.
CREATE TABLE settings_versions (
    chat        INTEGER NOT NULL,
    rev         INTEGER NOT NULL, -- groups.settings_rev
    settings    TEXT    NOT NULL CHECK (json_valid(settings)),
    mode        TEXT,
    language    TEXT,
    by          TEXT, -- as in the audit; NULL for what was found when the first change came
    at          INTEGER NOT NULL,
    PRIMARY KEY (chat, rev)
) STRICT, WITHOUT ROWID;
-- Whoever changes the settings raises their number, and can forget nothing here.
CREATE TRIGGER groups_settings_version AFTER UPDATE OF settings_rev ON groups
WHEN new.settings_rev <> old.settings_rev
BEGIN
    INSERT OR IGNORE INTO settings_versions (chat, rev, settings, mode, language, at)
        VALUES (old.id, old.settings_rev, old.settings, old.mode, old.language, old.updated_at);
    INSERT OR REPLACE INTO settings_versions (chat, rev, settings, mode, language, at)
        VALUES (new.id, new.settings_rev, new.settings, new.mode, new.language, new.updated_at);
    DELETE FROM settings_versions WHERE chat = new.id AND rev <= new.settings_rev - 100;
END;

-- What the owner of a group lets somebody do with Beadle there beyond Telegram's rights, or not do in spite of them.
CREATE TABLE allowances (
    chat        INTEGER NOT NULL,
    user        INTEGER NOT NULL,
    ability     TEXT    NOT NULL CHECK (ability IN ('delete', 'restrict', 'settings')),
    allowed     INTEGER NOT NULL CHECK (allowed IN (0, 1)),
    given_by    TEXT    NOT NULL, -- as in the audit
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (chat, user, ability)
) STRICT, WITHOUT ROWID;
CREATE INDEX allowances_user ON allowances (user);
