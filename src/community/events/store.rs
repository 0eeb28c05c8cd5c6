//! All SQL of events.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number; grows.
    pub id: i64,
    /// When, in milliseconds.
    pub at: Millis,
    /// `noun.happened`.
    pub kind: String,
    /// In which chat.
    pub tenant: Option<i64>,
    /// To what.
    pub subject: String,
    /// Ids and numbers.
    pub body: serde_json::Value,
}

pub(super) fn append(
    tx: &Tx<'_>,
    kind: &str,
    tenant: Option<i64>,
    subject: &str,
    body: &str,
    now: Millis,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO events (at, kind, tenant, subject, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![now, kind, tenant, subject, body])?;
    Ok(tx.last_insert_rowid())
}

/// The next events after number `after`, oldest first, at most `limit`.
pub fn after(conn: &Connection, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, at, kind, tenant, subject, body FROM events WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = find.query(params![after, limit])?;
    let mut found = Vec::new();
    while let Some(r) = rows.next()? {
        found.push(Event {
            id: r.get(0)?,
            at: r.get(1)?,
            kind: r.get(2)?,
            tenant: r.get(3)?,
            subject: r.get(4)?,
            body: serde_json::from_str(r.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?)?,
        });
    }
    Ok(found)
}

/// The last event that the follower `name` has dealt with; 0 when it never has.
pub fn followed(conn: &Connection, name: &str) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT position FROM event_followers WHERE name = ?1")?
        .query_row([name], |r| r.get(0))
        .optional()?
        .unwrap_or(0))
}

/// Notes that `name` has dealt with all events up to `position`; never goes back.
pub fn follow(tx: &Tx<'_>, name: &str, position: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO event_followers (name, position, updated_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at
         WHERE excluded.position > position",
    )?
    .execute(params![name, position, now])?;
    Ok(())
}

/// Deletes up to `limit` events from before `before`, read or not; the newest stays, so that its number is
/// never given again. Gives how many.
pub fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM events WHERE at < ?1 AND id < (SELECT max(id) FROM events)
             AND id IN (SELECT id FROM events ORDER BY id LIMIT ?2)",
        params![before, limit],
    )?)
}
