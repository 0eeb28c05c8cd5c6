//! All SQL of the ledger of restrictions.
mod chat;
mod history;

pub(super) use chat::*;
pub(super) use history::subjects;
pub use history::{Restriction, ban_by_person, get, history};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::order::Imposer;
use super::permissions::Permissions;
use super::rules::{Hold, Standing};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};
use crate::telegram::sender::OutboxId;

/// How an entry of the ledger ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum End {
    /// It stands.
    Stands = 0,
    /// Whoever may lifted it.
    Lifted = 1,
    /// Its time passed.
    Expired = 2,
    /// Telegram did not do it.
    Refused = 3,
    /// The same imposer ordered something else.
    Replaced = 4,
    /// An admin of the group decided otherwise, by hand.
    Overruled = 5,
}

impl End {
    fn from_sql(n: i64) -> Self {
        match n {
            0 => Self::Stands,
            1 => Self::Lifted,
            2 => Self::Expired,
            3 => Self::Refused,
            4 => Self::Replaced,
            // The schema's CHECK allows no other number.
            _ => Self::Overruled,
        }
    }
}

/// Where what was last told of somebody stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Way {
    /// The call has not been settled.
    Called = 0,
    /// It is so.
    So = 1,
    /// Telegram refused a lift; it is tried again.
    Refused = 2,
}

/// What Telegram was last told of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) hold: Option<Hold>,
    pub(super) outbox: Option<OutboxId>,
    pub(super) way: Way,
    pub(super) tries: i64,
    /// When that was ordered.
    pub(super) told_at: Millis,
}

impl Held {
    /// Nothing is held.
    pub(super) const NOTHING: Self = Self {
        hold: None,
        outbox: None,
        way: Way::So,
        tries: 0,
        told_at: 0,
    };
}

/// What is known of the place and the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Telegram's kind of chat; empty when unknown.
    pub(super) kind: String,
    /// Beadle is not in it.
    pub(super) away: bool,
    /// Whether Beadle may restrict people; None while Telegram has not told.
    pub(super) may_restrict: Option<bool>,
    /// The person was last heard of as an admin.
    pub(super) admin: bool,
}

/// The group that `chat` is today.
pub(super) fn today(conn: &Connection, chat: i64) -> Result<i64, StoreError> {
    let moved: Option<Option<i64>> = conn
        .prepare_cached("SELECT migrated_to FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?;
    Ok(moved.flatten().unwrap_or(chat))
}

pub(super) fn place(conn: &Connection, chat: i64, subject: i64) -> Result<Place, StoreError> {
    let place = conn
        .prepare_cached(
            "SELECT kind, deleted_at IS NOT NULL, bot_status,
                    json_extract(bot_rights, '$.can_restrict_members')
             FROM groups WHERE id = ?1",
        )?
        .query_row([chat], |r| {
            let status: Option<String> = r.get(2)?;
            let right: Option<bool> = r.get(3).ok().flatten();
            Ok(Place {
                kind: r.get(0)?,
                away: r.get(1)?,
                // A bot that lost a right to delete is noted as a member, whatever else it may.
                may_restrict: match status.as_deref() {
                    Some("creator") => Some(true),
                    Some("administrator") => Some(right.unwrap_or(false)),
                    _ => None,
                },
                admin: false,
            })
        })
        .optional()?
        .unwrap_or_default();
    let status: Option<String> = conn
        .prepare_cached("SELECT status FROM members WHERE chat = ?1 AND user = ?2")?
        .query_row([chat, subject], |r| r.get(0))
        .optional()?;
    let admin = matches!(status.as_deref(), Some("creator" | "administrator"));
    Ok(Place { admin, ..place })
}

/// The key under which the bot's own id is kept.
const OWN: &str = "bot_id";
/// The key under which is kept how far Telegram's clock is ahead of this machine's, in milliseconds.
const AHEAD: &str = "telegram_ahead_ms";

/// At start: the bot's own id, so that nobody restricts it. What was known of clocks is forgotten.
pub fn put_own(conn: &Connection, id: i64) -> Result<(), StoreError> {
    put_ahead(conn, 0)?;
    meta::put_number(conn, OWN, id)
}

pub(super) fn own(conn: &Connection) -> Result<i64, StoreError> {
    meta::number(conn, OWN)
}

pub(super) fn ahead(conn: &Connection) -> Result<Millis, StoreError> {
    meta::number(conn, AHEAD)
}

/// Keeps how far Telegram's clock is ahead of this machine's.
pub(in crate::community) fn put_ahead(conn: &Connection, ahead: Millis) -> Result<(), StoreError> {
    meta::put_number(conn, AHEAD, ahead)
}

fn leaves(measure: &str, bits: i64) -> Option<Permissions> {
    (measure == "restrict").then(|| Permissions::from_bits(bits))
}

fn word(leaves: Option<Permissions>) -> (&'static str, i64) {
    leaves.map_or(("ban", 0), |left| ("restrict", left.bits()))
}

fn standing_row(r: &Row<'_>) -> rusqlite::Result<Option<Standing>> {
    let word: String = r.get(1)?;
    let measure: String = r.get(3)?;
    Ok(
        Imposer::from_parts(&word, r.get(2)?).map(|imposer| Standing {
            id: r.get(0).unwrap_or_default(),
            imposer,
            leaves: leaves(&measure, r.get(4).unwrap_or_default()),
            until: r.get(5).unwrap_or_default(),
        }),
    )
}

/// What stands against somebody, oldest first.
pub(super) fn standing(
    conn: &Connection,
    chat: i64,
    subject: i64,
) -> Result<Vec<Standing>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, imposer, by, measure, permissions, until_at FROM restrictions
         WHERE chat = ?1 AND subject = ?2 AND state = 0 ORDER BY id",
    )?;
    let rows = find.query_map([chat, subject], standing_row)?;
    let found: Vec<Option<Standing>> = rows.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// Groups in which Telegram was told to restrict somebody beyond `far`, or without an end.
pub(super) fn held_for_good(
    conn: &Connection,
    subject: i64,
    far: Millis,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT h.chat FROM held h
         WHERE h.chat IN (SELECT chat FROM restrictions WHERE subject = ?1 AND state = 0)
             AND h.subject = ?1 AND h.measure = 'restrict' AND (h.until_at IS NULL OR h.until_at > ?2)",
    )?;
    let rows = find.query_map([subject, far], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A new entry.
pub(super) struct Entry<'a> {
    pub(super) chat: i64,
    pub(super) subject: i64,
    pub(super) imposer: Imposer,
    pub(super) leaves: Option<Permissions>,
    pub(super) until: Option<Millis>,
    pub(super) reason: &'a str,
    pub(super) verdict: Option<i64>,
}

pub(super) fn enter(tx: &Tx<'_>, e: &Entry<'_>, now: Millis) -> Result<i64, StoreError> {
    let (imposer, by) = e.imposer.parts();
    let (measure, permissions) = word(e.leaves);
    tx.prepare_cached(
        "INSERT INTO restrictions (chat, subject, imposer, by, measure, permissions, until_at, reason,
             verdict, imposed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        e.chat, e.subject, imposer, by, measure, permissions, e.until, e.reason, e.verdict, now
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Ends an entry that stands.
pub(super) fn end(
    tx: &Tx<'_>,
    id: i64,
    how: End,
    by: &str,
    why: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE restrictions SET state = ?2, ended_at = ?3, ended_by = ?4, why = ?5
         WHERE id = ?1 AND state = 0",
    )?
    .execute(params![id, how as u8, now, by, why])?;
    Ok(())
}

/// A ban up to `until` that nobody carried out stands again, up to `fresh`, unless it was ordered before `since`, or
/// somebody ended it otherwise than by time.
pub(super) fn put_out_anew(
    tx: &Tx<'_>,
    (chat, subject): (i64, i64),
    until: Millis,
    fresh: Millis,
    since: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE restrictions SET state = 0, until_at = ?4, ended_at = NULL, ended_by = NULL
         WHERE id = (SELECT max(id) FROM restrictions AS r
                     WHERE r.chat = ?1 AND r.subject = ?2 AND r.until_at = ?3 AND r.measure = 'ban'
                         AND r.state IN (0, 2) AND r.imposed_at >= ?5
                         AND NOT EXISTS (SELECT 1 FROM restrictions AS s
                                         WHERE s.chat = ?1 AND s.subject = ?2 AND s.imposer = r.imposer
                                             AND s.by = r.by AND s.state = 0 AND s.id <> r.id))",
    )?
    .execute(params![chat, subject, until, fresh, since])?;
    Ok(())
}

pub(super) fn held(conn: &Connection, chat: i64, subject: i64) -> Result<Option<Held>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT measure, permissions, until_at, outbox, state, tries, told_at FROM held
             WHERE chat = ?1 AND subject = ?2",
        )?
        .query_row([chat, subject], |r| {
            let measure: Option<String> = r.get(0)?;
            let bits = r.get(1)?;
            let until = r.get(2)?;
            Ok(Held {
                hold: measure.map(|m| Hold {
                    leaves: leaves(&m, bits),
                    until,
                    moving: false,
                    followed: false,
                }),
                outbox: r.get(3)?,
                way: match r.get(4)? {
                    0 => Way::Called,
                    1 => Way::So,
                    _ => Way::Refused,
                },
                tries: r.get(5)?,
                told_at: r.get(6)?,
            })
        })
        .optional()?)
}

pub(super) fn put_held(
    tx: &Tx<'_>,
    chat: i64,
    subject: i64,
    held: &Held,
    due: Option<Millis>,
) -> Result<(), StoreError> {
    let (measure, permissions) = held
        .hold
        .map_or((None, 0), |h| (Some(word(h.leaves).0), word(h.leaves).1));
    tx.prepare_cached(
        "INSERT INTO held (chat, subject, measure, permissions, until_at, outbox, state, tries, due_at,
             told_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (chat, subject) DO UPDATE SET measure = excluded.measure,
             permissions = excluded.permissions, until_at = excluded.until_at,
             outbox = excluded.outbox, state = excluded.state,
             tries = excluded.tries, due_at = excluded.due_at, told_at = excluded.told_at",
    )?
    .execute(params![
        chat,
        subject,
        measure,
        permissions,
        held.hold.and_then(|h| h.until),
        held.outbox,
        held.way as u8,
        held.tries,
        due,
        held.told_at
    ])?;
    Ok(())
}

/// A call whose outcome the ledger does not know.
pub(super) struct OnTheWay {
    pub(super) chat: i64,
    pub(super) subject: i64,
    pub(super) outbox: OutboxId,
}

/// Calls whose outcome is not known, oldest first.
pub(super) fn on_the_way(conn: &Connection, limit: i64) -> Result<Vec<OnTheWay>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT chat, subject, outbox FROM held WHERE state = 0 AND outbox IS NOT NULL
         ORDER BY outbox LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| {
        Ok(OnTheWay {
            chat: r.get(0)?,
            subject: r.get(1)?,
            outbox: r.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whom a call that is on its way is about.
pub(super) fn way_of(conn: &Connection, outbox: OutboxId) -> Result<Option<OnTheWay>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT chat, subject FROM held WHERE state = 0 AND outbox = ?1")?
        .query_row([outbox], |r| {
            Ok(OnTheWay {
                chat: r.get(0)?,
                subject: r.get(1)?,
                outbox,
            })
        })
        .optional()?)
}

/// People whom Beadle could not free in a chat.
pub(super) fn refused_lifts(conn: &Connection, chat: i64) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached("SELECT subject FROM held WHERE chat = ?1 AND state = 2")?;
    let rows = find.query_map([chat], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes that Beadle may not restrict people in a group, until Telegram tells otherwise.
pub(super) fn disarm(tx: &Tx<'_>, chat: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE groups SET updated_at = ?2,
             bot_rights = json_set(coalesce(bot_rights, '{}'), '$.can_restrict_members', json('false'))
         WHERE id = ?1 AND bot_status = 'administrator'",
    )?
    .execute([chat, now])?;
    Ok(())
}

/// A basic group became a supergroup: what stands moves with it, and is told there.
pub(super) fn migrate(tx: &Tx<'_>, old: i64, new: i64) -> Result<(), StoreError> {
    // The same imposer may have been heard under both ids by now: the newer stays.
    tx.execute(
        "UPDATE OR IGNORE restrictions SET chat = ?2 WHERE chat = ?1",
        [old, new],
    )?;
    tx.execute(
        "UPDATE restrictions SET chat = ?2, state = 4, ended_at = imposed_at WHERE chat = ?1",
        [old, new],
    )?;
    tx.execute("DELETE FROM held WHERE chat = ?1", [old])?;
    migrate_chat(tx, old, new)
}

/// People of a chat against whom something stands that Telegram was not told of.
pub(super) fn untold(conn: &Connection, chat: i64) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT DISTINCT subject FROM restrictions r WHERE chat = ?1 AND state = 0
             AND NOT EXISTS (SELECT 1 FROM held h WHERE h.chat = r.chat AND h.subject = r.subject)",
    )?;
    let rows = find.query_map([chat], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes up to `limit` entries that ended before `before`.
pub fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM restrictions WHERE id IN
                 (SELECT id FROM restrictions WHERE ended_at < ?1 LIMIT ?2)",
        )?
        .execute([before, limit])?)
}

/// Whom an entry is about.
pub(super) fn subject_of(conn: &Connection, id: i64) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT subject FROM restrictions WHERE id = ?1")?
        .query_row([id], |r| r.get(0))
        .optional()?)
}

/// Nothing is held against somebody, and nothing stands.
pub(super) fn forget_held(tx: &Tx<'_>, chat: i64, subject: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM held WHERE chat = ?1 AND subject = ?2")?
        .execute([chat, subject])?;
    Ok(())
}

/// The ban that stands against somebody in a group: its entry, if there is one.
pub fn banned(
    conn: &Connection,
    chat: i64,
    user: i64,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT id FROM restrictions WHERE chat = ?1 AND subject = ?2 AND state = 0
                 AND measure = 'ban' AND (until_at IS NULL OR until_at > ?3) ORDER BY id LIMIT 1",
        )?
        .query_row([chat, user, now], |r| r.get(0))
        .optional()?)
}
