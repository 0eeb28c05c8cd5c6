//! SQL of forgetting people by age.
use rusqlite::params;

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};

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
