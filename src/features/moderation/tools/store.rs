//! All SQL of moderators' commands.
use rusqlite::{OptionalExtension as _, params};
use serde_json::json;

use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::erasure::{Kept, Portion, Progress};
use crate::store::{Connection, StoreError, Tx};

/// Warnings shown in one list.
const LISTED: i64 = 20;

/// A warning that counts.
pub(super) struct Strike {
    pub at: Millis,
    /// When it ceases to count.
    pub until: Millis,
    /// The moderator's words.
    pub words: Option<String>,
}

/// Treatments that count on the ladder, the last first.
pub(super) fn strikes(
    conn: &Connection,
    chat: i64,
    (user, sender_chat): (Option<i64>, Option<i64>),
    now: Millis,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM treatments WHERE chat = ?1 AND user IS ?2 AND sender_chat IS ?3 AND strike = 1
             AND undone_at IS NULL AND counts_until > ?4 ORDER BY id DESC",
    )?;
    let rows = find.query_map(params![chat, user, sender_chat, now], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The same, to be shown.
pub(super) fn strike_lines(
    conn: &Connection,
    chat: i64,
    (user, sender_chat): (Option<i64>, Option<i64>),
    now: Millis,
) -> Result<Vec<Strike>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT created_at, counts_until, words FROM treatments WHERE chat = ?1 AND user IS ?2 AND sender_chat IS ?3
             AND strike = 1 AND undone_at IS NULL AND counts_until > ?4 ORDER BY id DESC LIMIT ?5",
    )?;
    let rows = find.query_map(params![chat, user, sender_chat, now, LISTED], |r| {
        Ok(Strike {
            at: r.get(0)?,
            until: r.get(1)?,
            words: r.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the ledger holds a restriction, and whether a ban, against somebody.
pub(super) fn stands(
    conn: &Connection,
    chat: i64,
    subject: i64,
    now: Millis,
) -> Result<(bool, bool), StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT coalesce(max(measure = 'restrict'), 0), coalesce(max(measure = 'ban'), 0) FROM restrictions
             WHERE chat = ?1 AND subject = ?2 AND state = 0 AND coalesce(until_at, ?3 + 1) > ?3",
        )?
        .query_row([chat, subject, now], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// Vouches for somebody; false when somebody did before.
pub(super) fn vouch(
    tx: &Tx<'_>,
    (chat, user): (i64, i64),
    kind: &str,
    by: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO vouched (chat, user, kind, by, since) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![chat, user, kind, by, now])?;
    Ok(added == 1)
}

/// Ends it; false when nobody vouched.
pub(super) fn unvouch(tx: &Tx<'_>, chat: i64, user: i64) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM vouched WHERE chat = ?1 AND user = ?2",
        [chat, user],
    )?;
    Ok(gone > 0)
}

/// Whether moderators spare somebody: house rules and Beadle's own judgement do nothing to them unasked.
pub(in crate::features::moderation) fn is_approved(
    conn: &Connection,
    chat: i64,
    user: i64,
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM vouched WHERE chat = ?1 AND user = ?2)")?
        .query_row([chat, user], |r| r.get(0))?)
}

/// The person who wrote a message, as kept.
pub(super) fn author(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT user FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| r.get(0))
        .optional()?
        .flatten())
}

/// Where messages are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// The whole group.
    Chat,
    /// One topic of a forum; None is the general one, whose messages carry no topic.
    Topic(Option<i64>),
}

/// Messages from one up to another, that one left out, the newest first: id, when sent, whether removed. With `standing`
/// those that are not removed.
pub(super) fn written(
    conn: &Connection,
    chat: i64,
    within: Within,
    (from, to): (i64, i64),
    (standing, limit): (bool, i64),
) -> Result<Vec<(i64, Millis, bool)>, StoreError> {
    let (everywhere, topic) = match within {
        Within::Chat => (true, None),
        Within::Topic(topic) => (false, topic),
    };
    let mut find = conn.prepare_cached(
        "SELECT message, date * 1000, removed_at IS NOT NULL FROM messages
         WHERE chat = ?1 AND message >= ?2 AND message < ?3 AND (?7 OR topic IS ?4)
             AND (removed_at IS NULL OR NOT ?6)
         ORDER BY message DESC LIMIT ?5",
    )?;
    let asked = params![chat, from, to, topic, limit, standing, everywhere];
    let rows = find.query_map(asked, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes a removal by command.
pub(super) fn note_purge(
    tx: &mut Tx<'_>,
    chat: i64,
    by: i64,
    command: &str,
    count: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let note = AuditEntry::new(Actor::User(by), "moderation.purge", format!("chat:{chat}"))
        .in_chat(chat)
        .with(json!({ "command": command, "count": count }));
    tx.audit(&note, now)?;
    Ok(())
}

/// What these tables keep of a person.
pub(super) const KEPT: &[Kept] = &[
    Kept::new(
        "vouched",
        "SELECT chat, kind, since FROM vouched WHERE user = ?1 AND chat > ?2 ORDER BY chat LIMIT ?3",
    ),
    Kept::new(
        "reports",
        "SELECT id, chat, message, state, created_at FROM reports WHERE reporter = ?1 AND id > ?2
         ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "catch_marks",
        "SELECT id, chat, kind, weight, at FROM catch_marks WHERE source = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "freezes",
        "SELECT id, chat, kind, since, frozen_at, released_at FROM freezes WHERE source = ?1 AND id > ?2
         ORDER BY id LIMIT ?3",
    ),
];

/// Forgets a person here. Who was stopped by a catch stays stopped.
pub(super) fn forget(tx: &mut Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM vouched WHERE user = ?1 AND since <= ?2",
        "DELETE FROM reports WHERE (reporter = ?1 OR author = ?1) AND created_at <= ?2",
        "DELETE FROM catch_marks WHERE source = ?1 AND at <= ?2",
        "DELETE FROM freezes WHERE source = ?1 AND released_at IS NOT NULL AND frozen_at <= ?2",
    ] {
        gone += tx.execute(sql, params![p.person, p.until])?;
    }
    Ok(Progress::done(gone))
}
