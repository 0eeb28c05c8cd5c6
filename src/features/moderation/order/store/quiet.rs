//! All SQL of moderators' quiet hours.
use rusqlite::{OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::community::erasure::{Kept, Portion, Progress};
use crate::store::{Connection, StoreError, Tx};

/// When somebody's private chat makes no sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::features::moderation) struct Quiet {
    /// As `23:00-07:00`.
    pub hours: String,
    /// By which clock; None is the group's that a message is about.
    pub zone: Option<String>,
}

/// The hours of a person, once they chose some.
pub(in crate::features::moderation) fn of(
    conn: &Connection,
    user: i64,
) -> Result<Option<Quiet>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT hours, zone FROM quiet_hours WHERE user = ?1")?
        .query_row([user], |r| {
            Ok(Quiet {
                hours: r.get(0)?,
                zone: r.get(1)?,
            })
        })
        .optional()?)
}

/// Chooses hours for a person; None takes the choice back.
pub(in crate::features::moderation) fn put(
    tx: &Tx<'_>,
    user: i64,
    quiet: Option<&Quiet>,
    now: Millis,
) -> Result<(), StoreError> {
    match quiet {
        Some(quiet) => tx
            .prepare_cached(
                "INSERT INTO quiet_hours (user, hours, zone, updated_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (user) DO UPDATE SET hours = excluded.hours, zone = excluded.zone,
                     updated_at = excluded.updated_at",
            )?
            .execute(params![user, quiet.hours, quiet.zone, now])?,
        None => tx
            .prepare_cached("DELETE FROM quiet_hours WHERE user = ?1")?
            .execute([user])?,
    };
    Ok(())
}

/// What is kept of a person here.
pub(in crate::features::moderation::order) const KEPT: &[Kept] = &[Kept::new(
    "quiet_hours",
    "SELECT 1, hours, zone, updated_at FROM quiet_hours WHERE user = ?1 AND ?2 < 1 LIMIT ?3",
)];

/// Forgets it.
pub(in crate::features::moderation::order) fn forget(
    tx: &Tx<'_>,
    p: Portion,
) -> Result<Progress, StoreError> {
    let gone = tx
        .prepare_cached("DELETE FROM quiet_hours WHERE user = ?1 AND updated_at <= ?2")?
        .execute(params![p.person, p.until])?;
    Ok(Progress::done(gone))
}
