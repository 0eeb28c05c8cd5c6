//! All SQL of verdicts.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::facts::Facts;
use super::kept::{KeptReason, KeptVerdict};
use super::rules::Verdict;
use crate::base::clock::Millis;
use crate::community::erasure::{Kept, Portion, Progress};
use crate::store::{StoreError, Tx, meta};

/// A verdict as a row; reasons and facts are JSON.
#[derive(Debug, Clone, Default)]
pub(super) struct VerdictRow {
    pub chat: i64,
    pub message: i64,
    pub edit: bool,
    pub user: Option<i64>,
    pub score: f64,
    pub band: String,
    pub decision: String,
    pub reasons: String,
    pub facts: String,
    pub facts_v: i64,
    pub stage: String,
    pub model: String,
    pub settings_rev: i64,
}

impl VerdictRow {
    /// Puts a verdict and the facts it rests on into it.
    pub(super) fn judged(&mut self, verdict: &Verdict, facts: &Facts) -> Result<(), StoreError> {
        self.score = f64::from(verdict.score);
        self.band = word(&verdict.band)?;
        self.decision = word(&verdict.decision)?;
        self.reasons = serde_json::to_string(&verdict.reasons)?;
        self.facts = serde_json::to_string(facts)?;
        self.facts_v = i64::from(verdict.facts_v);
        self.stage.clone_from(&verdict.stage);
        self.model.clone_from(&verdict.model);
        self.settings_rev = i64::try_from(verdict.settings_rev).unwrap_or(i64::MAX);
        Ok(())
    }
}

/// The word an enum is stored as.
fn word<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    let value = serde_json::to_value(value)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// The last verdict on a message, with its row.
pub(super) fn last(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<(i64, VerdictRow)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, edit, user, score, band, decision, reasons, facts, facts_v, stage, model, settings_rev
         FROM spam_results WHERE message_seq = (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2)
         ORDER BY id DESC LIMIT 1",
    )?;
    let found = find.query_row([chat, message], |r| {
        let row = VerdictRow {
            chat,
            message,
            edit: r.get(1)?,
            user: r.get(2)?,
            score: r.get(3)?,
            band: r.get(4)?,
            decision: r.get(5)?,
            reasons: r.get(6)?,
            facts: r.get(7)?,
            facts_v: r.get(8)?,
            stage: r.get(9)?,
            model: r.get(10)?,
            settings_rev: r.get(11)?,
        };
        Ok((r.get(0)?, row))
    });
    Ok(found.optional()?)
}

/// Keeps a verdict with the facts it rests on, so that it can be explained and replayed.
pub(super) fn put(tx: &Tx<'_>, v: &VerdictRow, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO spam_results (message_seq, chat, message, edit, user, score, band, decision, reasons, facts,
             facts_v, stage, model, settings_rev, created_at)
         VALUES ((SELECT seq FROM messages WHERE chat = ?1 AND message = ?2),
             ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        v.chat, v.message, v.edit, v.user, v.score, v.band, v.decision, v.reasons, v.facts,
        v.facts_v, v.stage, v.model, v.settings_rev, now
    ])?;
    Ok(())
}

/// Adds a verdict on a message that was judged before: it falls with its album. `(score, decision, reasons)`.
pub(super) fn condemn(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    (score, decision, reasons): (f64, &str, &str),
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO spam_results (message_seq, chat, message, edit, user, score, band, decision, reasons, facts,
             facts_v, stage, model, settings_rev, created_at)
         SELECT message_seq, chat, message, edit, user, ?3, 'spam', ?4, ?5, facts, facts_v, 'album', model,
             settings_rev, ?6
         FROM spam_results WHERE message_seq =
                 (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2)
             ORDER BY id DESC LIMIT 1",
    )?
    .execute(params![chat, message, score, decision, reasons, now])?;
    Ok(())
}

const COLUMNS: &str = "message, edit, score, band, decision, reasons";

fn read(row: &Row<'_>) -> rusqlite::Result<KeptVerdict> {
    let reasons: String = row.get(5)?;
    Ok(KeptVerdict {
        message: row.get(0)?,
        edit: row.get(1)?,
        score: row.get(2)?,
        band: row.get(3)?,
        decision: row.get(4)?,
        // Written by this program; an unreadable list is an empty one rather than a lost verdict.
        reasons: serde_json::from_str::<Vec<KeptReason>>(&reasons).unwrap_or_default(),
    })
}

/// Times of the removals in a group since `since`, oldest first.
pub(super) fn removals(
    conn: &Connection,
    chat: i64,
    since: Millis,
) -> Result<Vec<Millis>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT created_at FROM spam_results
         WHERE chat = ?1 AND decision = 'delete' AND created_at >= ?2 ORDER BY id",
    )?;
    let rows = find
        .query_map(params![chat, since], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The last verdict on a message.
pub fn verdict(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<KeptVerdict>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM spam_results WHERE message_seq =
                 (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2)
             ORDER BY id DESC LIMIT 1"
        ))?
        .query_row([chat, message], read)
        .optional()?)
}

/// The last verdicts in a group, newest first; of an edited message the one on its last form.
pub fn verdicts(
    conn: &Connection,
    chat: i64,
    limit: usize,
) -> Result<Vec<KeptVerdict>, StoreError> {
    let mut find = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM spam_results WHERE id IN
             (SELECT (SELECT max(id) FROM spam_results WHERE message_seq = m.seq)
              FROM messages m WHERE m.chat = ?1 ORDER BY m.message DESC LIMIT ?2)
         ORDER BY id DESC LIMIT ?2"
    ))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = find
        .query_map([chat, limit], read)?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// What was thought of a person's messages, and why.
pub(super) const KEPT: &[Kept] = &[Kept::new(
    "spam_results",
    "SELECT id, chat, message, edit, score, band, decision, reasons, facts, stage, model, label, created_at
     FROM spam_results WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
)];

/// Looks through a portion of the verdicts: those about the person go.
pub(super) fn forget_verdicts(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let last: Option<i64> = tx
        .prepare_cached(
            "SELECT max(id) FROM (SELECT id FROM spam_results WHERE id > ?1 ORDER BY id LIMIT ?2)",
        )?
        .query_row(params![p.position, p.rows], |r| r.get(0))?;
    let Some(last) = last else {
        return Ok(Progress::done(0));
    };
    let gone = tx
        .prepare_cached(
            "DELETE FROM spam_results WHERE id > ?1 AND id <= ?2 AND user = ?3 AND created_at <= ?4",
        )?
        .execute(params![p.position, last, p.person, p.until])?;
    Ok(Progress {
        gone,
        next: Some(last),
    })
}

/// Looks through a portion of the verdicts: those from before `before` on people who are not in the group any more
/// go. Gives how many.
pub fn expire_verdicts(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let done = meta::number(tx, LOOKED_THROUGH)?;
    let last: Option<i64> = tx.query_row(
        // The next ones whatever their age: to look for an old one among all is to read the whole table where
        // none is.
        "SELECT max(iif(created_at < ?3, id, NULL)) FROM
             (SELECT id, created_at FROM spam_results WHERE id > ?1 ORDER BY id LIMIT ?2)",
        params![done, limit, before],
        |r| r.get(0),
    )?;
    meta::put_number(tx, LOOKED_THROUGH, last.unwrap_or(0))?;
    let Some(last) = last else { return Ok(0) };
    Ok(tx.execute(
        "DELETE FROM spam_results WHERE id > ?1 AND id <= ?2 AND created_at < ?3 AND NOT EXISTS (
             SELECT 1 FROM members m WHERE m.chat = spam_results.chat AND m.user = spam_results.user
                 AND (m.last_seen >= ?3 OR m.status NOT IN ('left', 'kicked')
                     AND NOT EXISTS (SELECT 1 FROM groups g
                         WHERE g.id = m.chat AND g.deleted_at < ?3)))",
        params![done, last, before],
    )?)
}

/// How far the verdicts have been looked through.
const LOOKED_THROUGH: &str = "verdicts_looked_through";

/// Key of the last verdict on a message: what evidence about its author rests on.
pub(super) fn verdict_id(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT max(id) FROM spam_results WHERE message_seq =
                 (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2)",
        )?
        .query_row([chat, message], |r| r.get(0))?)
}
