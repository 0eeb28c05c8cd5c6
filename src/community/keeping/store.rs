//! SQL of forgetting words. Ids stay.
use rusqlite::{Connection, params};

use super::own;
use crate::base::clock::Millis;
use crate::config::Retention;
use crate::store::{StoreError, Tx, meta};

/// Row up to which the words of messages were forgotten, in all groups.
const DONE: &str = "words_expired";

/// How far messages whose turn has not come were looked through.
const LOOKED_THROUGH: &str = "words_looked_through";

/// The same for a group with a time of its own, by message: Telegram numbers them in order of time.
fn done_in(chat: i64) -> String {
    format!("words_expired:{chat}")
}

/// Forgets the words of up to `limit` messages in each of these, oldest first: those that stayed and those that were
/// removed, in the house and in groups that keep them for less. Gives how many rows changed.
pub fn expire(tx: &Tx<'_>, kept: &Retention, now: Millis, limit: i64) -> Result<usize, StoreError> {
    let mut gone = stayed(tx, now - kept.words, limit)?;
    gone += removed(tx, None, now - kept.removed, limit)?;
    for (chat, own) in groups(tx)? {
        let kept = kept.in_group(Some(own));
        gone += stayed_in(tx, chat, now - kept.words, limit)?;
        gone += removed(tx, Some(chat), now - kept.removed, limit)?;
    }
    Ok(gone)
}

/// Whether the time of a message's words is over; `seq` is its row, when it has one.
pub(in crate::community) fn are_forgotten(
    tx: &Tx<'_>,
    (chat, message): (i64, i64),
    seq: Option<i64>,
) -> Result<bool, StoreError> {
    if let Some(seq) = seq
        && seq <= meta::number(tx, DONE)?
    {
        return Ok(true);
    }
    Ok(message <= meta::number(tx, &done_in(chat))?)
}

/// Sets how long a group keeps words; None leaves it to the house. False when there is no such group.
pub fn keep_for(
    tx: &Tx<'_>,
    chat: i64,
    time: Option<&str>,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE groups SET settings = CASE WHEN ?2 IS NULL THEN json_remove(settings, '$.keep.words')
             ELSE json_set(settings, '$.keep', json(coalesce(settings -> '$.keep', '{}')), '$.keep.words', ?2) END,
             settings_rev = settings_rev + 1, updated_at = ?3 WHERE id = ?1",
        params![chat, time, now],
    )?;
    Ok(changed == 1)
}

/// Groups that keep words for a time of their own, with it.
fn groups(conn: &Connection) -> Result<Vec<(i64, Millis)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, settings FROM groups WHERE settings <> '{}' AND settings ->> '$.keep.words' IS NOT NULL",
    )?;
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get::<_, String>(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, settings)| Some((id, own(&settings)?)))
        .collect())
}

fn stayed(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let done = meta::number(tx, DONE)?;
    let Some(last) = oldest(tx, done, before, limit)? else {
        return Ok(0);
    };
    let mut gone = 0;
    for table in ["message_edits", "media_assets"] {
        let sql = format!(
            "DELETE FROM {table} WHERE (chat, message) IN
                 (SELECT chat, message FROM messages WHERE seq > ?1 AND seq <= ?2)"
        );
        gone += tx.execute(&sql, params![done, last])?;
    }
    gone += tx.execute(
        "UPDATE messages SET text = NULL, links = NULL WHERE seq > ?1 AND seq <= ?2",
        params![done, last],
    )?;
    meta::put_number(tx, DONE, last)?;
    Ok(gone)
}

/// The last of the next messages with words that came before `before`. Rows are in order of arrival, so the first
/// ones with words are the oldest, and no more than a portion of them is looked at: to look for one that is old
/// enough among all is to read the whole table where none is. Where a clock was wrong the first ones may be no
/// older than the rest, so another portion is looked at by turns.
fn oldest(tx: &Tx<'_>, done: i64, before: Millis, limit: i64) -> Result<Option<i64>, StoreError> {
    let mut portion = tx.prepare_cached(
        "SELECT max(seq), max(iif(created_at < ?2, seq, NULL))
         FROM (SELECT seq, created_at FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?3)",
    )?;
    let mut look = |after: i64| -> rusqlite::Result<(Option<i64>, Option<i64>)> {
        portion.query_row(params![after, before, limit], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
    };
    if let (_, Some(old)) = look(done)? {
        return Ok(Some(old));
    }
    let after = meta::number(tx, LOOKED_THROUGH)?.max(done);
    let (end, old) = look(after)?;
    meta::put_number(tx, LOOKED_THROUGH, end.unwrap_or(0))?;
    Ok(old)
}

/// The same in one group, by the date of each message.
fn stayed_in(tx: &Tx<'_>, chat: i64, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let done = meta::number(tx, &done_in(chat))?;
    let last = {
        let mut find = tx.prepare_cached(
            "SELECT message, date FROM messages WHERE chat = ?1 AND message > ?2 ORDER BY message LIMIT ?3",
        )?;
        let mut rows = find.query(params![chat, done, limit])?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            if row.get::<_, Millis>(1)? >= before {
                break;
            }
            last = Some(row.get::<_, i64>(0)?);
        }
        last
    };
    let Some(last) = last else { return Ok(0) };
    let mut gone = 0;
    for table in ["message_edits", "media_assets"] {
        let sql = format!("DELETE FROM {table} WHERE chat = ?1 AND message > ?2 AND message <= ?3");
        gone += tx.execute(&sql, params![chat, done, last])?;
    }
    gone += tx.execute(
        "UPDATE messages SET text = NULL, links = NULL WHERE chat = ?1 AND message > ?2 AND message <= ?3",
        params![chat, done, last],
    )?;
    meta::put_number(tx, &done_in(chat), last)?;
    Ok(gone)
}

/// Removed messages, of all groups or of one.
fn removed(
    tx: &Tx<'_>,
    chat: Option<i64>,
    before: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    const FOUND: &str = "FROM messages WHERE removed_at < ?1 AND text IS NOT NULL AND (?3 IS NULL OR chat = ?3) LIMIT ?2";
    let values = params![before, limit, chat];
    let mut gone = 0;
    for table in ["message_edits", "media_assets"] {
        let sql =
            format!("DELETE FROM {table} WHERE (chat, message) IN (SELECT chat, message {FOUND})");
        gone += tx.execute(&sql, values)?;
    }
    let sql =
        format!("UPDATE messages SET text = NULL, links = NULL WHERE seq IN (SELECT seq {FOUND})");
    gone += tx.execute(&sql, values)?;
    Ok(gone)
}
