//! All SQL of reports.
use rusqlite::params;

use crate::base::clock::Millis;
use crate::store::{Connection, StoreError, Tx};

/// Reports older than this say nothing of who made them any more.
const REMEMBERED: Millis = 90 * 86_400_000;

/// A report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub chat: i64,
    pub message: i64,
    pub author: Option<i64>,
    pub reporter: i64,
}

/// Enters a report; false when the same person reported the same message before.
pub(super) fn put(tx: &Tx<'_>, r: &Report, now: Millis) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO reports (chat, message, author, reporter, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![r.chat, r.message, r.author, r.reporter, now])?;
    Ok(added == 1)
}

/// Reports of a person in all groups since `since`.
pub(super) fn since(conn: &Connection, reporter: i64, since: Millis) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM reports WHERE reporter = ?1 AND created_at > ?2")?
        .query_row([reporter, since], |r| r.get(0))?)
}

/// For each open report of a message: how many of its reporter's were upheld in the group, and how many rejected.
pub(super) fn records(
    conn: &Connection,
    chat: i64,
    message: i64,
    now: Millis,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT (SELECT count(*) FROM reports b WHERE b.reporter = a.reporter AND b.chat = a.chat
                     AND b.state = 'upheld' AND b.created_at > ?3),
                (SELECT count(*) FROM reports b WHERE b.reporter = a.reporter AND b.chat = a.chat
                     AND b.state = 'rejected' AND b.created_at > ?3)
         FROM reports a WHERE a.chat = ?1 AND a.message = ?2 AND a.state = 'open'",
    )?;
    let rows = find.query_map([chat, message, now - REMEMBERED], |r| {
        Ok((r.get(0)?, r.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many members reported a message.
pub(super) fn count(conn: &Connection, chat: i64, message: i64) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM reports WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| r.get(0))?)
}

/// What was decided about a message is what its reports are worth.
pub(super) fn settle(tx: &Tx<'_>, chat: i64, message: i64, state: &str) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE reports SET state = ?3 WHERE chat = ?1 AND message = ?2")?
        .execute(params![chat, message, state])?;
    Ok(())
}

/// Forgets reports of before `before` that say nothing any more; at most `limit`.
pub(super) fn expire(tx: &Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE created_at < ?1 LIMIT ?2)",
        [now - REMEMBERED, limit],
    )?)
}
