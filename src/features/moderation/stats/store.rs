//! The SQL of a group's figures.
use rusqlite::{Connection, params};

use super::Figures;
use crate::base::clock::Millis;
use crate::store::StoreError;

/// Mistakes that are listed.
const LISTED: i64 = 10;

/// What happened in a group since then, and how moderators judged it.
pub(super) fn figures(conn: &Connection, chat: i64, since: Millis) -> Result<Figures, StoreError> {
    let mut figures = Figures {
        messages: conn.query_row(
            "SELECT count(*) FROM messages WHERE chat = ?1 AND created_at >= ?2",
            params![chat, since],
            |r| r.get(0),
        )?,
        removed: conn.query_row(
            "SELECT count(*) FROM spam_results WHERE chat = ?1 AND created_at >= ?2 AND decision = 'delete'",
            params![chat, since],
            |r| r.get(0),
        )?,
        ..Figures::default()
    };
    let mut find = conn.prepare_cached(
        "SELECT json_extract(r.value, '$.code'), count(*) FROM spam_results s, json_each(s.reasons) r
         WHERE s.chat = ?1 AND s.created_at >= ?2 AND s.decision = 'delete'
             AND json_extract(r.value, '$.weight') > 0
         GROUP BY 1 ORDER BY 2 DESC, 1",
    )?;
    let rows = find.query_map(params![chat, since], |r| Ok((r.get(0)?, r.get(1)?)))?;
    figures.reasons = rows.collect::<Result<_, _>>()?;
    // A card that a person decided, and whether the verdict on its message was spam. One that somebody made by /spam
    // is about a message that was missed.
    let mut find = conn.prepare_cached(
        "SELECT c.message, c.choice,
             EXISTS (SELECT 1 FROM messages m JOIN spam_results s ON s.message_seq = m.seq
                 WHERE m.chat = c.chat AND m.message = c.message AND s.band = 'spam')
         FROM cards c WHERE c.created_at >= ?2 AND c.chat = ?1 AND c.kind = 'verdict'
             AND c.choice IN ('spam', 'ban', 'noban', 'ham') ORDER BY c.id DESC",
    )?;
    let mut rows = find.query(params![chat, since])?;
    while let Some(row) = rows.next()? {
        let (message, choice, spam): (Option<i64>, String, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        match (spam, choice == "ham") {
            (true, false) => figures.right += 1,
            (false, false) => figures.missed += 1,
            (false, true) => figures.spared += 1,
            (true, true) => {
                figures.wrong += 1;
                let room = figures.mistakes.len() < usize::try_from(LISTED).unwrap_or_default();
                figures.mistakes.extend(message.filter(|_| room));
            }
        }
    }
    Ok(figures)
}
