//! Taking jobs: what is due becomes ready, and the first of what is ready is begun.
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use super::Fence;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Rows that become ready in one go.
const PROMOTED: i64 = 500;

/// How many jobs of a kind may be begun now, and how long their lease is.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// The kind.
    pub kind: &'static str,
    /// At most so many.
    pub room: usize,
    /// In milliseconds.
    pub lease: Millis,
}

/// A job that was begun.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which run of which job.
    pub fence: Fence,
    /// The kind.
    pub kind: String,
    /// The trial, from 1.
    pub attempt: u32,
    /// Trials before it is given up.
    pub max_attempts: u32,
    /// As a number, 0 to 3.
    pub priority: i64,
    /// What was asked for; None when it cannot be read any more.
    pub payload: Option<Value>,
    /// How far it came before.
    pub cursor: Option<Value>,
    /// On whose behalf.
    pub tenant: Option<i64>,
}

/// Makes ready what is due, at most some hundreds; true when there may be more.
pub fn promote(tx: &Tx<'_>, now: Millis) -> Result<bool, StoreError> {
    let moved = tx
        .prepare_cached(
            "UPDATE jobs SET state = 1 WHERE id IN
                 (SELECT id FROM jobs WHERE state = 0 AND run_at <= ?1 ORDER BY run_at LIMIT ?2)",
        )?
        .execute(params![now, PROMOTED])?;
    Ok(i64::try_from(moved).unwrap_or(PROMOTED) >= PROMOTED)
}

/// When the next job is due that is not ready.
pub fn next_due(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT min(run_at) FROM jobs WHERE state = 0")?
        .query_row([], |r| r.get(0))?)
}

/// Begins the first ready jobs: of each kind as many as it has room for, of all together `total`.
pub fn claim(
    tx: &Tx<'_>,
    wants: &[Want],
    total: usize,
    now: Millis,
) -> Result<Vec<Claimed>, StoreError> {
    let mut found: Vec<(Millis, i64, Millis)> = Vec::new();
    let mut find = tx.prepare_cached(
        "SELECT rank, id FROM jobs WHERE state = 1 AND crashes = 0 AND kind = ?1
         ORDER BY rank, id LIMIT ?2",
    )?;
    for want in wants {
        let room = i64::try_from(want.room.min(total)).unwrap_or(i64::MAX);
        let rows = find.query_map(params![want.kind, room], |r| {
            Ok((r.get(0)?, r.get(1)?, want.lease))
        })?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_unstable();
    found.truncate(total);
    found
        .into_iter()
        .map(|(_, id, lease)| begin(tx, id, now, lease))
        .collect()
}

/// Begins the longest waiting job during which the process ended before; None when there is none of
/// these kinds.
pub fn claim_suspect(
    tx: &Tx<'_>,
    wants: &[Want],
    now: Millis,
) -> Result<Option<Claimed>, StoreError> {
    for (id, kind) in suspects(tx)? {
        if let Some(want) = wants.iter().find(|w| w.kind == kind) {
            return begin(tx, id, now, want.lease).map(Some);
        }
    }
    Ok(None)
}

/// Jobs that wait and during which the process ended before: number and kind.
pub fn suspects(conn: &Connection) -> Result<Vec<(i64, String)>, StoreError> {
    let mut find = conn
        .prepare_cached("SELECT id, kind FROM jobs WHERE state = 1 AND crashes > 0 ORDER BY id")?;
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn begin(tx: &Tx<'_>, id: i64, now: Millis, lease: Millis) -> Result<Claimed, StoreError> {
    Ok(tx
        .prepare_cached(
            "UPDATE jobs SET state = 2, claims = claims + 1, attempts = attempts + 1,
                    started_at = ?2, lease_until = ?3, cancel_asked = 0
             WHERE id = ?1
             RETURNING id, claims, kind, attempts, max_attempts, priority, payload, cursor, tenant",
        )?
        .query_row(params![id, now, now.saturating_add(lease)], read)?)
}

fn read(r: &Row<'_>) -> rusqlite::Result<Claimed> {
    let payload: String = r.get(6)?;
    let cursor: Option<String> = r.get(7)?;
    Ok(Claimed {
        fence: Fence {
            id: r.get(0)?,
            claim: r.get(1)?,
        },
        kind: r.get(2)?,
        attempt: r.get(3)?,
        max_attempts: r.get(4)?,
        priority: r.get(5)?,
        payload: serde_json::from_str(&payload).ok(),
        cursor: cursor.and_then(|c| serde_json::from_str(&c).ok()),
        tenant: r.get(8)?,
    })
}

/// Takes up what was under way when the last process ended. With `limit`, that end was not a clean one and
/// is counted; what has seen so many is a dead letter. The trial is given back: not every end is the job's
/// fault. Gives how many wait again and how many are dead.
pub fn recover(tx: &Tx<'_>, limit: Option<i64>, now: Millis) -> Result<(usize, usize), StoreError> {
    // A job that was to be cancelled needs no further run.
    tx.execute(
        "UPDATE jobs SET state = 5, settled_at = ?1, lease_until = NULL
         WHERE state = 2 AND cancel_asked = 1",
        [now],
    )?;
    let dead = tx.execute(
        "UPDATE jobs SET state = 4, settled_at = ?2, lease_until = NULL, crashes = crashes + 1,
                error = 'the process ended while it ran, ' || (crashes + 1) || ' times'
         WHERE state = 2 AND crashes + 1 >= ?1",
        params![limit, now],
    )?;
    let running: Vec<i64> = tx
        .prepare("SELECT id FROM jobs WHERE state = 2 ORDER BY id")?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let mut again = 0;
    for id in running {
        again += usize::from(requeue(tx, id, i64::from(limit.is_some()), now)?);
    }
    Ok((again, dead))
}

/// Puts a running job back in its rank, the trial not counted but so many `crashes`. False when another of its kind
/// and key waits already: that one will do, and this one is cancelled.
pub(super) fn requeue(tx: &Tx<'_>, id: i64, crashes: i64, now: Millis) -> Result<bool, StoreError> {
    if superseded(tx, id, now)? {
        return Ok(false);
    }
    tx.prepare_cached(
        "UPDATE jobs SET state = 1, attempts = max(attempts - 1, 0), lease_until = NULL,
                crashes = crashes + ?2
         WHERE id = ?1",
    )?
    .execute([id, crashes])?;
    Ok(true)
}

/// Cancels the job when another of its kind and key waits.
pub(super) fn superseded(tx: &Tx<'_>, id: i64, now: Millis) -> Result<bool, StoreError> {
    let other: Option<i64> = tx
        .prepare_cached(
            "SELECT o.id FROM jobs j JOIN jobs o ON o.kind = j.kind AND o.key = j.key
             WHERE j.id = ?1 AND j.key IS NOT NULL AND o.state IN (0, 1) AND o.key IS NOT NULL AND o.id <> j.id",
        )?
        .query_row([id], |r| r.get(0))
        .optional()?;
    let Some(other) = other else {
        return Ok(false);
    };
    tx.prepare_cached(
        "UPDATE jobs SET state = 5, settled_at = ?2, lease_until = NULL, note = 'job ' || ?3 || ' does the same'
         WHERE id = ?1",
    )?
    .execute(params![id, now, other])?;
    Ok(true)
}

/// Brings trials that a clock which was wrong has put off for longer than `longest` back to now.
pub fn unstick(tx: &Tx<'_>, longest: Millis, now: Millis) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE jobs SET run_at = ?1, rank = min(rank, ?1)
         WHERE state = 0 AND run_at > ?2 AND attempts > 0",
        params![now, now.saturating_add(longest)],
    )?)
}
