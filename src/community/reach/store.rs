//! All SQL of correspondents.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Notes that `user` can be written to.
pub(super) fn reach(tx: &Tx<'_>, user: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO correspondents (user, since) VALUES (?1, ?2)
         ON CONFLICT (user) DO UPDATE SET lost_at = NULL, since = excluded.since
         WHERE lost_at IS NOT NULL",
    )?
    .execute(params![user, now])?;
    Ok(())
}

/// Notes that Telegram does not let the bot write to `user`.
pub fn lose(tx: &Tx<'_>, user: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE correspondents SET lost_at = ?2 WHERE user = ?1 AND lost_at IS NULL",
    )?
    .execute(params![user, now])?;
    Ok(())
}

/// Whether `user` can be written to, as far as is known.
pub fn is_reachable(conn: &Connection, user: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM correspondents WHERE user = ?1 AND lost_at IS NULL")?
        .query_row([user], |_| Ok(()))
        .optional()?
        .is_some())
}

/// The language of somebody's Telegram, as last seen.
pub fn language(conn: &Connection, user: i64) -> Result<Option<String>, StoreError> {
    let found = conn
        .prepare_cached("SELECT language FROM users WHERE id = ?1")?
        .query_row([user], |r| r.get(0))
        .optional()?;
    Ok(found.flatten())
}
