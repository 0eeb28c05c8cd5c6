//! All SQL of captchas.
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::task::Task;
use crate::base::clock::Millis;
use crate::community::erasure::Kept;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::OutboxId;

/// What somebody was asked, as kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Captcha {
    pub(super) chat: i64,
    pub(super) user: i64,
    pub(super) task: Task,
    /// Whether they are outside and ask to be let in.
    pub(super) outside: bool,
    pub(super) wrong: i64,
    pub(super) letters: Option<i64>,
    pub(super) prompt: Option<OutboxId>,
    pub(super) until: Millis,
}

const COLUMNS: &str = "chat, user, task, door = 'request', wrong, letters, prompt, until_at";
/// The row of a group's common question.
const SHARED: i64 = 0;

fn read(r: &Row<'_>) -> rusqlite::Result<(String, Captcha)> {
    let captcha = Captcha {
        chat: r.get(0)?,
        user: r.get(1)?,
        task: Task::default(),
        outside: r.get(3)?,
        wrong: r.get(4)?,
        letters: r.get(5)?,
        prompt: r.get(6)?,
        until: r.get(7)?,
    };
    Ok((r.get(2)?, captcha))
}

fn with_task((task, captcha): (String, Captcha)) -> Result<Captcha, StoreError> {
    Ok(Captcha {
        task: serde_json::from_str(&task)?,
        ..captcha
    })
}

/// Somebody is asked; what they were asked before is over.
pub(super) fn put(tx: &Tx<'_>, c: &Captcha, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO captchas (chat, user, state, task, door, wrong, letters, prompt, asked_at, until_at)
         VALUES (?1, ?2, 'open', ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        c.chat,
        c.user,
        serde_json::to_string(&c.task)?,
        if c.outside { "request" } else { "join" },
        c.wrong,
        c.letters,
        c.prompt,
        now,
        c.until
    ])?;
    Ok(())
}

/// The open question of somebody in a group.
pub(super) fn open(conn: &Connection, chat: i64, user: i64) -> Result<Option<Captcha>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM captchas WHERE chat = ?1 AND user = ?2 AND state = 'open'");
    conn.prepare_cached(&sql)?
        .query_row([chat, user], read)
        .optional()?
        .map(with_task)
        .transpose()
}

/// The question of somebody that was asked last and is open, in whatever group.
pub(super) fn latest(conn: &Connection, user: i64) -> Result<Option<Captcha>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM captchas WHERE user = ?1 AND state = 'open' ORDER BY asked_at DESC LIMIT 1"
    );
    conn.prepare_cached(&sql)?
        .query_row([user], read)
        .optional()?
        .map(with_task)
        .transpose()
}

/// Whether somebody has answered rightly in this group before.
pub(super) fn passed(conn: &Connection, chat: i64, user: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM captchas WHERE chat = ?1 AND user = ?2 AND state = 'passed')",
        )?
        .query_row([chat, user], |r| r.get(0))?)
}

/// Somebody need not be asked any more, as if they had answered rightly.
pub(super) fn pass(tx: &Tx<'_>, chat: i64, user: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO captchas (chat, user, state, task, door, asked_at, until_at, decided_at)
         VALUES (?1, ?2, 'passed', '{}', 'join', ?3, ?3, ?3)
         ON CONFLICT (chat, user) DO UPDATE SET state = 'passed', decided_at = excluded.decided_at",
    )?
    .execute([chat, user, now])?;
    Ok(())
}

/// One more wrong answer; gives how many there are.
pub(super) fn wrong(tx: &Tx<'_>, chat: i64, user: i64) -> Result<i64, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE captchas SET wrong = wrong + 1 WHERE chat = ?1 AND user = ?2 AND state = 'open'
             RETURNING wrong",
        )?
        .query_row([chat, user], |r| r.get(0))
        .optional()?
        .unwrap_or(0))
}

/// An open question ends as `state`; false when it was over.
pub(super) fn end(
    tx: &Tx<'_>,
    chat: i64,
    user: i64,
    state: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE captchas SET state = ?3, decided_at = ?4 WHERE chat = ?1 AND user = ?2 AND state = 'open'",
        )?
        .execute(params![chat, user, state, now])?;
    Ok(changed == 1)
}

/// Questions that were put into a group since `since`, each to one person.
pub(super) fn asked_since(conn: &Connection, chat: i64, since: Millis) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM captchas WHERE chat = ?1 AND asked_at > ?2 AND prompt IS NOT NULL",
        )?
        .query_row([chat, since], |r| r.get(0))?)
}

/// When the common question of a group was put last.
pub(super) fn shared_at(conn: &Connection, chat: i64) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT asked_at FROM captchas WHERE chat = ?1 AND user = ?2")?
        .query_row([chat, SHARED], |r| r.get(0))
        .optional()?)
}

/// The common question of a group was put.
pub(super) fn put_shared(
    tx: &Tx<'_>,
    chat: i64,
    prompt: OutboxId,
    now: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO captchas (chat, user, state, task, door, prompt, asked_at, until_at, decided_at)
         VALUES (?1, ?2, 'shared', '{}', 'join', ?3, ?4, ?4, ?4)",
    )?
    .execute(params![chat, SHARED, prompt, now])?;
    Ok(())
}

/// A group has another id now.
pub(super) fn moved(tx: &Tx<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    for table in ["captchas", "raids", "invite_links"] {
        tx.execute(
            &format!("UPDATE OR REPLACE {table} SET chat = ?2 WHERE chat = ?1"),
            [from, to],
        )?;
    }
    Ok(())
}

/// Deletes up to `limit` questions that were over before `before`, and raids of that time. Gives how many rows went.
pub(super) fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let captchas = tx
        .prepare_cached(
            "DELETE FROM captchas WHERE (chat, user) IN
                 (SELECT chat, user FROM captchas WHERE decided_at < ?1 LIMIT ?2)",
        )?
        .execute([before, limit])?;
    let raiders = tx
        .prepare_cached(
            "DELETE FROM raiders WHERE (raid, user) IN
                 (SELECT raid, user FROM raiders JOIN raids ON raids.id = raid WHERE ended_at < ?1 LIMIT ?2)",
        )?
        .execute([before, limit])?;
    let raids = tx
        .prepare_cached(
            "DELETE FROM raids WHERE ended_at < ?1
                 AND NOT EXISTS (SELECT 1 FROM raiders WHERE raid = raids.id)",
        )?
        .execute([before])?;
    Ok(captchas + raiders + raids)
}

/// Forgets somebody: what they were asked, and that they came in a raid. Gives how many rows went.
pub(super) fn forget(tx: &Tx<'_>, user: i64) -> Result<usize, StoreError> {
    let captchas = tx.execute(
        "DELETE FROM captchas WHERE user = ?1 AND state <> 'open'",
        [user],
    )?;
    let raiders = tx.execute(
        // Who is held no more, whatever the row says, is forgotten as well.
        "DELETE FROM raiders WHERE user = ?1 AND (state <> 'held' OR NOT EXISTS (
             SELECT 1 FROM raids r WHERE r.id = raid AND (
                 EXISTS (SELECT 1 FROM restrictions m WHERE m.chat = r.chat AND m.subject = ?1
                             AND m.imposer = 'raid' AND m.state = 0)
                 OR EXISTS (SELECT 1 FROM admissions a WHERE a.chat = r.chat AND a.user = ?1
                             AND a.outcome IS NULL AND a.step = 'raid'
                             AND NOT (a.door = 'join' AND EXISTS (SELECT 1 FROM restrictions m
                                 WHERE m.chat = r.chat AND m.subject = ?1 AND m.imposer = 'raid'
                                     AND m.state IN (1, 5) AND m.ended_at >= raiders.at))))))",
        [user],
    )?;
    Ok(captchas + raiders)
}

/// What a person is shown of it.
pub(super) const KEPT: &[Kept] = &[
    Kept::new(
        "captchas",
        "SELECT -chat, chat, state, door, wrong, asked_at, until_at, decided_at FROM captchas
         WHERE user = ?1 AND -chat > ?2 ORDER BY -chat LIMIT ?3",
    ),
    Kept::new(
        "raiders",
        "SELECT raid, (SELECT chat FROM raids WHERE id = raid) AS chat, at, state FROM raiders
         WHERE user = ?1 AND raid > ?2 ORDER BY raid LIMIT ?3",
    ),
];
