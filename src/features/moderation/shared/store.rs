//! All SQL of shared bans.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::community::erasure::{Kept, Portion, Progress};
use crate::store::{StoreError, Tx};

/// A ban as it was shared with one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) origin: i64,
    pub(super) chat: i64,
    pub(super) subject: i64,
    /// The entry of the ledger in the group of origin.
    pub(super) cause: i64,
    /// `noted`, `banned`, `spared`.
    pub(super) what: &'static str,
    /// The entry of the ledger that it made here.
    pub(super) entry: Option<i64>,
    pub(super) treatment: Option<i64>,
    pub(super) until: Option<Millis>,
}

/// Keeps a share, in place of an earlier one of the same ban.
pub(super) fn put(tx: &Tx<'_>, s: &Share, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO shared_bans (origin, chat, subject, cause, what, entry, treatment, until_at, shared_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        s.origin,
        s.chat,
        s.subject,
        s.cause,
        s.what,
        s.entry,
        s.treatment,
        s.until,
        now
    ])?;
    Ok(())
}

/// With which groups a ban was shared: group, cause, entry there, treatment there.
pub(super) type Given = (i64, i64, Option<i64>, Option<i64>);

/// What was given of a group's ban of somebody.
pub(super) fn given(
    conn: &Connection,
    origin: i64,
    subject: i64,
) -> Result<Vec<Given>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT chat, cause, entry, treatment FROM shared_bans WHERE subject = ?2 AND origin = ?1",
    )?;
    let rows = find.query_map([origin, subject], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes a share away.
pub(super) fn take_back(
    tx: &Tx<'_>,
    origin: i64,
    chat: i64,
    subject: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM shared_bans WHERE chat = ?2 AND subject = ?3 AND origin = ?1")?
        .execute([origin, chat, subject])?;
    Ok(())
}

/// The entry and treatment that bans from other groups made of somebody here.
pub(super) fn banned(
    conn: &Connection,
    chat: i64,
    subject: i64,
) -> Result<Option<(i64, Option<i64>)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT entry, treatment FROM shared_bans WHERE chat = ?1 AND subject = ?2 AND entry IS NOT NULL LIMIT 1",
        )?
        .query_row([chat, subject], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// What holds somebody here has another entry now.
pub(super) fn renew(tx: &Tx<'_>, chat: i64, subject: i64, entry: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE shared_bans SET entry = ?3 WHERE chat = ?1 AND subject = ?2 AND entry IS NOT NULL",
        [chat, subject, entry],
    )?;
    Ok(())
}

/// Whether a ban of another group counts against `user` in `chat`.
pub(super) fn is_noted(
    conn: &Connection,
    chat: i64,
    user: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM shared_bans WHERE chat = ?1 AND subject = ?2 AND what = 'noted'
                 AND (until_at IS NULL OR until_at > ?3))",
        )?
        .query_row([chat, user, now], |r| r.get(0))?)
}

/// Other groups in which bans are shared.
pub(super) fn sharing(conn: &Connection, origin: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM groups WHERE id <> ?1 AND deleted_at IS NULL AND migrated_to IS NULL
             AND json_extract(settings, '$.bans.shared') IN ('note', 'ban')
         ORDER BY id LIMIT ?2",
    )?;
    let rows = find.query_map([origin, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets shares of bans that have ended by themselves.
pub(super) fn expire(tx: &Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    let mut find = tx.prepare_cached(
        "SELECT origin, chat, subject FROM shared_bans WHERE until_at <= ?1 LIMIT ?2",
    )?;
    let rows = find.query_map([now, limit], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let over: Vec<(i64, i64, i64)> = rows.collect::<Result<_, _>>()?;
    for (origin, chat, subject) in &over {
        take_back(tx, *origin, *chat, *subject)?;
    }
    Ok(over.len())
}

/// A group has another id now.
pub(super) fn moved(tx: &Tx<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE OR REPLACE shared_bans SET chat = ?2 WHERE chat = ?1",
        [from, to],
    )?;
    tx.execute(
        "UPDATE OR REPLACE shared_bans SET origin = ?2 WHERE origin = ?1",
        [from, to],
    )?;
    Ok(())
}

/// What is kept of a person here.
pub(super) const KEPT: &[Kept] = &[Kept::new(
    "shared_bans",
    "SELECT chat, what, until_at, shared_at FROM shared_bans WHERE subject = ?1 AND chat > ?2 ORDER BY chat LIMIT ?3",
)];

/// Forgets a person here; their bans themselves are the ledger's.
pub(super) fn forget(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let gone = tx.execute(
        "DELETE FROM shared_bans WHERE subject = ?1 AND shared_at <= ?2",
        params![p.person, p.until],
    )?;
    Ok(Progress::done(gone))
}
