//! All SQL of the safety catches.
use rusqlite::{OptionalExtension as _, Row, params};

use super::rules::{Kind, Mark};
use crate::base::clock::Millis;
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::sender::OutboxId;

/// Somebody stopped by a catch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Freeze {
    pub id: i64,
    pub chat: i64,
    /// The moderator; 0 is Beadle.
    pub source: i64,
    pub kind: Kind,
    /// The first of what was too much.
    pub since: Millis,
    pub place: Option<i64>,
    pub outbox: Option<OutboxId>,
    pub undo_since: Option<Millis>,
    pub undone: i64,
    pub undo_done: bool,
    pub released: bool,
    pub decided_by: Option<i64>,
}

const COLUMNS: &str = "id, chat, source, kind, since, place, outbox, undo_since, undone, undo_done, released_at IS NOT NULL, \
     decided_by";

fn read(r: &Row<'_>) -> rusqlite::Result<Freeze> {
    let kind: String = r.get(3)?;
    Ok(Freeze {
        id: r.get(0)?,
        chat: r.get(1)?,
        source: r.get(2)?,
        kind: Kind::from_word(&kind).unwrap_or(Kind::Treatment),
        since: r.get(4)?,
        place: r.get(5)?,
        outbox: r.get(6)?,
        undo_since: r.get(7)?,
        undone: r.get(8)?,
        undo_done: r.get(9)?,
        released: r.get(10)?,
        decided_by: r.get(11)?,
    })
}

/// What is counted against a source around `at`.
pub(super) fn marks(
    conn: &Connection,
    (chat, source): (i64, i64),
    kind: Kind,
    at: Millis,
) -> Result<Vec<Mark>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT at, weight FROM catch_marks WHERE chat = ?1 AND source = ?2 AND kind = ?3 AND at > ?4 AND at < ?5",
    )?;
    let around = (at - kind.window(), at + kind.window());
    let rows = find.query_map(
        params![chat, source, kind.word(), around.0, around.1],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Counts something, and forgets what no window reaches any more.
pub(super) fn mark(
    tx: &Tx<'_>,
    (chat, source): (i64, i64),
    kind: Kind,
    (at, weight): Mark,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "DELETE FROM catch_marks WHERE chat = ?1 AND source = ?2 AND kind = ?3 AND at <= ?4",
    )?
    .execute(params![chat, source, kind.word(), at - 2 * kind.window()])?;
    tx.prepare_cached(
        "INSERT INTO catch_marks (chat, source, kind, weight, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![chat, source, kind.word(), weight, at])?;
    Ok(())
}

/// Whether a source is stopped in a group.
pub(super) fn is_frozen(conn: &Connection, chat: i64, source: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM freezes WHERE chat = ?1 AND source = ?2 AND released_at IS NULL)",
        )?
        .query_row([chat, source], |r| r.get(0))?)
}

/// Stops a source; gives the freeze.
pub(super) fn freeze(
    tx: &Tx<'_>,
    (chat, source): (i64, i64),
    kind: Kind,
    since: Millis,
    now: Millis,
) -> Result<i64, StoreError> {
    tx.prepare_cached(
        "INSERT INTO freezes (chat, source, kind, since, frozen_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![chat, source, kind.word(), since, now])?;
    Ok(tx.last_insert_rowid())
}

/// A freeze.
pub(super) fn get(conn: &Connection, id: i64) -> Result<Option<Freeze>, StoreError> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM freezes WHERE id = ?1"))?
        .query_row([id], read)
        .optional()?)
}

/// Notes where its card stands.
pub(super) fn seated(tx: &Tx<'_>, id: i64, place: i64, outbox: OutboxId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE freezes SET place = ?2, outbox = ?3 WHERE id = ?1",
        params![id, place, outbox],
    )?;
    Ok(())
}

/// Lets a source go on; false when it may already. What was counted before counts no more.
pub(super) fn release(tx: &Tx<'_>, f: &Freeze, by: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE freezes SET released_at = ?2, decided_by = ?3 WHERE id = ?1 AND released_at IS NULL",
        params![f.id, now, by],
    )?;
    tx.execute(
        "DELETE FROM catch_marks WHERE chat = ?1 AND source = ?2",
        [f.chat, f.source],
    )?;
    Ok(changed == 1)
}

/// Asks for everything since `since` to be undone; false when it was asked for already, as far back.
pub(super) fn undo_from(tx: &Tx<'_>, id: i64, since: Millis, by: i64) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE freezes SET undo_since = ?2, decided_by = ?3, undo_done = 0
         WHERE id = ?1 AND coalesce(undo_since, ?2 + 1) > ?2",
        params![id, since, by],
    )?;
    Ok(changed == 1)
}

/// Counts what was undone.
pub(super) fn undone(tx: &Tx<'_>, id: i64, more: i64, done: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE freezes SET undone = undone + ?2, undo_done = ?3 WHERE id = ?1",
        params![id, more, done],
    )?;
    Ok(())
}

/// Treatments by a source since `since` that stand, the last ones first. 0 is Beadle.
pub(super) fn treatments(
    conn: &Connection,
    f: &Freeze,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM treatments WHERE chat = ?1 AND coalesce(by, 0) = ?2 AND created_at >= ?3 AND undone_at IS NULL
         ORDER BY id DESC LIMIT ?4",
    )?;
    let rows = find.query_map([f.chat, f.source, since, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Cards that a moderator decided since `since`, the last ones first.
pub(super) fn decided(
    conn: &Connection,
    f: &Freeze,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE decided_by = ?2 AND chat = ?1 AND decided_at >= ?3 AND state = 'decided'
             AND kind = 'verdict' ORDER BY id DESC LIMIT ?4",
    )?;
    let rows = find.query_map([f.chat, f.source, since, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Messages that taught something since `since` by a source, Beadle's prints among them for 0.
pub(super) fn lessons(
    conn: &Connection,
    f: &Freeze,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT message FROM learned_samples WHERE chat = ?1 AND coalesce(teacher, 0) = ?2 AND created_at >= ?3
             AND message IS NOT NULL ORDER BY id DESC LIMIT ?4",
    )?;
    let rows = find.query_map([f.chat, f.source, since, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ends what a moderator vouched for since `since`; gives how many.
pub(super) fn unvouch(tx: &Tx<'_>, f: &Freeze, since: Millis) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM vouched WHERE chat = ?1 AND by = ?2 AND since >= ?3",
        [f.chat, f.source, since],
    )?)
}

/// What a person is called, or the number; for cards.
pub(super) fn title(
    conn: &Connection,
    chat: i64,
) -> Result<(Option<String>, Option<String>), StoreError> {
    Ok(conn
        .prepare_cached("SELECT title, language FROM groups WHERE id = ?1")?
        .query_row([chat], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?
        .unwrap_or_default())
}

/// When somebody came to a group, as far as Beadle saw it.
pub(super) fn since(conn: &Connection, chat: i64, user: i64) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT coalesce(joined_at, first_seen) FROM members WHERE chat = ?1 AND user = ?2",
        )?
        .query_row([chat, user], |r| r.get(0))
        .optional()?)
}

/// When a person's last treatment by Beadle was.
pub(super) fn last_treated(
    conn: &Connection,
    chat: i64,
    user: i64,
) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT max(created_at) FROM treatments WHERE chat = ?1 AND user = ?2 AND by IS NULL",
        )?
        .query_row([chat, user], |r| r.get(0))?)
}
