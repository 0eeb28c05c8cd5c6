//! All SQL of the inbox.
use rusqlite::{Connection, OptionalExtension, params};

use super::absence::{self, Absence};
use super::{RawUpdate, UNREAD, UNREAD_KIND, Waiting};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};

/// An unseen id this far below the highest is a late one of the same numbering (webhook calls arrive in
/// any order and are repeated for up to a day); further down, Telegram has started a new numbering.
const LATE_WINDOW: i64 = 1_000_000;

/// The numbering a new database begins with.
const FIRST_EPOCH: i64 = 1;

/// State of a row.
pub mod state {
    /// Not handled yet.
    pub const WAITING: i64 = 0;
    /// Handled.
    pub const HANDLED: i64 = 1;
    /// Given up; `beadle inbox` shows and replays it.
    pub const DEAD: i64 = 2;
}

/// Inserts what is new of `batch`; gives the row of each new one, None for a duplicate.
pub fn insert(
    tx: &Tx<'_>,
    batch: &[RawUpdate],
    now: Millis,
) -> Result<Vec<Option<i64>>, StoreError> {
    let (mut epoch, mut last): (i64, Option<i64>) = tx
        .prepare_cached("SELECT epoch, last_id FROM intake")?
        .query_row([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let mut seqs = Vec::with_capacity(batch.len());
    for update in batch {
        let higher = last.is_none_or(|last| update.id > last);
        // A higher id of the first numbering cannot have been seen: the common case asks nothing.
        if !higher || epoch > FIRST_EPOCH {
            match seen(tx, epoch, update)? {
                Seen::Same => {
                    seqs.push(None);
                    continue;
                }
                // The id is in use for something else, or is far below: the numbering began anew.
                Seen::Other => (epoch, last) = (epoch + 1, None),
                Seen::Never if last.is_some_and(|l| l.saturating_sub(update.id) > LATE_WINDOW) => {
                    (epoch, last) = (epoch + 1, None);
                }
                Seen::Never => {}
            }
        }
        last = Some(last.map_or(update.id, |l| l.max(update.id)));
        let (lane, kind) = update
            .event
            .as_ref()
            .map_or((UNREAD, UNREAD_KIND), |event| {
                (event.lane().as_key(), event.kind.name())
            });
        tx.prepare_cached(
            "INSERT INTO inbox (epoch, update_id, lane, kind, received_at, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![epoch, update.id, lane, kind, now, update.raw])?;
        seqs.push(Some(tx.last_insert_rowid()));
    }
    tx.prepare_cached("UPDATE intake SET epoch = ?1, last_id = ?2")?
        .execute(params![epoch, last])?;
    Ok(seqs)
}

enum Seen {
    Never,
    Same,
    Other,
}

/// Whether this very update is in this numbering, or the one before, already.
fn seen(tx: &Tx<'_>, epoch: i64, update: &RawUpdate) -> Result<Seen, StoreError> {
    let mut find =
        tx.prepare_cached("SELECT raw = ?3 FROM inbox WHERE epoch = ?1 AND update_id = ?2")?;
    let mut same = |epoch: i64| -> rusqlite::Result<Option<bool>> {
        find.query_row(params![epoch, update.id, update.raw], |r| r.get(0))
            .optional()
    };
    let here = same(epoch)?;
    if here == Some(true) || same(epoch - 1)? == Some(true) {
        return Ok(Seen::Same);
    }
    Ok(if here.is_some() {
        Seen::Other
    } else {
        Seen::Never
    })
}

/// Whether all these rows still wait. To be asked in the transaction that handles them: a trial that was
/// given up for taking too long may have come to its end meanwhile, and nothing is handled twice.
pub fn all_waiting(tx: &Tx<'_>, seqs: &[i64]) -> Result<bool, StoreError> {
    let mut find = tx.prepare_cached("SELECT 1 FROM inbox WHERE seq = ?1 AND state = 0")?;
    for seq in seqs {
        if !find.exists([seq])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Marks a row handled, in the transaction of what it caused.
pub fn mark_handled(tx: &Tx<'_>, seq: i64, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE inbox SET state = 1, handled_at = ?2 WHERE seq = ?1 AND state = 0")?
        .execute(params![seq, now])?;
    Ok(())
}

/// What a failure did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It waits for another trial.
    Counted,
    /// It is a dead letter now.
    Parked,
    /// It was handled or parked before; nothing was changed.
    NotWaiting,
}

/// Notes a failed trial and counts it `times` (0 when it was counted before); the update is parked as a
/// dead letter once `limit` is reached.
pub fn mark_failed(
    tx: &Tx<'_>,
    seq: i64,
    error: &str,
    times: i64,
    limit: i64,
    now: Millis,
) -> Result<Failure, StoreError> {
    let error: String = error.chars().take(500).collect();
    let state: Option<i64> = tx
        .prepare_cached(
            "UPDATE inbox SET attempts = attempts + ?5, error = ?2,
                    state = CASE WHEN attempts + ?5 >= ?3 THEN 2 ELSE 0 END,
                    handled_at = CASE WHEN attempts + ?5 >= ?3 THEN ?4 END
             WHERE seq = ?1 AND state = 0 RETURNING state",
        )?
        .query_row(params![seq, error, limit, now, times], |r| r.get(0))
        .optional()?;
    Ok(match state {
        None => Failure::NotWaiting,
        Some(state::DEAD) => Failure::Parked,
        Some(_) => Failure::Counted,
    })
}

/// What the last run left to be handled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Lanes with waiting updates, the longest waiting first.
    pub lanes: Vec<i64>,
    /// The first row that waits.
    pub first: Option<i64>,
    /// The last row that waits.
    pub last: Option<i64>,
    /// The last one whose lane is not known.
    pub unread: Option<i64>,
    /// The last one that was begun before and not ended.
    pub suspect: Option<i64>,
}

/// See [`Left`].
pub fn left(conn: &Connection) -> Result<Left, StoreError> {
    let mut find =
        conn.prepare("SELECT lane FROM inbox WHERE state = 0 GROUP BY lane ORDER BY min(seq)")?;
    let lanes = find
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let rows = "SELECT min(seq), max(seq), max(seq) FILTER (WHERE attempts > 0) FROM inbox
                WHERE state = 0";
    let (first, last, suspect) =
        conn.query_row(rows, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(Left {
        lanes,
        first,
        last,
        unread: last_unread(conn)?,
        suspect,
    })
}

/// The last waiting row whose lane is not known.
pub fn last_unread(conn: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT max(seq) FROM inbox WHERE state = 0 AND lane = ?1")?
        .query_row([UNREAD], |r| r.get(0))?)
}

/// The next waiting updates of all lanes after `after`, at most `limit`, as they lie there.
pub fn load_all(conn: &Connection, after: i64, limit: usize) -> Result<Vec<Waiting>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT seq, attempts, raw FROM inbox WHERE state = 0 AND seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = find.query_map(params![after, limit], |r| {
        Ok(Waiting::raw(r.get(0)?, r.get(1)?, r.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The next waiting updates of a lane after `after`, at most `limit`, as they lie there.
pub fn load(
    conn: &Connection,
    lane: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT seq, attempts, raw FROM inbox
         WHERE state = 0 AND lane = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = find.query_map(params![lane, after, limit], |r| {
        Ok(Waiting::raw(r.get(0)?, r.get(1)?, r.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many wait, how many are parked, and when the longest waiting one came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Not handled yet.
    pub waiting: i64,
    /// Dead letters.
    pub dead: i64,
    /// Arrival of the oldest waiting one, in milliseconds.
    pub oldest: Option<Millis>,
}

/// See [`Counts`].
pub fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    Ok(conn.query_row(
        "SELECT (SELECT count(*) FROM inbox WHERE state = 0),
                (SELECT count(*) FROM inbox WHERE state = 2),
                (SELECT min(received_at) FROM inbox WHERE state = 0)",
        [],
        |r| {
            Ok(Counts {
                waiting: r.get(0)?,
                dead: r.get(1)?,
                oldest: r.get(2)?,
            })
        },
    )?)
}

/// How many became dead letters since `at`.
pub fn dead_since(conn: &Connection, at: Millis) -> Result<i64, StoreError> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM inbox WHERE state = 2 AND handled_at >= ?1")?
        .query_row([at], |r| r.get(0))?)
}

/// How many updates of each kind are kept, by Telegram's name of it.
pub fn kinds(conn: &Connection) -> Result<Vec<(String, i64)>, StoreError> {
    let mut kinds = conn.prepare("SELECT kind, count(*) FROM inbox GROUP BY kind ORDER BY kind")?;
    let rows = kinds.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the newest update came.
pub fn newest(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .query_row(
            "SELECT received_at FROM inbox ORDER BY seq DESC LIMIT 1",
            [],
            |r| r.get(0),
        )
        .optional()?)
}

/// The last absence from Telegram, while it is worth mentioning.
pub fn recent_absence(conn: &Connection, now: Millis) -> Result<Option<Absence>, StoreError> {
    let absence = Absence {
        from: meta::number(conn, absence::FROM)?,
        until: meta::number(conn, absence::UNTIL)?,
    };
    let worth = absence.until > 0 && now - absence.until < absence::TOLD;
    Ok(worth.then_some(absence))
}

/// A row as `beadle inbox` shows it. Never the words in it, except when asked for by number.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Row {
    /// Row number.
    pub seq: i64,
    /// Telegram's id.
    pub update_id: i64,
    /// Lane key.
    pub lane: i64,
    /// Kind of update.
    pub kind: String,
    /// When it came, in milliseconds.
    pub received_at: Millis,
    /// Failed attempts.
    pub attempts: i64,
    /// `waiting`, `handled` or `dead`.
    pub state: &'static str,
    /// What went wrong last.
    pub error: Option<String>,
}

/// Rows that are not handled, dead letters first, newest first.
pub fn open_rows(conn: &Connection, limit: usize) -> Result<Vec<Row>, StoreError> {
    let mut find = conn.prepare(
        "SELECT seq, update_id, lane, kind, received_at, attempts, state, error FROM inbox
         WHERE state IN (0, 2) ORDER BY state DESC, seq DESC LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = find.query_map([limit], |r| {
        Ok(Row {
            seq: r.get(0)?,
            update_id: r.get(1)?,
            lane: r.get(2)?,
            kind: r.get(3)?,
            received_at: r.get(4)?,
            attempts: r.get(5)?,
            state: if r.get::<_, i64>(6)? == state::DEAD {
                "dead"
            } else {
                "waiting"
            },
            error: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The JSON of one row.
pub fn raw(conn: &Connection, seq: i64) -> Result<Option<String>, StoreError> {
    Ok(conn
        .query_row("SELECT raw FROM inbox WHERE seq = ?1", [seq], |r| r.get(0))
        .optional()?)
}

/// Puts a dead letter back; gives the key of its lane, None when there is no such dead letter.
pub fn replay(tx: &Tx<'_>, seq: i64) -> Result<Option<i64>, StoreError> {
    Ok(tx
        .query_row(
            "UPDATE inbox SET state = 0, attempts = 0, handled_at = NULL
             WHERE seq = ?1 AND state = 2 RETURNING lane",
            [seq],
            |r| r.get(0),
        )
        .optional()?)
}

/// Deletes up to `limit` rows that were handled before `handled_before`, from the oldest on, and dead
/// letters from before `dead_before`. Gives how many went.
pub fn purge(
    tx: &Tx<'_>,
    handled_before: Millis,
    dead_before: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    let mut gone = tx.execute(
        "DELETE FROM inbox WHERE state = 1 AND handled_at < ?1 AND seq IN
             (SELECT seq FROM inbox WHERE state = 1 ORDER BY seq LIMIT ?2)",
        params![handled_before, limit],
    )?;
    gone += tx.execute(
        "DELETE FROM inbox WHERE seq IN
             (SELECT seq FROM inbox WHERE state = 2 AND handled_at < ?1 LIMIT ?2)",
        [dead_before, limit],
    )?;
    Ok(gone)
}

/// Empties, in a portion of rows after `after`, updates from up to `until` in which `mark` stands, a GLOB of
/// somebody's id; the rows stay, so that none is handled twice, and dead letters count as handled. What waits
/// is left. Gives how many were emptied, and where the next portion begins.
pub fn forget(
    tx: &Tx<'_>,
    mark: &str,
    until: Millis,
    after: i64,
    rows: i64,
) -> Result<(usize, Option<i64>), StoreError> {
    let last: Option<i64> = tx
        .prepare_cached(
            "SELECT max(seq) FROM (SELECT seq FROM inbox WHERE seq > ?1 ORDER BY seq LIMIT ?2)",
        )?
        .query_row(params![after, rows], |r| r.get(0))?;
    let Some(last) = last else {
        return Ok((0, None));
    };
    let gone = tx
        .prepare_cached(
            "UPDATE inbox SET raw = '{}', state = 1, error = NULL
             WHERE seq > ?1 AND seq <= ?2 AND state IN (1, 2) AND received_at <= ?3 AND raw GLOB ?4",
        )?
        .execute(params![after, last, until, mark])?;
    Ok((gone, Some(last)))
}

/// Whether an update from up to `until` still waits to be handled.
pub fn waits_since(conn: &Connection, until: Millis) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 0 AND received_at <= ?1)",
        )?
        .query_row([until], |r| r.get(0))?)
}
