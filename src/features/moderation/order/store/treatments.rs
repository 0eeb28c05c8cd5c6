//! All SQL of treatments.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// A treatment to keep.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct NewTreatment {
    pub chat: i64,
    pub message: Option<i64>,
    pub user: Option<i64>,
    pub sender_chat: Option<i64>,
    /// `delete`, `warn`, `mute`, `ban`.
    pub kind: &'static str,
    /// When it ceases to count on the ladder; None when it does not count.
    pub counts_until: Option<Millis>,
    /// End of a mute or ban.
    pub until: Option<Millis>,
    /// Why, as codes in JSON.
    pub reasons: String,
    /// The moderator; None is Beadle.
    pub by: Option<i64>,
    /// In the arbiter's ledger.
    pub restriction: Option<i64>,
}

/// A treatment as kept.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::features::moderation) struct Treatment {
    pub id: i64,
    pub chat: i64,
    pub message: Option<i64>,
    pub user: Option<i64>,
    pub sender_chat: Option<i64>,
    pub kind: String,
    pub until: Option<Millis>,
    pub by: Option<i64>,
    pub restriction: Option<i64>,
    pub undone: bool,
    pub appeal: Option<String>,
}

const COLUMNS: &str = "id, chat, message, user, sender_chat, kind, until, by, restriction, undone_at IS NOT NULL, appeal";

fn read(r: &Row<'_>) -> rusqlite::Result<Treatment> {
    Ok(Treatment {
        id: r.get(0)?,
        chat: r.get(1)?,
        message: r.get(2)?,
        user: r.get(3)?,
        sender_chat: r.get(4)?,
        kind: r.get(5)?,
        until: r.get(6)?,
        by: r.get(7)?,
        restriction: r.get(8)?,
        undone: r.get(9)?,
        appeal: r.get(10)?,
    })
}

/// Keeps a treatment; gives its id.
pub(in crate::features::moderation) fn put(
    tx: &Tx<'_>,
    t: &NewTreatment,
    now: Millis,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO treatments (chat, message, user, sender_chat, kind, strike, counts_until, until, reasons, by,
             restriction, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        t.chat,
        t.message,
        t.user,
        t.sender_chat,
        t.kind,
        t.counts_until.is_some(),
        t.counts_until,
        t.until,
        t.reasons,
        t.by,
        t.restriction,
        now
    ])?;
    Ok(tx.last_insert_rowid())
}

/// A treatment.
pub(in crate::features::moderation) fn get(
    conn: &Connection,
    id: i64,
) -> Result<Option<Treatment>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM treatments WHERE id = ?1"))?
        .query_row([id], read)
        .optional()?)
}

/// The last treatment for a message that stands.
pub(in crate::features::moderation) fn of_message(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Treatment>, StoreError> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM treatments WHERE chat = ?1 AND message = ?2 AND undone_at IS NULL
             ORDER BY id DESC LIMIT 1"
        ))?
        .query_row([chat, message], read)
        .optional()?)
}

/// Strikes of somebody that count now, and when the last one was.
pub(in crate::features::moderation) fn strikes(
    conn: &Connection,
    chat: i64,
    (user, sender_chat): (Option<i64>, Option<i64>),
    now: Millis,
) -> Result<(u32, Option<Millis>), StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), max(created_at) FROM treatments
             WHERE chat = ?1 AND user IS ?2 AND sender_chat IS ?3 AND strike = 1 AND undone_at IS NULL
                 AND counts_until > ?4",
        )?
        .query_row(params![chat, user, sender_chat, now], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?)
}

/// Marks a treatment as undone; false when it was before.
pub(in crate::features::moderation) fn undo(
    tx: &Tx<'_>,
    id: i64,
    by: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE treatments SET undone_at = ?2, undone_by = ?3 WHERE id = ?1 AND undone_at IS NULL",
        )?
        .execute(params![id, now, by])?;
    Ok(changed == 1)
}

/// Opens the one appeal of a treatment; false when there was one.
pub(in crate::features::moderation) fn appeal(
    tx: &Tx<'_>,
    id: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE treatments SET appeal = 'open', appealed_at = ?2
         WHERE id = ?1 AND appeal IS NULL AND undone_at IS NULL",
        params![id, now],
    )?;
    Ok(changed == 1)
}

/// Settles an open appeal.
pub(in crate::features::moderation) fn settle(
    tx: &Tx<'_>,
    id: i64,
    granted: bool,
    by: i64,
) -> Result<(), StoreError> {
    let word = if granted { "granted" } else { "refused" };
    tx.execute(
        "UPDATE treatments SET appeal = ?2, appeal_by = ?3 WHERE id = ?1 AND appeal = 'open'",
        params![id, word, by],
    )?;
    Ok(())
}

/// What is still kept of a removed message, to be said again.
#[derive(Debug, Clone, Default)]
pub(in crate::features::moderation) struct Quarantined {
    pub words: Option<String>,
    /// Its author's name, as last seen.
    pub author: Option<String>,
    /// The forum topic it stood in.
    pub topic: Option<i64>,
}

/// A removed message; None for one that stands or is not known.
pub(in crate::features::moderation) fn quarantined(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Quarantined>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT m.text, u.first_name || coalesce(' ' || u.last_name, ''), m.topic
             FROM messages m LEFT JOIN users u ON u.id = m.user
             WHERE m.chat = ?1 AND m.message = ?2 AND m.removed_at IS NOT NULL",
        )?
        .query_row([chat, message], |r| {
            Ok(Quarantined {
                words: r.get(0)?,
                author: r.get(1)?,
                topic: r.get(2)?,
            })
        })
        .optional()?)
}

/// The person's own language, as their app told.
pub(in crate::features::moderation) fn language(
    conn: &Connection,
    user: i64,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT language FROM users WHERE id = ?1")?
        .query_row([user], |r| r.get(0))
        .optional()?
        .flatten())
}

/// The forum topic of a message.
pub(in crate::features::moderation) fn topic(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT topic FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| r.get(0))
        .optional()?
        .flatten())
}

/// When somebody last wrote in a group, or came.
pub(in crate::features::moderation) fn last_seen(
    conn: &Connection,
    chat: i64,
    user: i64,
) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT last_seen FROM members WHERE chat = ?1 AND user = ?2")?
        .query_row([chat, user], |r| r.get(0))
        .optional()?)
}

/// Title of a group, as last seen.
pub(in crate::features::moderation) fn title(
    conn: &Connection,
    chat: i64,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT title FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?
        .flatten())
}

/// First and last name of a person, as last seen.
pub(in crate::features::moderation) fn name_of(
    conn: &Connection,
    user: i64,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT first_name || coalesce(' ' || last_name, '') FROM users WHERE id = ?1",
        )?
        .query_row([user], |r| r.get(0))
        .optional()?)
}
