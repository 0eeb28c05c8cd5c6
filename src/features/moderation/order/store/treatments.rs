//! All SQL of treatments.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::OutboxId;

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
    /// The reason in a moderator's own words.
    pub words: Option<String>,
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

/// Ids between the first and the last item of an album, at most: ten items, and what others wrote meanwhile.
const NEIGHBOURS: i64 = 200;

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
             restriction, created_at, words)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
        now,
        t.words
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

/// Whether a mute or ban for a message still holds; with `by_hand`, one that a person laid.
pub(in crate::features::moderation) fn restrains(
    conn: &Connection,
    chat: i64,
    message: i64,
    by_hand: bool,
    now: Millis,
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM treatments WHERE chat = ?1 AND message = ?2 AND undone_at IS NULL
                 AND restriction IS NOT NULL AND coalesce(until, ?3 + 1) > ?3
                 AND (by IS NOT NULL OR NOT ?4))",
        )?
        .query_row(params![chat, message, now, by_hand], |r| r.get(0))?)
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

/// An open appeal that nobody decided counts as not made.
pub(in crate::features::moderation) fn give_back_appeal(
    tx: &Tx<'_>,
    id: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE treatments SET appeal = NULL, appealed_at = NULL WHERE id = ?1 AND appeal = 'open'",
        [id],
    )?;
    Ok(())
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

/// The messages that Telegram shows as one with `message`, itself among them, oldest first.
pub(in crate::features::moderation) fn album(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Vec<i64>, StoreError> {
    // An album's items come within moments, and so with ids close by: the index on them is the way in.
    let mut find = conn.prepare_cached(
        "SELECT m.message FROM messages m WHERE m.chat = ?1 AND m.message BETWEEN ?2 - ?3 AND ?2 + ?3
             AND (m.message = ?2 OR m.album =
                 (SELECT album FROM messages WHERE chat = ?1 AND message = ?2))
         ORDER BY m.message",
    )?;
    let rows = find.query_map([chat, message, NEIGHBOURS], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a message carried, as long as it is kept: kind and Telegram's handle, in order.
pub(in crate::features::moderation) fn media(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT kind, file_id FROM media_assets WHERE chat = ?1 AND message = ?2
             AND deleted_at IS NULL ORDER BY id",
    )?;
    let rows = find.query_map([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes the row of the outbox that says a removed message again.
pub(in crate::features::moderation) fn put_repost(
    tx: &Tx<'_>,
    (chat, message): (i64, i64),
    outbox: OutboxId,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO reposts (outbox, chat, message, created_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute([outbox, chat, message, now])?;
    Ok(())
}

/// The rows that said a removed message again; they count as taken back from here on.
pub(in crate::features::moderation) fn take_reposts(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
) -> Result<Vec<OutboxId>, StoreError> {
    let mut take =
        tx.prepare_cached("DELETE FROM reposts WHERE chat = ?1 AND message = ?2 RETURNING outbox")?;
    let rows = take.query_map([chat, message], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
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

/// The member of a group who has this public name, as last seen; letters of either case.
pub(in crate::features::moderation) fn member_called(
    conn: &Connection,
    chat: i64,
    username: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT u.id FROM members m JOIN users u ON u.id = m.user
             WHERE m.chat = ?1 AND lower(u.username) = lower(?2)
                 AND u.username IS NOT NULL ORDER BY m.last_seen DESC LIMIT 1",
        )?
        .query_row(params![chat, username], |r| r.get(0))
        .optional()?)
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
