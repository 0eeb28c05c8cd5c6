//! All SQL of reputations.
use rusqlite::{Connection, OptionalExtension as _, params};

use super::rules::{ELSEWHERE, Evidence, Reputation};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Reputation> {
    Ok(Reputation {
        value: row.get(0)?,
        at: row.get(1)?,
    })
}

/// The reputation of somebody in a group; 0 when unknown.
pub fn member(conn: &Connection, chat: i64, user: i64) -> Result<Reputation, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT reputation, reputation_at FROM members WHERE chat = ?1 AND user = ?2",
        )?
        .query_row([chat, user], read)
        .optional()?
        .unwrap_or_default())
}

/// The reputation of somebody everywhere; 0 when unknown.
pub fn user(conn: &Connection, user: i64) -> Result<Reputation, StoreError> {
    Ok(conn
        .prepare_cached("SELECT reputation, reputation_at FROM users WHERE id = ?1")?
        .query_row([user], read)
        .optional()?
        .unwrap_or_default())
}

fn put(tx: &Tx<'_>, chat: i64, user: i64, r: Reputation) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE members SET reputation = ?3, reputation_at = ?4 WHERE chat = ?1 AND user = ?2",
    )?
    .execute(params![chat, user, r.value, r.at])?;
    Ok(())
}

fn put_user(tx: &Tx<'_>, user: i64, r: Reputation) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE users SET reputation = ?2, reputation_at = ?3 WHERE id = ?1")?
        .execute(params![user, r.value, r.at])?;
    Ok(())
}

pub(super) fn repute(
    tx: &Tx<'_>,
    chat: i64,
    who: i64,
    evidence: Evidence,
    cause: Option<i64>,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    if objects(tx, who)? {
        return Ok(None);
    }
    let (after, delta) = member(tx, chat, who)?.after(evidence, now);
    put(tx, chat, who, after)?;
    if evidence == Evidence::Clear {
        return Ok(None);
    }
    let (everywhere, _) = user(tx, who)?.moved(delta * ELSEWHERE, now);
    put_user(tx, who, everywhere)?;
    tx.prepare_cached(
        "INSERT INTO reputation (chat, user, evidence, delta, cause, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![chat, who, evidence.word(), delta, cause, now])?;
    Ok(Some(tx.last_insert_rowid()))
}

pub(super) fn pardon(tx: &Tx<'_>, cause: i64, now: Millis) -> Result<bool, StoreError> {
    let mut find = tx.prepare_cached(
        "SELECT id, chat, user, delta, at FROM reputation
         WHERE cause = ?1 AND undone_at IS NULL AND evidence <> 'undone'",
    )?;
    let rows = find.query_map([cause], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
    })?;
    let rows: Vec<(i64, i64, i64, f64, Millis)> = rows.collect::<Result<_, _>>()?;
    let Some(&(_, chat, who, ..)) = rows.first() else {
        return Ok(false);
    };
    for (id, chat, who, delta, at) in rows {
        let back = Reputation::taken_back(delta, at, now);
        let (after, _) = member(tx, chat, who)?.moved(back, now);
        put(tx, chat, who, after)?;
        let (everywhere, _) = user(tx, who)?.moved(back * ELSEWHERE, now);
        put_user(tx, who, everywhere)?;
        tx.prepare_cached("UPDATE reputation SET undone_at = ?2 WHERE id = ?1")?
            .execute(params![id, now])?;
    }
    repute(tx, chat, who, Evidence::Undone, Some(cause), now)?;
    Ok(true)
}

/// One piece of evidence, as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it was, as a word.
    pub evidence: String,
    /// By how much it moved the reputation then.
    pub delta: f64,
    /// The row of `spam_results` behind it.
    pub cause: Option<i64>,
    /// When.
    pub at: Millis,
    /// When it was taken back.
    pub undone_at: Option<Millis>,
}

/// The last evidence about somebody in a group, newest first, at most `limit`.
pub fn explain(
    conn: &Connection,
    chat: i64,
    user: i64,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT evidence, delta, cause, at, undone_at FROM reputation
         WHERE user = ?2 AND chat = ?1 ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = find.query_map(params![chat, user, limit], |r| {
        Ok(Row {
            evidence: r.get(0)?,
            delta: r.get(1)?,
            cause: r.get(2)?,
            at: r.get(3)?,
            undone_at: r.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes up to `limit` pieces of evidence from before `before`; what they moved stays.
pub fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM reputation WHERE id IN (SELECT id FROM reputation WHERE at < ?1 LIMIT ?2)",
        )?
        .execute([before, limit])?)
}

/// Whether somebody objects to having a reputation.
pub fn objects(conn: &Connection, user: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM objections WHERE user = ?1")?
        .exists([user])?)
}

/// Somebody objects to having a reputation: what there is of it goes, and none is kept from now on. False when
/// they had objected before.
pub fn object(tx: &Tx<'_>, who: i64, now: Millis) -> Result<bool, StoreError> {
    let new = tx.execute(
        "INSERT INTO objections (user, objected_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![who, now],
    )?;
    forget(tx, who)?;
    put_user(tx, who, Reputation::default())?;
    Ok(new == 1)
}

/// Somebody takes the objection back: a reputation begins anew. False when there was none.
pub fn agree(tx: &Tx<'_>, who: i64) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM objections WHERE user = ?1", [who])? == 1)
}

/// Forgets that somebody objected, up to `until`.
pub(in crate::community) fn forget_objection(
    tx: &Tx<'_>,
    who: i64,
    until: Millis,
) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM objections WHERE user = ?1 AND objected_at <= ?2",
        params![who, until],
    )?)
}

/// Deletes all evidence about somebody, and what it came to. Gives how many rows went.
pub(in crate::community) fn forget(conn: &Connection, user: i64) -> Result<usize, StoreError> {
    conn.prepare_cached(
        "UPDATE members SET reputation = 0, reputation_at = 0 WHERE user = ?1 AND reputation_at <> 0",
    )?
    .execute([user])?;
    Ok(conn
        .prepare_cached("DELETE FROM reputation WHERE user = ?1")?
        .execute([user])?)
}
