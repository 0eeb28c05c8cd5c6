//! SQL of measures on whole groups.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::community::arbiter::chat::ChatImposer;
use crate::community::arbiter::permissions::Permissions;
use crate::store::{StoreError, Tx};

/// A group's own permissions, and what Telegram was told instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::community::arbiter) struct ChatHeld {
    pub(in crate::community::arbiter) own: Permissions,
    pub(in crate::community::arbiter) told: Permissions,
    pub(in crate::community::arbiter) told_at: Millis,
}

/// Groups on which something stands, and until when; at most `limit`.
pub(in crate::community::arbiter) fn standing_on_chats(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<(i64, Millis)>, StoreError> {
    let mut find = conn.prepare(
        "SELECT chat, until_at FROM chat_measures WHERE state = 0 ORDER BY until_at LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Groups on which nothing stands any more, and which have not got their own permissions back; at most `limit`.
pub(in crate::community::arbiter) fn owed_chats(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare(
        "SELECT chat FROM chat_held h WHERE NOT EXISTS (
             SELECT 1 FROM chat_measures m WHERE m.chat = h.chat AND m.state = 0) LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// People at whom it was time to look by `now`, the longest due first; at most `limit`.
pub(in crate::community::arbiter) fn overdue(
    conn: &Connection,
    now: Millis,
    limit: i64,
) -> Result<Vec<(i64, i64, Millis)>, StoreError> {
    let mut find = conn.prepare(
        "SELECT chat, subject, due_at FROM held WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
    )?;
    let rows = find.query_map([now, limit], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Enters a measure in place of the imposer's one before.
pub(in crate::community::arbiter) fn enter_chat(
    tx: &Tx<'_>,
    chat: i64,
    by: ChatImposer,
    leaves: Permissions,
    until: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    let (imposer, person) = by.parts();
    tx.prepare_cached(
        "UPDATE chat_measures SET state = 4, ended_at = ?4
         WHERE chat = ?1 AND imposer = ?2 AND by = ?3 AND state = 0",
    )?
    .execute(params![chat, imposer, person, now])?;
    tx.prepare_cached(
        "INSERT INTO chat_measures (chat, imposer, by, permissions, until_at, imposed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![chat, imposer, person, leaves.bits(), until, now])?;
    Ok(())
}

/// Ends an imposer's measure; false when none stands.
pub(in crate::community::arbiter) fn end_chat(
    tx: &Tx<'_>,
    chat: i64,
    by: ChatImposer,
    now: Millis,
) -> Result<bool, StoreError> {
    let (imposer, person) = by.parts();
    let ended = tx
        .prepare_cached(
            "UPDATE chat_measures SET state = 1, ended_at = ?4
             WHERE chat = ?1 AND imposer = ?2 AND by = ?3 AND state = 0",
        )?
        .execute(params![chat, imposer, person, now])?;
    Ok(ended == 1)
}

/// Ends what has run out; gives whose it was.
pub(in crate::community::arbiter) fn expire_chat(
    tx: &Tx<'_>,
    chat: i64,
    now: Millis,
) -> Result<Vec<String>, StoreError> {
    let mut end = tx.prepare_cached(
        "UPDATE chat_measures SET state = 2, ended_at = ?2
         WHERE chat = ?1 AND state = 0 AND until_at <= ?2 RETURNING imposer",
    )?;
    let rows = end.query_map([chat, now], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Somebody changed the permissions by hand: they are the group's own now.
pub(in crate::community::arbiter) fn overrule_chat(
    tx: &Tx<'_>,
    chat: i64,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE chat_measures SET state = 5, ended_at = ?2 WHERE chat = ?1 AND state = 0",
    )?
    .execute([chat, now])?;
    forget_chat_held(tx, chat)
}

/// What each measure that stands leaves to members.
pub(in crate::community::arbiter) fn chat_standing(
    conn: &Connection,
    chat: i64,
) -> Result<Vec<Permissions>, StoreError> {
    let mut find =
        conn.prepare_cached("SELECT permissions FROM chat_measures WHERE chat = ?1 AND state = 0")?;
    let rows = find.query_map([chat], |r| Ok(Permissions::from_bits(r.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(in crate::community::arbiter) fn chat_held(
    conn: &Connection,
    chat: i64,
) -> Result<Option<ChatHeld>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT own, told, told_at FROM chat_held WHERE chat = ?1")?
        .query_row([chat], |r| {
            Ok(ChatHeld {
                own: Permissions::from_bits(r.get(0)?),
                told: Permissions::from_bits(r.get(1)?),
                told_at: r.get(2)?,
            })
        })
        .optional()?)
}

pub(in crate::community::arbiter) fn put_chat_held(
    tx: &Tx<'_>,
    chat: i64,
    held: ChatHeld,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO chat_held (chat, own, told, told_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (chat) DO UPDATE SET own = excluded.own, told = excluded.told,
             told_at = excluded.told_at",
    )?
    .execute(params![
        chat,
        held.own.bits(),
        held.told.bits(),
        held.told_at
    ])?;
    Ok(())
}

pub(in crate::community::arbiter) fn forget_chat_held(
    tx: &Tx<'_>,
    chat: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM chat_held WHERE chat = ?1")?
        .execute([chat])?;
    Ok(())
}

/// Measures move with a basic group that became a supergroup.
pub(in crate::community::arbiter) fn migrate_chat(
    tx: &Tx<'_>,
    old: i64,
    new: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE OR IGNORE chat_measures SET chat = ?2 WHERE chat = ?1",
        [old, new],
    )?;
    tx.execute(
        "UPDATE OR IGNORE chat_held SET chat = ?2 WHERE chat = ?1",
        [old, new],
    )?;
    Ok(())
}

/// Measures that stand in a group: imposer, the person behind it, until when.
pub(in crate::community::arbiter) fn chat_imposers(
    conn: &Connection,
    chat: i64,
) -> Result<Vec<ChatImposer>, StoreError> {
    let mut find =
        conn.prepare_cached("SELECT imposer, by FROM chat_measures WHERE chat = ?1 AND state = 0")?;
    let rows = find.query_map([chat], |r| {
        let person = r.get(1)?;
        Ok(match r.get_ref(0)?.as_str()? {
            "night" => ChatImposer::Night,
            "raid" => ChatImposer::Raid,
            // The schema's CHECK allows no other word.
            _ => ChatImposer::Moderator(person),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
