//! SQL of forgetting words, files and people by age.
use rusqlite::params;

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};

/// Forgets the words of up to `limit` messages, oldest first: those that stayed and came before `stayed`,
/// and those that were removed before `removed`. Ids stay. Gives how many were forgotten.
pub fn expire_words(
    tx: &Tx<'_>,
    stayed: Millis,
    removed: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    // Rows are in order of arrival, and the first ones with words are the oldest: up to the first that is young. One
    // row with the date of a wrong clock takes none with it.
    let done = meta::number(tx, WORDS_EXPIRED)?;
    let last: Option<i64> = tx.query_row(
        "WITH next AS (SELECT seq, created_at FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?3)
         SELECT max(seq) FROM next WHERE seq <
             coalesce((SELECT min(seq) FROM next WHERE created_at >= ?2), 9223372036854775807)",
        params![done, stayed, limit],
        |r| r.get(0),
    )?;
    let mut gone = 0;
    if let Some(last) = last {
        gone += tx.execute(
            "DELETE FROM message_edits WHERE (chat, message) IN
                 (SELECT chat, message FROM messages WHERE seq > ?1 AND seq <= ?2)",
            params![done, last],
        )?;
        gone += tx.execute(
            "DELETE FROM media_assets WHERE (chat, message) IN
                 (SELECT chat, message FROM messages WHERE seq > ?1 AND seq <= ?2)",
            params![done, last],
        )?;
        gone += tx.execute(
            "UPDATE messages SET text = NULL, links = NULL WHERE seq > ?1 AND seq <= ?2",
            params![done, last],
        )?;
        meta::put_number(tx, WORDS_EXPIRED, last)?;
    }
    gone += tx.execute(
        "DELETE FROM message_edits WHERE (chat, message) IN
             (SELECT chat, message FROM messages WHERE removed_at < ?1 AND emptied = 0
                  ORDER BY removed_at LIMIT ?2)",
        params![removed, limit],
    )?;
    gone += tx.execute(
        "DELETE FROM media_assets WHERE (chat, message) IN
             (SELECT chat, message FROM messages WHERE removed_at < ?1 AND emptied = 0
                  ORDER BY removed_at LIMIT ?2)",
        params![removed, limit],
    )?;
    gone += tx.execute(
        "UPDATE messages SET text = NULL, links = NULL, emptied = 1 WHERE seq IN
             (SELECT seq FROM messages WHERE removed_at < ?1 AND emptied = 0
              ORDER BY removed_at LIMIT ?2)",
        params![removed, limit],
    )?;
    Ok(gone)
}

/// Looks through a portion of the people, and removes whoever is in no group that Beadle is in, or was since `before`,
/// and gave no sign of life since then: profile and memberships. A ban stays, as an id. Gives how many rows went.
pub fn expire_people(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let done = meta::number(tx, PEOPLE_SEEN)?;
    let last: Option<i64> = tx.query_row(
        "SELECT max(id) FROM (SELECT id FROM users WHERE id > ?1 ORDER BY id LIMIT ?2)",
        params![done, limit],
        |r| r.get(0),
    )?;
    // From the beginning again.
    meta::put_number(tx, PEOPLE_SEEN, last.unwrap_or(0))?;
    let Some(last) = last else { return Ok(0) };
    let mut gone = tx.execute(
        "DELETE FROM users WHERE id > ?1 AND id <= ?2 AND updated_at < ?3 AND NOT EXISTS (
             SELECT 1 FROM members m WHERE m.user = users.id
                 AND (m.last_seen >= ?3 OR m.chat <> m.user AND m.status NOT IN ('left', 'kicked')
                     AND NOT EXISTS (SELECT 1 FROM groups g
                         WHERE g.id = m.chat AND g.deleted_at < ?3)))",
        params![done, last, before],
    )?;
    gone += tx.execute(
        "DELETE FROM members WHERE user > ?1 AND user <= ?2 AND last_seen < ?3
             AND (status = 'left' OR chat = user OR EXISTS (SELECT 1 FROM groups g
                 WHERE g.id = members.chat AND g.deleted_at < ?3))",
        params![done, last, before],
    )?;
    Ok(gone)
}

/// How far the people have been looked through.
const PEOPLE_SEEN: &str = "people_looked_through";

/// Row up to which the words of messages were forgotten.
pub(in crate::community) const WORDS_EXPIRED: &str = "words_expired";
