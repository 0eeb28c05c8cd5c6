//! All SQL of the house rules.
use rusqlite::{OptionalExtension as _, params};

use super::pace::Beat;
use crate::base::clock::Millis;
use crate::community::erasure::{Kept, Portion, Progress};
use crate::store::{Connection, StoreError, Tx};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// An entry of the blacklist; its body is the action.
    Word,
    /// A note; its body is said.
    Note,
    /// A keyword; its body is said.
    Filter,
    /// `rules`, `welcome`, `goodbye`.
    Text,
}

impl ItemKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Word, Self::Note, Self::Filter, Self::Text];

    /// Its word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Note => "note",
            Self::Filter => "filter",
            Self::Text => "text",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// The entry, the note's name, the keyword, or which text.
    pub name: String,
    /// What follows, or what is said.
    pub body: String,
}

/// Writes an item of a group in place of the one of its name. Gives false when there are `most` of its kind already.
pub(super) fn put(
    tx: &Tx<'_>,
    (id, chat, by): ([u8; 16], i64, Option<i64>),
    item: &Item,
    most: usize,
    now: Millis,
) -> Result<bool, StoreError> {
    let kind = item.kind.word();
    let changed = tx
        .prepare_cached(
            "UPDATE house_items SET body = ?4, by = ?5, updated_at = ?6 WHERE chat = ?1 AND kind = ?2 AND name = ?3",
        )?
        .execute(params![chat, kind, item.name, item.body, by, now])?;
    if changed == 1 {
        return Ok(true);
    }
    if count(tx, chat, kind, "%")? >= most {
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT INTO house_items (id, chat, kind, name, body, by, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )?
    .execute(params![id, chat, kind, item.name, item.body, by, now])?;
    Ok(true)
}

/// How many items of a kind there are, with names like `like`.
pub(super) fn count(
    conn: &Connection,
    chat: i64,
    kind: &str,
    like: &str,
) -> Result<usize, StoreError> {
    let count: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM house_items WHERE chat = ?1 AND kind = ?2 AND name LIKE ?3",
        )?
        .query_row(params![chat, kind, like], |r| r.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Takes an item away; false when there was none.
pub(super) fn drop(tx: &Tx<'_>, chat: i64, kind: ItemKind, name: &str) -> Result<bool, StoreError> {
    let gone = tx
        .prepare_cached("DELETE FROM house_items WHERE chat = ?1 AND kind = ?2 AND name = ?3")?
        .execute(params![chat, kind.word(), name])?;
    Ok(gone == 1)
}

/// All items of a group, by kind and name.
pub fn all(conn: &Connection, chat: i64) -> Result<Vec<Item>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT kind, name, body FROM house_items WHERE chat = ?1 ORDER BY kind, name",
    )?;
    let mut rows = find.query([chat])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(0)?;
        if let Some(kind) = ItemKind::find(&kind) {
            items.push(Item {
                kind,
                name: row.get(1)?,
                body: row.get(2)?,
            });
        }
    }
    Ok(items)
}

/// One text of a group.
pub(super) fn text(conn: &Connection, chat: i64, name: &str) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT body FROM house_items WHERE chat = ?1 AND kind = 'text' AND name = ?2",
        )?
        .query_row(params![chat, name], |r| r.get(0))
        .optional()?)
}

/// Whether somebody may read what a group says of itself: it is public, or they were seen in it or at its door.
pub(super) fn may_read(conn: &Connection, chat: i64, user: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM groups WHERE id = ?1 AND username IS NOT NULL AND deleted_at IS NULL)
                 OR EXISTS (SELECT 1 FROM members WHERE chat = ?1 AND user = ?2 AND status <> 'kicked')
                 OR EXISTS (SELECT 1 FROM admissions WHERE chat = ?1 AND user = ?2 AND outcome IS NULL)",
        )?
        .query_row([chat, user], |r| r.get(0))?)
}

/// Messages looked through when the memory of a group's pace begins.
const BEATS: i64 = 1_000;

/// Messages of a group since `since`, with their authors, oldest first: the pace of people after a start.
pub(super) fn beats(
    conn: &Connection,
    chat: i64,
    since: Millis,
    digest: impl Fn(&str) -> Option<u64>,
) -> Result<Vec<(i64, Beat)>, StoreError> {
    // By message id, which is the index: what is older than the window ends the search.
    let mut find = conn.prepare_cached(
        "SELECT message, user, date, text, album, removed_at IS NOT NULL, content FROM messages
         WHERE chat = ?1 ORDER BY message DESC LIMIT ?2",
    )?;
    let mut rows = find.query([chat, BEATS])?;
    let mut beats = Vec::new();
    while let Some(row) = rows.next()? {
        let at: Millis = row.get(2)?;
        if at < since {
            break;
        }
        let (user, text): (Option<i64>, Option<String>) = (row.get(1)?, row.get(3)?);
        // Telegram's notices about somebody are not their words.
        let (Some(user), false) = (user, row.get::<_, String>(6)?.is_empty()) else {
            continue;
        };
        let beat = Beat {
            message: row.get(0)?,
            at,
            digest: text.as_deref().and_then(&digest),
            album: row.get(4)?,
            too_soon: row.get(5)?,
        };
        beats.push((user, beat));
    }
    beats.reverse();
    Ok(beats)
}

/// What somebody wrote for groups, as they may see it.
pub(super) const KEPT: &[Kept] = &[Kept::new(
    "house_items",
    "SELECT position, chat, kind, name, body, created_at, updated_at FROM (
         SELECT row_number() OVER (ORDER BY created_at, id) AS position, * FROM house_items WHERE by = ?1)
     WHERE position > ?2 ORDER BY position LIMIT ?3",
)];

/// Forgets who wrote items; the items are the group's, and stay.
pub(super) fn forget(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let gone = tx
        .prepare_cached(
            "UPDATE house_items SET by = NULL WHERE by = ?1 AND updated_at <= ?2 AND id IN (
                 SELECT id FROM house_items WHERE by = ?1 AND updated_at <= ?2 LIMIT ?3)",
        )?
        .execute(params![p.person, p.until, p.rows])?;
    let more = i64::try_from(gone).is_ok_and(|gone| gone >= p.rows);
    Ok(Progress {
        gone,
        next: more.then_some(p.position + 1),
    })
}

/// A group that has a night, or in which one was begun.
#[derive(Debug, Clone)]
pub(super) struct Sleeper {
    pub(super) chat: i64,
    pub(super) settings: String,
    pub(super) language: Option<String>,
    pub(super) zone: Option<String>,
    /// Until when night stands in the ledger, when it does.
    pub(super) until: Option<Millis>,
    /// When one was last begun.
    pub(super) last: Option<Millis>,
}

/// All groups with a night, of those that Beadle is in.
pub(super) fn sleepers(conn: &Connection) -> Result<Vec<Sleeper>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT g.id, g.settings, g.language, json_extract(g.settings, '$.timezone'),
                (SELECT m.until_at FROM chat_measures m
                 WHERE m.chat = g.id AND m.imposer = 'night' AND m.by = 0 AND m.state = 0),
                (SELECT max(m.imposed_at) FROM chat_measures m WHERE m.chat = g.id AND m.imposer = 'night')
         FROM groups g
         WHERE g.deleted_at IS NULL AND (json_extract(g.settings, '$.house.night') IS NOT NULL
             OR EXISTS (SELECT 1 FROM chat_measures m
                        WHERE m.chat = g.id AND m.imposer = 'night' AND m.by = 0 AND m.state = 0))",
    )?;
    let rows = find.query_map([], |r| {
        Ok(Sleeper {
            chat: r.get(0)?,
            settings: r.get(1)?,
            language: r.get(2)?,
            zone: r.get(3)?,
            until: r.get(4)?,
            last: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Somebody who came, as far as the door knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guest {
    /// Still at the door.
    pub(super) waits: bool,
    /// Let in, and still there.
    pub(super) inside: bool,
    /// The check of their profile was made and noticed nothing.
    pub(super) unremarkable: bool,
    /// First name.
    pub(super) name: Option<String>,
}

/// What is known of somebody who came to a group since `since`.
pub(super) fn guest(
    conn: &Connection,
    chat: i64,
    user: i64,
    since: Millis,
) -> Result<Guest, StoreError> {
    let door: Option<(Option<String>, String)> = conn
        .prepare_cached(
            "SELECT outcome, notes FROM admissions WHERE chat = ?1 AND user = ?2 AND started_at >= ?3
             ORDER BY started_at DESC LIMIT 1",
        )?
        .query_row(params![chat, user, since], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let inside: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM members WHERE chat = ?1 AND user = ?2
                 AND status NOT IN ('left', 'kicked'))
                 AND NOT EXISTS (SELECT 1 FROM restrictions WHERE chat = ?1 AND subject = ?2 AND state = 0)",
        )?
        .query_row([chat, user], |r| r.get(0))?;
    let name: Option<String> = conn
        .prepare_cached("SELECT first_name FROM users WHERE id = ?1 AND is_bot = 0")?
        .query_row([user], |r| r.get(0))
        .optional()?;
    let (waits, admitted, unremarkable) = match &door {
        None => (false, true, false),
        Some((None, _)) => (true, false, false),
        Some((Some(outcome), notes)) => (false, outcome == "admitted", notes == "[]"),
    };
    Ok(Guest {
        waits,
        inside: inside && admitted,
        unremarkable: unremarkable && admitted,
        name,
    })
}

/// Settings, language and title of a group.
pub(super) type GroupRow = (String, Option<String>, Option<String>);

/// Those of a group that Beadle is in.
pub(super) fn group(conn: &Connection, chat: i64) -> Result<Option<GroupRow>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT settings, language, title FROM groups WHERE id = ?1 AND deleted_at IS NULL",
        )?
        .query_row([chat], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?)
}
