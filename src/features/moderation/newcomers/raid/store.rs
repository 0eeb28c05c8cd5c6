//! All SQL of raids and of Beadle's own invite links.
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{OutboxId, outbox};

/// A raid as kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raid {
    pub(super) id: i64,
    pub(super) chat: i64,
    /// Who switched it on; 0 is the surge itself.
    pub(super) by: i64,
    pub(super) began: Millis,
    pub(super) ended: Option<Millis>,
    /// What could be done, for the card.
    pub(super) did: Value,
    pub(super) place: Option<i64>,
    pub(super) card: Option<OutboxId>,
    pub(super) shown: Option<String>,
    /// `keep`, `free`, `remove`: of those who are held.
    pub(super) fate: String,
}

/// How many of a raid's people are held, let go and put out, and when the last one came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) all: i64,
    pub(super) held: i64,
    pub(super) free: i64,
    pub(super) removed: i64,
    pub(super) last: Option<Millis>,
}

const COLUMNS: &str = "id, chat, by, began_at, ended_at, did, place, card, shown, fate";

fn read(r: &Row<'_>) -> rusqlite::Result<Raid> {
    let did: String = r.get(5)?;
    Ok(Raid {
        id: r.get(0)?,
        chat: r.get(1)?,
        by: r.get(2)?,
        began: r.get(3)?,
        ended: r.get(4)?,
        // The schema's CHECK allows JSON only.
        did: serde_json::from_str(&did).unwrap_or_default(),
        place: r.get(6)?,
        card: r.get(7)?,
        shown: r.get(8)?,
        fate: r.get(9)?,
    })
}

fn one(conn: &Connection, which: &str, key: i64) -> Result<Option<Raid>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM raids WHERE {which}");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([key], read)
        .optional()?)
}

/// The raid that goes on in a group.
pub(super) fn open(conn: &Connection, chat: i64) -> Result<Option<Raid>, StoreError> {
    one(conn, "chat = ?1 AND ended_at IS NULL", chat)
}

pub(super) fn get(conn: &Connection, id: i64) -> Result<Option<Raid>, StoreError> {
    one(conn, "id = ?1", id)
}

/// The last raid of a group.
pub(super) fn latest(conn: &Connection, chat: i64) -> Result<Option<Raid>, StoreError> {
    one(conn, "chat = ?1 ORDER BY began_at DESC LIMIT 1", chat)
}

/// Raids that go on, for a start.
pub(super) fn all_open(conn: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached("SELECT id FROM raids WHERE ended_at IS NULL")?;
    let rows = find.query_map([], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A raid begins; gives its id.
pub(super) fn begin(tx: &Tx<'_>, chat: i64, by: i64, now: Millis) -> Result<i64, StoreError> {
    tx.prepare_cached("INSERT INTO raids (chat, by, began_at) VALUES (?1, ?2, ?3)")?
        .execute([chat, by, now])?;
    Ok(tx.last_insert_rowid())
}

/// A raid ends; false when it had.
pub(super) fn end(tx: &Tx<'_>, id: i64, by: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE raids SET ended_at = ?3, ended_by = ?2 WHERE id = ?1 AND ended_at IS NULL",
        )?
        .execute([id, by, now])?;
    Ok(changed == 1)
}

pub(super) fn put_fate(tx: &Tx<'_>, id: i64, fate: &str, by: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE raids SET fate = ?2, fate_by = ?3 WHERE id = ?1")?
        .execute(params![id, fate, by])?;
    Ok(())
}

pub(super) fn put_did(tx: &Tx<'_>, id: i64, did: &Value) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE raids SET did = ?2 WHERE id = ?1")?
        .execute(params![id, did.to_string()])?;
    Ok(())
}

/// The card of a raid says this now.
pub(super) fn put_card(
    tx: &Tx<'_>,
    id: i64,
    place: i64,
    card: OutboxId,
    shown: &str,
) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE raids SET place = ?2, card = ?3, shown = ?4 WHERE id = ?1")?
        .execute(params![id, place, card, shown])?;
    Ok(())
}

/// Somebody came in a raid and is held; false when they were known to.
pub(super) fn add(tx: &Tx<'_>, raid: i64, user: i64, now: Millis) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached(
            "INSERT INTO raiders (raid, user, at, state) VALUES (?1, ?2, ?3, 'held')
             ON CONFLICT DO UPDATE SET at = ?3, state = 'held' WHERE state <> 'held'",
        )?
        .execute([raid, user, now])?;
    Ok(added == 1)
}

/// Whether somebody noted as held at `r` is: the raid's measure stands against them, or they wait at the door for its
/// end. Who was freed by hand, or whose day is over, is held by nobody. `?2` is now.
const IS_HELD: &str = "(r.state = 'held' AND (
    EXISTS (SELECT 1 FROM restrictions m WHERE m.chat = (SELECT chat FROM raids WHERE id = r.raid)
                AND m.subject = r.user AND m.imposer = 'raid' AND m.state = 0
                AND (m.until_at IS NULL OR m.until_at > ?2))
    OR EXISTS (SELECT 1 FROM admissions a WHERE a.chat = (SELECT chat FROM raids WHERE id = r.raid)
                AND a.user = r.user AND a.outcome IS NULL AND a.step = 'raid' AND a.held_until > ?2
                AND NOT (a.door = 'join' AND EXISTS (SELECT 1 FROM restrictions m
                    WHERE m.chat = a.chat AND m.subject = a.user AND m.imposer = 'raid'
                        AND m.state IN (1, 5) AND m.ended_at >= r.at)))))";

/// Whom a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Who is held now.
    Held,
    /// Who was put out.
    Removed,
}

/// Up to `limit` people of a raid.
pub(super) fn people(
    conn: &Connection,
    raid: i64,
    which: Which,
    limit: i64,
    now: Millis,
) -> Result<Vec<i64>, StoreError> {
    let which = match which {
        Which::Held => IS_HELD,
        Which::Removed => "(r.state = 'removed' AND ?2 = ?2)",
    };
    let sql = format!("SELECT r.user FROM raiders r WHERE r.raid = ?1 AND {which} LIMIT ?3");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map([raid, now, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What became of somebody who came in a raid.
pub(super) fn put_state(tx: &Tx<'_>, raid: i64, user: i64, state: &str) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE raiders SET state = ?3 WHERE raid = ?1 AND user = ?2")?
        .execute(params![raid, user, state])?;
    Ok(())
}

/// Somebody is held by no raid of a group any more, by whatever way.
pub(super) fn let_go(tx: &Tx<'_>, chat: i64, user: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE raiders SET state = 'gone' WHERE user = ?2 AND state = 'held'
             AND raid IN (SELECT id FROM raids WHERE chat = ?1)",
    )?
    .execute([chat, user])?;
    Ok(())
}

/// How many came in a raid, and how many of them are held at `now`.
pub(super) fn count(conn: &Connection, raid: i64, now: Millis) -> Result<Count, StoreError> {
    let sql = format!(
        "SELECT count(*), coalesce(sum({IS_HELD}), 0), coalesce(sum(r.state = 'free'), 0),
             coalesce(sum(r.state = 'removed'), 0), max(r.at)
         FROM raiders r WHERE r.raid = ?1"
    );
    Ok(conn.prepare_cached(&sql)?.query_row([raid, now], |r| {
        Ok(Count {
            all: r.get(0)?,
            held: r.get(1)?,
            free: r.get(2)?,
            removed: r.get(3)?,
            last: r.get(4)?,
        })
    })?)
}

/// A link is being made by `outbox`; gives its id.
pub(super) fn add_link(
    tx: &Tx<'_>,
    chat: i64,
    outbox: OutboxId,
    by: i64,
    now: Millis,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO invite_links (chat, outbox, by, created_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute([chat, outbox, by, now])?;
    Ok(tx.last_insert_rowid())
}

/// The link of a row, once Telegram has told it.
pub(super) fn link(conn: &Connection, id: i64) -> Result<Option<String>, StoreError> {
    let found: Option<(Option<String>, Option<OutboxId>)> = conn
        .prepare_cached("SELECT link, outbox FROM invite_links WHERE id = ?1")?
        .query_row([id], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    match found {
        Some((Some(link), _)) => Ok(Some(link)),
        Some((None, Some(row))) => {
            let result = outbox::get(conn, row)?.and_then(|row| row.result);
            let result: Option<Value> = result.and_then(|r| serde_json::from_str(&r).ok());
            Ok(result.and_then(|r| Some(r["invite_link"].as_str()?.to_owned())))
        }
        _ => Ok(None),
    }
}

pub(super) fn put_link(tx: &Tx<'_>, id: i64, link: &str) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE invite_links SET link = ?2 WHERE id = ?1")?
        .execute(params![id, link])?;
    Ok(())
}

/// Links of a group that `raid` changed; with None those that no raid has.
pub(super) fn links(
    conn: &Connection,
    chat: i64,
    raid: Option<i64>,
) -> Result<Vec<(i64, String)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM invite_links WHERE chat = ?1 AND raid IS ?2 ORDER BY id LIMIT 20",
    )?;
    let ids: Vec<i64> = find
        .query_map(params![chat, raid], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for id in ids {
        if let Some(link) = link(conn, id)? {
            found.push((id, link));
        }
    }
    Ok(found)
}

/// `raid` made this link one of requests; None: it is as it was.
pub(super) fn mark_link(tx: &Tx<'_>, id: i64, raid: Option<i64>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE invite_links SET raid = ?2 WHERE id = ?1")?
        .execute(params![id, raid])?;
    Ok(())
}
