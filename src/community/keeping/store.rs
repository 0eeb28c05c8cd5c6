//! SQL of forgetting words. Ids stay.
use rusqlite::{Connection, params};

use super::own;
use crate::base::clock::Millis;
use crate::config::Retention;
use crate::store::{StoreError, Tx, meta};

/// Row up to which the words of messages were forgotten, in all groups.
const DONE: &str = "words_expired";

/// How far messages behind ones that seem too young were looked through.
const LOOKED: &str = "words_looked_through";

/// The last row that was old by its own date.
const OLD: &str = "words_old";

/// The same for a group with a time of its own, by message: Telegram numbers them in order of time.
fn done_in(chat: i64) -> String {
    format!("words_expired:{chat}")
}

/// Forgets the words of up to `limit` messages in each of these, oldest first: those that stayed and those that were
/// removed, in the house and in groups that keep them for less. Gives how many rows changed.
pub fn expire(tx: &Tx<'_>, kept: &Retention, now: Millis, limit: i64) -> Result<usize, StoreError> {
    let mut gone = stayed(tx, now - kept.words, now, limit)?;
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

fn stayed(tx: &Tx<'_>, before: Millis, now: Millis, limit: i64) -> Result<usize, StoreError> {
    // Rows are in order of arrival, so the first ones with words are the oldest, and no more than a portion of them is
    // looked at: to look for one that is old enough among all is to read the whole table where none is.
    let done = meta::number(tx, DONE)?;
    let age = Age {
        before,
        now,
        old: meta::number(tx, OLD)?,
    };
    let mut after = done;
    let mut portion = age.portion(tx, after, limit)?;
    if portion.due == 0 && portion.last > 0 {
        // The first ones may be from a time when the clock was ahead: another portion is looked at by turns.
        after = meta::number(tx, LOOKED)?.max(done);
        portion = age.portion(tx, after, limit)?;
        meta::put_number(tx, LOOKED, portion.last)?;
    } else if let Some(front) = portion.front {
        meta::put_number(tx, DONE, front)?;
    }
    if portion.due == 0 {
        return Ok(0);
    }
    if portion.old > age.old {
        meta::put_number(tx, OLD, portion.old)?;
    }
    age.empty(tx, after, portion.last)
}

/// Which messages have been kept for long enough.
struct Age {
    /// Those that came before.
    before: Millis,
    now: Millis,
    /// And those that say they are yet to come, where they came before this row, which was old.
    old: i64,
}

/// Some rows in order.
struct Portion {
    /// The last of them; 0 when there are none.
    last: i64,
    /// How many of them still have words and should lose them.
    due: i64,
    /// The last one before the first that is too young. What comes after that one is not passed over: one row from
    /// a clock that was behind takes none with it.
    front: Option<i64>,
    /// The last one that is old by its own date; 0 when none is.
    old: i64,
}

impl Age {
    /// `?1` to `?3`: before, now, old.
    const DUE: &str = "(created_at < ?1 OR (created_at > ?2 AND seq < ?3))";

    fn portion(&self, tx: &Tx<'_>, after: i64, limit: i64) -> Result<Portion, StoreError> {
        let sql = format!(
            "WITH next AS (SELECT seq, created_at < ?1 AS old, {} AS due, emptied FROM messages
                 WHERE seq > ?4 ORDER BY seq LIMIT ?5)
             SELECT coalesce(max(seq), 0), count(*) FILTER (WHERE due AND emptied = 0),
                 max(seq) FILTER (WHERE seq < coalesce((SELECT min(seq) FROM next WHERE NOT due),
                     9223372036854775807)),
                 coalesce(max(seq) FILTER (WHERE old), 0)
             FROM next",
            Self::DUE
        );
        let values = params![self.before, self.now, self.old, after, limit];
        Ok(tx.prepare_cached(&sql)?.query_row(values, |r| {
            Ok(Portion {
                last: r.get(0)?,
                due: r.get(1)?,
                front: r.get(2)?,
                old: r.get(3)?,
            })
        })?)
    }

    /// Takes the words of the rows after `first` up to `last`.
    fn empty(&self, tx: &Tx<'_>, first: i64, last: i64) -> Result<usize, StoreError> {
        let found = format!("seq > ?4 AND seq <= ?5 AND emptied = 0 AND {}", Self::DUE);
        let values = params![self.before, self.now, self.old, first, last];
        let mut gone = 0;
        for table in ["message_edits", "media_assets"] {
            let sql = format!(
                "DELETE FROM {table} WHERE (chat, message) IN (SELECT chat, message FROM messages WHERE {found})"
            );
            gone += tx.execute(&sql, values)?;
        }
        let sql =
            format!("UPDATE messages SET text = NULL, links = NULL, emptied = 1 WHERE {found}");
        gone += tx.execute(&sql, values)?;
        Ok(gone)
    }
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
    const FOUND: &str = "FROM messages WHERE removed_at < ?1 AND emptied = 0 AND (?3 IS NULL OR chat = ?3) LIMIT ?2";
    let values = params![before, limit, chat];
    let mut gone = 0;
    for table in ["message_edits", "media_assets"] {
        let sql =
            format!("DELETE FROM {table} WHERE (chat, message) IN (SELECT chat, message {FOUND})");
        gone += tx.execute(&sql, values)?;
    }
    let sql = format!(
        "UPDATE messages SET text = NULL, links = NULL, emptied = 1 WHERE seq IN (SELECT seq {FOUND})"
    );
    gone += tx.execute(&sql, values)?;
    Ok(gone)
}
