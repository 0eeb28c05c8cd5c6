//! SQL of the replay: verdicts with their facts, the newest first.
use rusqlite::{Connection, params};

use crate::base::clock::Millis;
use crate::store::StoreError;

/// A verdict as kept.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) chat: i64,
    pub(super) message: i64,
    pub(super) edit: bool,
    pub(super) score: f64,
    pub(super) band: String,
    pub(super) decision: String,
    pub(super) facts: String,
    pub(super) facts_v: i64,
    pub(super) stage: String,
    pub(super) label: Option<String>,
    pub(super) at: Millis,
}

/// The `limit` newest verdicts before row `before`; of a group, those of that group among them and no others.
pub(super) fn portion(
    conn: &Connection,
    before: i64,
    group: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, chat, message, edit, score, band, decision, facts, facts_v, stage, label, created_at
         FROM spam_results WHERE id < ?1 AND (?2 IS NULL OR chat = ?2) ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = find.query_map(params![before, group, limit], |r| {
        Ok(Row {
            id: r.get(0)?,
            chat: r.get(1)?,
            message: r.get(2)?,
            edit: r.get(3)?,
            score: r.get(4)?,
            band: r.get(5)?,
            decision: r.get(6)?,
            facts: r.get(7)?,
            facts_v: r.get(8)?,
            stage: r.get(9)?,
            label: r.get(10)?,
            at: r.get(11)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
