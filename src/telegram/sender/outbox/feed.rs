//! The sender's own SQL: reading what waits, marking what is on its way, writing what became of it.
use rusqlite::{Connection, Row, params};

use super::{OutboxId, State, instead};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::methods::{Class, Method};
use crate::telegram::sender::place::{Key, LANES, Waiting, Whose};
use crate::telegram::sender::schedule::{Refill, readdress};

/// Rows read at once from one lane.
pub(in crate::telegram::sender) const PAGE: usize = 2_000;
/// Rows read at once for one queue.
const REFILL: usize = super::super::place::PER_QUEUE;

/// Why a message for one person counts as refused although it was sent.
const OVERHEARD: &str =
    "this server of the Bot API knows no messages for one person: all saw it, and it is deleted";

/// What to read.
#[derive(Debug)]
pub(in crate::telegram::sender) struct Request {
    /// Queues that have room again.
    pub refills: Vec<Refill>,
    /// The last row seen, for each lane.
    pub cursors: [OutboxId; LANES],
    /// Rows wanted, for each lane.
    pub room: [usize; LANES],
}

/// What was read, all from one state of the table.
#[derive(Debug)]
pub(in crate::telegram::sender) struct Page {
    /// For each refill asked: its rows, and whether the table may hold more.
    pub refills: Vec<(Refill, Vec<Waiting>, bool)>,
    /// New rows by lane.
    pub lanes: [Vec<Waiting>; LANES],
    /// The last row seen, for each lane.
    pub cursors: [OutboxId; LANES],
    /// Whether a lane has more than was asked for.
    pub more: [bool; LANES],
    /// Rows whose method this version does not know.
    pub foreign: Vec<OutboxId>,
}

const COLUMNS: &str = "id, created_at, lane, method, chat, params, attempts, not_before, deadline";

fn waiting(row: &Row<'_>) -> rusqlite::Result<Result<Waiting, OutboxId>> {
    let id = row.get(0)?;
    let Some(method) = Method::from_name(row.get_ref(3)?.as_str()?) else {
        return Ok(Err(id));
    };
    Ok(Ok(Waiting {
        id,
        created_at: row.get(1)?,
        lane: row.get(2)?,
        method,
        chat: row.get(4)?,
        params: row.get(5)?,
        attempts: row.get(6)?,
        not_before: row.get(7)?,
        deadline: row.get(8)?,
        alone: false,
        repairs: 0,
    }))
}

/// Reads the next rows of each lane, and refills.
pub(in crate::telegram::sender) fn read(
    conn: &Connection,
    request: Request,
) -> Result<Page, StoreError> {
    // One read transaction, so that refills and new rows fit together.
    let conn = conn.unchecked_transaction()?;
    let mut page = Page {
        refills: Vec::with_capacity(request.refills.len()),
        lanes: Default::default(),
        cursors: request.cursors,
        more: [false; LANES],
        foreign: Vec::new(),
    };
    for refill in request.refills {
        let (rows, full) = read_refill(&conn, refill, &mut page.foreign)?;
        page.refills.push((refill, rows, full));
    }
    let last: OutboxId = conn
        .prepare_cached("SELECT coalesce(max(id), 0) FROM outbox")?
        .query_row([], |row| row.get(0))?;
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox INDEXED BY outbox_open
         WHERE state IN (0, 1) AND state = 0 AND lane = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    for lane in 0..LANES {
        let room = request.room[lane].min(PAGE);
        if room == 0 || page.cursors[lane] >= last {
            page.more[lane] = page.cursors[lane] < last;
            continue;
        }
        let mut count = 0;
        let mut rows = statement.query(params![lane as i64, page.cursors[lane], room as i64])?;
        while let Some(row) = rows.next()? {
            count += 1;
            match waiting(row)? {
                Ok(row) => {
                    page.cursors[lane] = row.id;
                    page.lanes[lane].push(row);
                }
                Err(id) => {
                    page.cursors[lane] = id;
                    page.foreign.push(id);
                }
            }
        }
        page.more[lane] = count == room;
        if count < room {
            page.cursors[lane] = last;
        }
    }
    Ok(page)
}

fn read_refill(
    conn: &Connection,
    refill: Refill,
    foreign: &mut Vec<OutboxId>,
) -> Result<(Vec<Waiting>, bool), StoreError> {
    let Key {
        budget,
        whose: Whose::Chat(chat),
    } = refill.key
    else {
        return Ok((Vec::new(), false));
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox INDEXED BY outbox_open
         WHERE state IN (0, 1) AND state = 0 AND lane = ?1 AND chat = ?2 AND id >= ?3 ORDER BY id"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![refill.lane, chat, refill.from])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        match waiting(row)? {
            Ok(row) if row.method.budget() == budget => {
                out.push(row);
                if out.len() == REFILL {
                    return Ok((out, true));
                }
            }
            Ok(_) => {}
            Err(id) => foreign.push(id),
        }
    }
    Ok((out, false))
}

/// At start: calls that were on their way become unknown, or queued again where repeating is safe.
/// Returns how many became unknown.
pub(in crate::telegram::sender) fn recover(
    tx: &mut Tx<'_>,
    now: Millis,
) -> Result<usize, StoreError> {
    let mut unknown = 0;
    let sending: Vec<(OutboxId, String, String)> = tx
        .prepare("SELECT id, method, params FROM outbox INDEXED BY outbox_open WHERE state IN (0, 1) AND state = 1")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, method, params) in sending {
        let params = serde_json::from_str(&params)?;
        let safe = Method::from_name(&method)
            .is_some_and(|m| m.class_with(&params) != Class::Unrepeatable);
        if safe {
            tx.execute("UPDATE outbox SET state = 0 WHERE id = ?1", [id])?;
        } else {
            unknown += tx.execute(
                "UPDATE outbox SET state = 4, settled_at = ?2, instead = NULL,
                 error = 'Beadle stopped while this call was on its way' WHERE id = ?1",
                params![id, now],
            )?;
        }
    }
    Ok(unknown)
}

/// Marks rows as on their way; returns those that were queued and may be sent now.
pub(in crate::telegram::sender) fn mark_sending(
    tx: &mut Tx<'_>,
    ids: &[OutboxId],
) -> Result<Vec<OutboxId>, StoreError> {
    let mut statement =
        tx.prepare_cached("UPDATE outbox SET state = 1 WHERE id = ?1 AND state = 0")?;
    let mut marked = Vec::with_capacity(ids.len());
    for &id in ids {
        if statement.execute([id])? == 1 {
            marked.push(id);
        }
    }
    Ok(marked)
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::telegram::sender) enum Outcome {
    /// Final.
    Settled {
        /// Done, failed, unknown or expired.
        state: State,
        /// Telegram's result, shortened.
        result: Option<String>,
        /// Why.
        error: Option<String>,
    },
    /// Sent, but for all to see: the server knows no messages for one person.
    Overheard {
        /// Where.
        chat: i64,
        /// Which message it became.
        message: i64,
    },
    /// Waits again; the row in memory holds the new parameters and times.
    Again {
        /// Why.
        error: String,
    },
    /// Waits again for the supergroup, with all that waits for its chat.
    Moved {
        /// The supergroup.
        to: i64,
    },
}

/// A row and what became of it.
#[derive(Debug, Clone)]
pub(in crate::telegram::sender) struct Settlement {
    pub row: Waiting,
    pub outcome: Outcome,
}

/// Writes many outcomes.
pub(in crate::telegram::sender) fn settle(
    tx: &mut Tx<'_>,
    settlements: &[Settlement],
    now: Millis,
) -> Result<(), StoreError> {
    for Settlement { row, outcome } in settlements {
        match outcome {
            Outcome::Settled {
                state,
                result,
                error,
            } => {
                tx.prepare_cached(
                    "UPDATE outbox SET state = ?2, attempts = ?3, settled_at = ?4, result = ?5, error = ?6,
                         instead = CASE WHEN ?2 IN (3, 5) THEN instead END
                     WHERE id = ?1 AND state IN (0, 1)",
                )?
                .execute(params![row.id, *state as u8, row.attempts, now, result, error])?;
                if matches!(state, State::Failed | State::Expired) {
                    instead::follow(tx, row.id, now)?;
                }
                if row.method == Method::SendDocument && *state == State::Done {
                    // Telegram has it; here it is not kept twice.
                    tx.execute(
                        "UPDATE outbox SET params = json_remove(params, '$.beadle_attached') WHERE id = ?1",
                        [row.id],
                    )?;
                }
            }
            Outcome::Overheard { chat, message } => {
                tx.prepare_cached(
                    "UPDATE outbox SET state = 3, attempts = ?2, settled_at = ?3, error = ?4
                     WHERE id = ?1 AND state IN (0, 1)",
                )?
                .execute(params![row.id, row.attempts, now, OVERHEARD])?;
                instead::overheard(tx, *chat, *message, now)?;
                instead::follow(tx, row.id, now)?;
            }
            Outcome::Again { error } => again(tx, row, error)?,
            Outcome::Moved { to } => {
                if let Some(from) = row.chat {
                    move_chat(tx, from, *to)?;
                }
                let mut row = row.clone();
                readdress(&mut row, *to);
                again(tx, &row, "the group has become a supergroup")?;
            }
        }
    }
    Ok(())
}

fn again(tx: &mut Tx<'_>, row: &Waiting, error: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 0, attempts = ?2, not_before = ?3, params = ?4, chat = ?5, error = ?6
         WHERE id = ?1 AND state IN (0, 1)",
    )?
    .execute(params![
        row.id,
        row.attempts,
        row.not_before,
        row.params,
        row.chat,
        error
    ])?;
    Ok(())
}

/// Re-addresses all that waits for the group `from` to the supergroup it has become.
fn move_chat(tx: &mut Tx<'_>, from: i64, to: i64) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE outbox INDEXED BY outbox_open
         SET chat = ?2, params = json_replace(
             json_remove(json_set(params, '$.chat_id', ?2), '$.reply_parameters'), '$.message_id', 0)
         WHERE state IN (0, 1) AND state = 0 AND chat = ?1",
        params![from, to],
    )?)
}

/// Settles rows that this version cannot send.
pub(in crate::telegram::sender) fn fail_foreign(
    tx: &mut Tx<'_>,
    ids: &[OutboxId],
    now: Millis,
) -> Result<(), StoreError> {
    for id in ids {
        tx.execute(
            "UPDATE outbox SET state = 3, settled_at = ?2, error = 'this version knows no such method'
             WHERE id = ?1 AND state = 0",
            params![id, now],
        )?;
        instead::follow(tx, *id, now)?;
    }
    Ok(())
}
