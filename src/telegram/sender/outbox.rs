//! All SQL of the outbox: calls to Telegram, written in the transaction of the change that causes them.
pub(super) mod feed;
mod instead;

pub use instead::{last, may_whisper};

use rusqlite::{Connection, OptionalExtension, params};

use super::effects::Effect;
use crate::base::clock::Millis;
use crate::store::{Signal, StoreError, Tx};

/// Key of a row; grows with time.
pub type OutboxId = i64;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum State {
    /// Waits for its turn, or to be tried again.
    Queued = 0,
    /// An unrepeatable call is on its way.
    Sending = 1,
    /// Carried out, or already so.
    Done = 2,
    /// Telegram refuses it, or it was given up; `error` says why.
    Failed = 3,
    /// An unrepeatable call whose answer was lost: a person decides.
    Unknown = 4,
    /// Its deadline passed before it could be sent.
    Expired = 5,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Sending,
        Self::Done,
        Self::Failed,
        Self::Unknown,
        Self::Expired,
    ];

    fn from_sql(n: i64) -> Self {
        usize::try_from(n)
            .ok()
            .and_then(|n| Self::ALL.get(n).copied())
            // The schema's CHECK allows no other number.
            .unwrap_or(Self::Failed)
    }
}

/// A row as a person or a command reads it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct OutboxRow {
    /// Key.
    pub id: OutboxId,
    /// When it was written.
    pub created_at: Millis,
    /// 0 to 4, see [`super::SendLane`].
    pub lane: u8,
    /// Telegram's name of the call.
    pub method: String,
    /// Chat, if the call has one.
    pub chat: Option<i64>,
    /// Parameters, JSON.
    pub params: String,
    /// Where it stands.
    pub state: State,
    /// Calls made so far.
    pub attempts: u32,
    /// Not tried again before.
    pub not_before: Millis,
    /// Worthless after.
    pub deadline: Option<Millis>,
    /// When it got its last state.
    pub settled_at: Option<Millis>,
    /// The inbox row that caused it.
    pub update_seq: Option<i64>,
    /// Telegram's result, JSON; for messages only `message_id` and the chat's id.
    pub result: Option<String>,
    /// Why it failed or waits.
    pub error: Option<String>,
}

impl OutboxRow {
    const COLUMNS: &'static str = "id, created_at, lane, method, chat, params, state, attempts, \
         not_before, deadline, settled_at, update_seq, result, error";

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            created_at: row.get(1)?,
            lane: row.get(2)?,
            method: row.get(3)?,
            chat: row.get(4)?,
            params: row.get(5)?,
            state: State::from_sql(row.get(6)?),
            attempts: row.get(7)?,
            not_before: row.get(8)?,
            deadline: row.get(9)?,
            settled_at: row.get(10)?,
            update_seq: row.get(11)?,
            result: row.get(12)?,
            error: row.get(13)?,
        })
    }

    /// `message_id` of what was sent, once it was; a message for one person has none.
    pub fn message_id(&self) -> Option<i64> {
        let result: serde_json::Value = serde_json::from_str(self.result.as_deref()?).ok()?;
        result["message_id"].as_i64().filter(|id| *id != 0)
    }
}

/// `tx.send(effect)`: state and effects in one transaction.
pub trait Send {
    /// Writes `effect`, to be sent once this transaction is on disk. A text too long for one message
    /// becomes several rows; the id returned is the last one's, which carries the buttons.
    /// `update_seq` is the inbox row that caused it.
    fn send(
        &mut self,
        effect: &Effect,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<OutboxId, StoreError>;
}

impl Send for Tx<'_> {
    fn send(
        &mut self,
        effect: &Effect,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<OutboxId, StoreError> {
        let mut last = None;
        for part in effect.parts() {
            self.prepare_cached(
                "INSERT INTO outbox (created_at, lane, method, chat, params, deadline, update_seq, instead)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                now,
                part.lane as u8,
                part.method.name(),
                part.chat,
                part.params.to_string(),
                part.deadline,
                update_seq,
                instead::column(&part),
            ])?;
            last = Some(self.last_insert_rowid());
        }
        self.wake(Signal::Outbox);
        last.ok_or_else(|| StoreError::Invalid("a message without text cannot be sent".to_owned()))
    }
}

/// Which rows to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this chat.
    pub chat: Option<i64>,
    /// Only rows before this id: the last of the page before.
    pub before: Option<OutboxId>,
}

/// Rows that match, newest first, at most `limit`.
pub fn list(conn: &Connection, filter: Filter, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {} FROM outbox
         WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR chat = ?2) AND (?3 IS NULL OR id < ?3)
         ORDER BY id DESC LIMIT ?4",
        OutboxRow::COLUMNS
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            filter.state.map(|s| s as u8),
            filter.chat,
            filter.before,
            limit
        ],
        OutboxRow::read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Calls whose answer was lost, oldest first, at most `limit`.
pub fn unknown(conn: &Connection, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
    let sql = format!(
        "SELECT {} FROM outbox INDEXED BY outbox_unknown WHERE state = 4 ORDER BY id LIMIT ?1",
        OutboxRow::COLUMNS
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([limit], OutboxRow::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One row.
pub fn get(conn: &Connection, id: OutboxId) -> Result<Option<OutboxRow>, StoreError> {
    let sql = format!("SELECT {} FROM outbox WHERE id = ?1", OutboxRow::COLUMNS);
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([id], OutboxRow::read)
        .optional()?)
}

/// Rows in each state, in the order of [`State::ALL`].
pub fn counts(conn: &Connection) -> Result<[i64; 6], StoreError> {
    let mut counts = [0; 6];
    let mut statement = conn.prepare_cached("SELECT state, count(*) FROM outbox GROUP BY state")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let state = State::from_sql(row.get(0)?);
        counts[state as usize] += row.get::<_, i64>(1)?;
    }
    Ok(counts)
}

/// Puts a failed, unknown or expired call into the queue again, as a new row without a deadline; the old one is
/// settled as failed and names its successor. None when `id` is no such row.
pub fn retry(tx: &mut Tx<'_>, id: OutboxId, now: Millis) -> Result<Option<OutboxId>, StoreError> {
    // A new row and not the old one revived, for the sender reads the table forwards.
    let copied = tx.execute(
        "INSERT INTO outbox (created_at, lane, method, chat, params, update_seq)
         SELECT ?2, lane, method, chat, params, update_seq FROM outbox
         WHERE id = ?1 AND state IN (3, 4, 5)",
        params![id, now],
    )?;
    if copied == 0 {
        return Ok(None);
    }
    let new = tx.last_insert_rowid();
    tx.execute(
        "UPDATE outbox SET state = 3, settled_at = ?2, error = 'sent again as ' || ?3 WHERE id = ?1",
        params![id, now, new],
    )?;
    tx.wake(Signal::Outbox);
    Ok(Some(new))
}

/// Settles an unknown row as failed, or takes a queued one out of the queue. False when `id` is
/// neither.
pub fn drop(tx: &mut Tx<'_>, id: OutboxId, now: Millis) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE outbox SET state = 3, settled_at = ?2, error = 'dropped by the operator', instead = NULL
         WHERE id = ?1 AND state IN (0, 4)",
        params![id, now],
    )?;
    Ok(changed == 1)
}

/// Whether an edit of the message `message` in `chat` waits to be sent.
pub fn edit_waits(conn: &Connection, chat: i64, message: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_open
                 WHERE state IN (0, 1) AND state = 0 AND chat = ?1 AND method = 'editMessageText'
                   AND json_extract(params, '$.message_id') = ?2)",
        )?
        .query_row([chat, message], |r| r.get(0))?)
}

/// Takes a call that waits out of the queue, with its words; false when it has left already, or is on its way.
pub fn cancel(tx: &Tx<'_>, id: OutboxId, now: Millis) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE outbox SET state = 3, settled_at = ?2, params = '{}', error = 'no longer to be said'
         WHERE id = ?1 AND state = 0",
        params![id, now],
    )?;
    Ok(changed == 1)
}

/// Deletes at most `limit` rows settled before `before`; unknown ones stay. Returns how many.
pub fn purge(tx: &mut Tx<'_>, before: Millis, limit: u32) -> Result<usize, StoreError> {
    // The newest row stays, so that its id is never given again: the sender reads the table forwards. Its words go.
    let emptied = tx.execute(
        "UPDATE outbox SET params = '{}', result = NULL, instead = NULL WHERE id = (SELECT max(id) FROM outbox)
             AND state IN (2, 3, 5) AND settled_at < ?1 AND params <> '{}'",
        [before],
    )?;
    Ok(emptied
        + tx.execute(
            "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox INDEXED BY outbox_settled
             WHERE state IN (2, 3, 5) AND settled_at < ?1 AND id < (SELECT max(id) FROM outbox)
             LIMIT ?2)",
            params![before, limit],
        )?)
}

/// Gives up calls from before `before` of which nobody said what became of them: at most `limit`, which are then
/// settled and go as others do. Returns how many.
pub fn give_up(tx: &Tx<'_>, before: Millis, now: Millis, limit: u32) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE outbox SET state = 3, settled_at = ?2, error = 'nobody said what became of it', instead = NULL
         WHERE id IN (SELECT id FROM outbox INDEXED BY outbox_unknown
                      WHERE state = 4 AND created_at < ?1 LIMIT ?3)",
        params![before, now, limit],
    )?)
}

/// Empties, in a portion of rows after `after`, calls from up to `until` in which `mark` stands, a GLOB of
/// somebody's id, or that answer an update in which it stands. The rows stay; one whose answer was lost
/// counts as failed. What is still to be sent is left. Gives how many were emptied, and where the next
/// portion begins.
pub fn forget(
    tx: &Tx<'_>,
    mark: &str,
    until: Millis,
    after: OutboxId,
    rows: i64,
) -> Result<(usize, Option<OutboxId>), StoreError> {
    let last: Option<OutboxId> = tx
        .prepare_cached(
            "SELECT max(id) FROM (SELECT id FROM outbox WHERE id > ?1 ORDER BY id LIMIT ?2)",
        )?
        .query_row(params![after, rows], |r| r.get(0))?;
    let Some(last) = last else {
        return Ok((0, None));
    };
    let gone = tx
        .prepare_cached(
            "UPDATE outbox SET params = '{}', result = NULL, error = 'erased', instead = NULL,
                 settled_at = coalesce(settled_at, ?3), state = CASE state WHEN 4 THEN 3 ELSE state END
             WHERE id > ?1 AND id <= ?2 AND state IN (2, 3, 4, 5) AND created_at <= ?3
               AND (params GLOB ?4 OR result GLOB ?4 OR instead GLOB ?4
                    OR EXISTS (SELECT 1 FROM inbox i WHERE i.seq = update_seq AND i.raw GLOB ?4))",
        )?
        .execute(params![after, last, until, mark])?;
    Ok((gone, Some(last)))
}
