//! All SQL of admissions.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::rules::{Door, Machine, Outcome, State, Then};
use super::steps::Applicant;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// An admission under way or over, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Admission {
    /// Key, a UUIDv7.
    pub(super) id: [u8; 16],
    /// The group.
    pub(super) chat: i64,
    /// Who.
    pub(super) user: i64,
    /// How they come, where it stands.
    pub(super) machine: Machine,
    /// Telegram's id of a request with a deadline, until it is answered, and that deadline.
    pub(super) query: Option<(String, Millis)>,
    /// Where they may be written to.
    pub(super) user_chat: Option<i64>,
    /// Codes of what steps noticed.
    pub(super) notes: Vec<String>,
}

impl Admission {
    /// As a step sees them.
    pub(super) fn applicant(&self, now: Millis) -> Applicant {
        Applicant {
            chat: self.chat,
            user: self.user,
            door: self.machine.door,
            user_chat: self.user_chat,
            notes: self.notes.clone(),
            now,
        }
    }
}

fn door_word(door: Door) -> &'static str {
    match door {
        Door::Join => "join",
        Door::Request => "request",
        Door::Query => "query",
    }
}

/// Adds an admission; false when one of this person in this chat is open already.
pub(super) fn add(tx: &Tx<'_>, a: &Admission, now: Millis) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached(
            "INSERT INTO admissions (id, chat, user, door, query, query_until, user_chat, started_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (chat, user) WHERE outcome IS NULL DO NOTHING",
        )?
        .execute(params![
            a.id,
            a.chat,
            a.user,
            door_word(a.machine.door),
            a.query.as_ref().map(|q| &q.0),
            a.query.as_ref().map(|q| q.1),
            a.user_chat,
            now
        ])?;
    Ok(added == 1)
}

/// Writes where an admission stands; `step` names the step it stands at.
pub(super) fn put(
    tx: &Tx<'_>,
    a: &Admission,
    step: Option<&str>,
    reason: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    let (held, outcome) = match &a.machine.state {
        State::At(_) => (None, None),
        State::Held { until, then, .. } => (Some((*until, *then)), None),
        State::Over(outcome) => (None, Some(*outcome)),
    };
    let then = held.map(|(_, then)| match then {
        Then::Admit => "admit",
        Then::Refuse => "refuse",
    });
    tx.prepare_cached(
        "UPDATE admissions SET door = ?2, query = ?3, query_until = ?4, step = ?5, held_until = ?6,
             then_word = ?7, vouched = ?8, notes = ?9, outcome = ?10, reason = coalesce(?11, reason),
             decided_at = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        a.id,
        door_word(a.machine.door),
        a.query.as_ref().map(|q| &q.0),
        a.query.as_ref().map(|q| q.1),
        step,
        held.map(|h| h.0),
        then,
        a.machine.vouched,
        serde_json::to_string(&a.notes)?,
        outcome.map(Outcome::word),
        reason,
        outcome.map(|_| now)
    ])?;
    Ok(())
}

/// Telegram takes letters to who asked to join for five minutes; the last ten seconds are for the way.
const LETTERBOX: Millis = 290_000;
const COLUMNS: &str = "id, chat, user, door, query, query_until, user_chat, step, held_until, then_word, \
     vouched, notes, outcome";

/// `steps` are the names of today's steps in order: a step that is no more is passed over.
fn read(row: &Row<'_>, steps: &[&str]) -> rusqlite::Result<Admission> {
    let door = match row.get_ref(3)?.as_str()? {
        "request" => Door::Request,
        "query" => Door::Query,
        _ => Door::Join,
    };
    let named: Option<String> = row.get(7)?;
    let step = named.and_then(|name| steps.iter().position(|s| *s == name));
    let held: Option<Millis> = row.get(8)?;
    let then: Option<String> = row.get(9)?;
    let outcome: Option<String> = row.get(12)?;
    let state = match (outcome.as_deref(), held, step) {
        (Some("admitted"), ..) => State::Over(Outcome::Admitted),
        (Some("left_to_admins"), ..) => State::Over(Outcome::LeftToAdmins),
        (Some("refused"), ..) => State::Over(Outcome::Refused),
        (Some(_), ..) => State::Over(Outcome::Gone),
        (None, Some(until), Some(step)) => State::Held {
            step,
            until,
            then: if then.as_deref() == Some("refuse") {
                Then::Refuse
            } else {
                Then::Admit
            },
        },
        (None, _, step) => State::At(step.unwrap_or(0)),
    };
    let query: Option<String> = row.get(4)?;
    let until: Option<Millis> = row.get(5)?;
    let notes: String = row.get(11)?;
    Ok(Admission {
        id: row.get(0)?,
        chat: row.get(1)?,
        user: row.get(2)?,
        machine: Machine {
            door,
            steps: steps.len(),
            state,
            vouched: row.get(10)?,
        },
        query: query.zip(until),
        user_chat: row.get(6)?,
        // The schema's CHECK allows JSON only.
        notes: serde_json::from_str(&notes).unwrap_or_default(),
    })
}

pub(super) fn get(
    conn: &Connection,
    id: &[u8; 16],
    steps: &[&str],
) -> Result<Option<Admission>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM admissions WHERE id = ?1");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([id], |r| read(r, steps))
        .optional()?)
}

/// The open admission of somebody in a chat.
pub(super) fn open(
    conn: &Connection,
    chat: i64,
    user: i64,
    steps: &[&str],
) -> Result<Option<Admission>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM admissions WHERE chat = ?1 AND user = ?2 AND outcome IS NULL"
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([chat, user], |r| read(r, steps))
        .optional()?)
}

/// Where somebody may be written to who has asked to join a group, and until when: "for 5 minutes …, until the
/// join request is processed" (Bot API, ChatJoinRequest).
pub fn letterbox(
    conn: &Connection,
    user: i64,
    now: Millis,
) -> Result<Option<(i64, Millis)>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT user_chat, started_at + ?3 FROM admissions
             WHERE user = ?1 AND user_chat IS NOT NULL AND started_at > ?2 - ?3
                 AND (outcome IS NULL OR outcome = 'left_to_admins')
             ORDER BY started_at DESC LIMIT 1",
        )?
        .query_row([user, now, LETTERBOX], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Who came to a chat by themselves since `since`, the latest first; at most `limit`. A reader's view: each with how
/// they came and how it ended, None while it is open.
pub fn arrivals(
    conn: &Connection,
    chat: i64,
    since: Millis,
    limit: i64,
) -> Result<Vec<(i64, Door, Option<String>)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT user, door, outcome FROM admissions WHERE chat = ?1 AND started_at > ?2
         ORDER BY started_at DESC LIMIT ?3",
    )?;
    let rows = find.query_map([chat, since, limit], |r| {
        let door = match r.get_ref(1)?.as_str()? {
            "request" => Door::Request,
            "query" => Door::Query,
            _ => Door::Join,
        };
        Ok((r.get(0)?, door, r.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes up to `limit` admissions that were decided before `before`.
pub fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "DELETE FROM admissions WHERE id IN
                 (SELECT id FROM admissions WHERE decided_at < ?1 LIMIT ?2)",
        )?
        .execute([before, limit])?)
}

/// The name of somebody as it came with an update last; None for who was never seen.
pub fn name_of(conn: &Connection, user: i64) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT first_name || ' ' || coalesce(last_name, '') FROM users WHERE id = ?1",
        )?
        .query_row([user], |r| r.get(0))
        .optional()?)
}

/// Deletes what is kept of somebody's admissions that are over. Gives how many rows went.
pub(in crate::community) fn forget(conn: &Connection, user: i64) -> Result<usize, StoreError> {
    Ok(conn
        .prepare_cached("DELETE FROM admissions WHERE user = ?1 AND outcome IS NOT NULL")?
        .execute([user])?)
}
