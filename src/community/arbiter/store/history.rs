//! SQL of reading the ledger: for people, cards and appeals.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{End, leaves};
use crate::base::clock::Millis;
use crate::community::arbiter::order::{Imposer, Subject};
use crate::community::arbiter::permissions::Permissions;
use crate::store::StoreError;

/// An entry of the ledger, as people and other rooms read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Row.
    pub id: i64,
    /// The group.
    pub chat: i64,
    /// Whom.
    pub subject: Subject,
    /// Who.
    pub by: Imposer,
    /// What it leaves; None is a ban.
    pub leaves: Option<Permissions>,
    /// Until when; None for good, or while it holds.
    pub until: Option<Millis>,
    /// Why, as a short code.
    pub reason: String,
    /// The row of `spam_results` behind it.
    pub verdict: Option<i64>,
    /// When.
    pub imposed_at: Millis,
    /// Whether it stands, or how it ended.
    pub end: End,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// Who ended it, as a word.
    pub ended_by: Option<String>,
    /// What Telegram said, when it refused.
    pub why: Option<String>,
}

const COLUMNS: &str = "id, chat, subject, imposer, by, measure, permissions, until_at, reason, verdict, \
     imposed_at, state, ended_at, ended_by, why";

fn restriction(r: &Row<'_>) -> rusqlite::Result<Restriction> {
    let word: String = r.get(3)?;
    let measure: String = r.get(5)?;
    Ok(Restriction {
        id: r.get(0)?,
        chat: r.get(1)?,
        subject: Subject::from_id(r.get(2)?),
        // The schema's CHECK allows no other word.
        by: Imposer::from_parts(&word, r.get(4)?).unwrap_or(Imposer::Outside(0)),
        leaves: leaves(&measure, r.get(6)?),
        until: r.get(7)?,
        reason: r.get(8)?,
        verdict: r.get(9)?,
        imposed_at: r.get(10)?,
        end: End::from_sql(r.get(11)?),
        ended_at: r.get(12)?,
        ended_by: r.get(13)?,
        why: r.get(14)?,
    })
}

/// One entry.
pub fn get(conn: &Connection, id: i64) -> Result<Option<Restriction>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM restrictions WHERE id = ?1");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([id], restriction)
        .optional()?)
}

/// The ban of somebody in a group that people laid and that stands; the last of them.
///
/// # Errors
/// The database's.
pub fn ban_by_person(
    conn: &Connection,
    chat: i64,
    subject: i64,
    now: Millis,
) -> Result<Option<Restriction>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM restrictions WHERE subject = ?2 AND chat = ?1 AND state = 0 AND measure = 'ban'
             AND imposer IN ('moderator', 'outside') AND (until_at IS NULL OR until_at > ?3)
         ORDER BY id DESC LIMIT 1"
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params![chat, subject, now], restriction)
        .optional()?)
}

/// The last entries of somebody in a group, newest first, at most `limit`.
pub fn history(
    conn: &Connection,
    chat: i64,
    subject: i64,
    limit: u32,
) -> Result<Vec<Restriction>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM restrictions WHERE subject = ?2 AND chat = ?1 ORDER BY id DESC LIMIT ?3"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![chat, subject, limit], restriction)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Everybody against whom something stands, or was told, in a group.
pub(in crate::community::arbiter) fn subjects(
    conn: &Connection,
    chat: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT subject FROM restrictions WHERE chat = ?1 AND state = 0
         UNION SELECT subject FROM held WHERE chat = ?1",
    )?;
    let rows = find.query_map([chat], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
