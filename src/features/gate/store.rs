//! All SQL of the door.
use rusqlite::{Connection, OptionalExtension as _, params};

use super::gates::{Channel, Gate};
use super::rules::GateParams;
use crate::base::clock::Millis;
use crate::community::erasure::Kept;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::OutboxId;

/// Every group whose door is closed.
pub(super) fn gates(conn: &Connection) -> Result<Vec<Gate>, StoreError> {
    let mut find =
        conn.prepare_cached("SELECT group_id, params FROM protected_groups WHERE enabled = 1")?;
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get::<_, String>(1)?)))?;
    let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(chat, params)| {
            Ok(Gate {
                chat,
                params: read_params(chat, &params),
                channels: channels_of(conn, chat)?,
            })
        })
        .collect()
}

fn read_params(chat: i64, params: &str) -> GateParams {
    serde_json::from_str(params).unwrap_or_else(|e| {
        tracing::warn!(chat, error = %e, "what a door asks for cannot be read; it asks nobody who was there before");
        GateParams {
            since: Millis::MAX,
            ..GateParams::default()
        }
    })
}

/// The channels that a group asks for, in the order in which they were named.
pub(super) fn channels_of(conn: &Connection, chat: i64) -> Result<Vec<Channel>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT c.channel_id, c.title, c.username, c.invite_link
         FROM group_channel_links l JOIN enforced_channels c ON c.channel_id = l.channel_id
         WHERE l.group_id = ?1 ORDER BY l.id",
    )?;
    let rows = find.query_map([chat], |r| {
        Ok(Channel {
            id: r.get(0)?,
            title: r.get(1)?,
            username: r.get(2)?,
            link: r.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a group has a door, and whether it is closed.
pub(super) fn state(
    conn: &Connection,
    chat: i64,
) -> Result<Option<(bool, GateParams)>, StoreError> {
    let found: Option<(bool, String)> = conn
        .prepare_cached("SELECT enabled, params FROM protected_groups WHERE group_id = ?1")?
        .query_row([chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    Ok(found.map(|(enabled, params)| (enabled, read_params(chat, &params))))
}

/// A group asks for these channels from now on, and for no others.
pub(super) fn protect(
    tx: &Tx<'_>,
    (chat, title): (i64, Option<&str>),
    owner: i64,
    channels: &[Channel],
    params: &GateParams,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO owners (user_id, created_at, updated_at) VALUES (?1, ?2, ?2)
         ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at",
    )?
    .execute([owner, now])?;
    tx.prepare_cached(
        "INSERT INTO protected_groups (group_id, owner_id, title, enabled, params, created_at, updated_at)
         VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5)
         ON CONFLICT (group_id) DO UPDATE SET owner_id = excluded.owner_id, title = excluded.title,
             enabled = 1, params = excluded.params, updated_at = excluded.updated_at",
    )?
    .execute(params![chat, owner, title, serde_json::to_string(params)?, now])?;
    tx.prepare_cached("DELETE FROM group_channel_links WHERE group_id = ?1")?
        .execute([chat])?;
    for channel in channels {
        tx.prepare_cached(
            "INSERT INTO enforced_channels (channel_id, title, username, invite_link, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5)
             ON CONFLICT (channel_id) DO UPDATE SET title = excluded.title, username = excluded.username,
                 invite_link = coalesce(excluded.invite_link, invite_link), trouble = NULL,
                 trouble_since = NULL, updated_at = excluded.updated_at",
        )?
        .execute(params![channel.id, channel.title, channel.username, channel.link, now])?;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO group_channel_links (group_id, channel_id, created_at) VALUES (?1, ?2, ?3)",
        )?
        .execute([chat, channel.id, now])?;
    }
    Ok(())
}

/// Opens a group's door; false when it was open.
pub(super) fn unprotect(tx: &Tx<'_>, chat: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE protected_groups SET enabled = 0, updated_at = ?2 WHERE group_id = ?1 AND enabled = 1",
        )?
        .execute([chat, now])?;
    Ok(changed == 1)
}

/// What Telegram last said of somebody in a channel: whether they are in it, since when, told when.
pub(super) fn membership(
    conn: &Connection,
    channel: i64,
    user: i64,
) -> Result<Option<(bool, Millis, Millis)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT is_member, since, told_at FROM channel_members WHERE channel = ?1 AND user = ?2",
        )?
        .query_row([channel, user], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?)
}

/// Telegram says whether somebody is in a channel.
pub(super) fn put_membership(
    tx: &Tx<'_>,
    (channel, user): (i64, i64),
    is_member: bool,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO channel_members (channel, user, is_member, since, told_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (channel, user) DO UPDATE SET
             since = CASE WHEN is_member = excluded.is_member THEN since ELSE excluded.since END,
             is_member = excluded.is_member, told_at = excluded.told_at
         WHERE excluded.told_at >= told_at",
    )?
    .execute(params![channel, user, is_member, now])?;
    Ok(())
}

/// When somebody joined a group; None where nobody saw it.
pub(super) fn joined(
    conn: &Connection,
    chat: i64,
    user: i64,
) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT joined_at FROM members WHERE chat = ?1 AND user = ?2")?
        .query_row([chat, user], |r| r.get(0))
        .optional()?
        .flatten())
}

/// Somebody is held; false when they were already.
pub(super) fn hold(tx: &Tx<'_>, chat: i64, user: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO gate_holds (chat, user, state, held_at) VALUES (?1, ?2, 'held', ?3)
             ON CONFLICT (chat, user) DO UPDATE SET state = 'held', held_at = excluded.held_at,
                 tapped_at = NULL, ended_at = NULL WHERE state <> 'held'",
        )?
        .execute([chat, user, now])?;
    Ok(changed == 1)
}

/// Whether somebody is held.
pub(super) fn is_held(conn: &Connection, chat: i64, user: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM gate_holds WHERE chat = ?1 AND user = ?2 AND state = 'held')",
        )?
        .query_row([chat, user], |r| r.get(0))?)
}

/// Somebody who is held pressed the button.
pub(super) fn tapped(tx: &Tx<'_>, chat: i64, user: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE gate_holds SET tapped_at = coalesce(tapped_at, ?3) WHERE chat = ?1 AND user = ?2 AND state = 'held'",
    )?
    .execute([chat, user, now])?;
    Ok(())
}

/// A hold ends as `state`; false when there was none.
pub(super) fn end(
    tx: &Tx<'_>,
    (chat, user): (i64, i64),
    state: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE gate_holds SET state = ?3, ended_at = ?4 WHERE chat = ?1 AND user = ?2 AND state = 'held'",
        )?
        .execute(params![chat, user, state, now])?;
    Ok(changed == 1)
}

/// At most `limit` people whom a group's door holds.
pub(super) fn held(conn: &Connection, chat: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT user FROM gate_holds WHERE chat = ?1 AND state = 'held' LIMIT ?2",
    )?;
    let rows = find.query_map([chat, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The groups in which somebody is held and that ask for `channel`.
pub(super) fn waits_for(
    conn: &Connection,
    channel: i64,
    user: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT h.chat FROM gate_holds h JOIN group_channel_links l ON l.group_id = h.chat
         WHERE h.user = ?2 AND h.state = 'held' AND l.channel_id = ?1",
    )?;
    let rows = find.query_map([channel, user], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many were held, pressed and were let in since `since`, and are held now.
pub(super) fn funnel(
    conn: &Connection,
    chat: i64,
    since: Millis,
) -> Result<(i64, i64, i64, i64), StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE held_at >= ?2), count(*) FILTER (WHERE tapped_at >= ?2),
                    count(*) FILTER (WHERE state = 'verified' AND ended_at >= ?2),
                    count(*) FILTER (WHERE state = 'held')
             FROM gate_holds WHERE chat = ?1",
        )?
        .query_row([chat, since], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })?)
}

/// The prompt that stands in a group, and since when.
pub(super) fn prompt(
    conn: &Connection,
    chat: i64,
) -> Result<Option<(OutboxId, Millis)>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT outbox, at FROM gate_prompts WHERE chat = ?1")?
        .query_row([chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Another prompt stands in a group.
pub(super) fn put_prompt(
    tx: &Tx<'_>,
    chat: i64,
    outbox: OutboxId,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO gate_prompts (chat, outbox, at) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![chat, outbox, now])?;
    Ok(())
}

/// Forgets a person; who is held stays so until the hold ends.
pub(super) fn forget(tx: &Tx<'_>, user: i64) -> Result<usize, StoreError> {
    let known = tx.execute("DELETE FROM channel_members WHERE user = ?1", [user])?;
    let holds = tx.execute(
        "DELETE FROM gate_holds WHERE user = ?1 AND state <> 'held'",
        [user],
    )?;
    Ok(known + holds)
}

/// What a person is shown of it.
pub(super) const KEPT: &[Kept] = &[
    Kept::new(
        "channel_members",
        "SELECT -channel, channel, is_member, since, told_at FROM channel_members
         WHERE user = ?1 AND -channel > ?2 ORDER BY -channel LIMIT ?3",
    ),
    Kept::new(
        "gate_holds",
        "SELECT -chat, chat, state, held_at, tapped_at, ended_at FROM gate_holds
         WHERE user = ?1 AND -chat > ?2 ORDER BY -chat LIMIT ?3",
    ),
];
