//! The end of a run: done, to be tried again, dead, cancelled; and signs of life before it.
use rusqlite::{OptionalExtension as _, params};

use super::super::Priority;
use super::claim::{requeue, superseded};
use super::{Fence, state};
use crate::base::clock::Millis;
use crate::store::{Signal, StoreError, Tx};

/// Longest error kept, in characters.
const MAX_ERROR: usize = 500;

/// What became of a failed run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It will be tried again.
    Again,
    /// It is a dead letter.
    Dead,
    /// Another job does the same.
    Superseded,
    /// This run does not hold the job any more.
    Lost,
}

/// Whether this run still holds the job.
fn held(tx: &Tx<'_>, fence: Fence) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM jobs WHERE id = ?1 AND claims = ?2 AND state = 2")?
        .exists(params![fence.id, fence.claim])?)
}

/// Marks the job done, or to go on at `again`; false, and nothing changed, when this run does not hold it.
pub fn done(
    tx: &Tx<'_>,
    fence: Fence,
    note: Option<&str>,
    again: Option<Millis>,
    now: Millis,
) -> Result<bool, StoreError> {
    if !held(tx, fence)? {
        return Ok(false);
    }
    if let Some(at) = again {
        if superseded(tx, fence.id, now)? {
            return Ok(true);
        }
        let priority: i64 = tx
            .prepare_cached("SELECT priority FROM jobs WHERE id = ?1")?
            .query_row([fence.id], |r| r.get(0))?;
        let rank = at.saturating_add(Priority::from_number(priority).handicap());
        tx.prepare_cached(
            "UPDATE jobs SET state = 0, attempts = 0, crashes = 0, run_at = ?2, rank = ?4,
                    lease_until = NULL, error = NULL, note = coalesce(?3, note)
             WHERE id = ?1",
        )?
        .execute(params![fence.id, at, note, rank])?;
        return Ok(true);
    }
    tx.prepare_cached(
        "UPDATE jobs SET state = 3, settled_at = ?2, lease_until = NULL, progress = 1, error = NULL,
                note = coalesce(?3, note)
         WHERE id = ?1",
    )?
    .execute(params![fence.id, now, note])?;
    Ok(true)
}

/// Notes a failed run: tried again at `again`, or a dead letter when that is None or its trials are over.
pub fn failed(
    tx: &Tx<'_>,
    fence: Fence,
    error: &str,
    again: Option<Millis>,
    now: Millis,
) -> Result<Failure, StoreError> {
    if !held(tx, fence)? {
        return Ok(Failure::Lost);
    }
    let error: String = error.chars().take(MAX_ERROR).collect();
    let over: bool = tx
        .prepare_cached("SELECT attempts >= max_attempts FROM jobs WHERE id = ?1")?
        .query_row([fence.id], |r| r.get(0))?;
    let Some(again) = again.filter(|_| !over) else {
        tx.prepare_cached(
            "UPDATE jobs SET state = 4, settled_at = ?2, lease_until = NULL, error = ?3 WHERE id = ?1",
        )?
        .execute(params![fence.id, now, error])?;
        return Ok(Failure::Dead);
    };
    if superseded(tx, fence.id, now)? {
        return Ok(Failure::Superseded);
    }
    // It has ended without ending the process: no suspect any more.
    tx.prepare_cached(
        "UPDATE jobs SET state = 0, run_at = ?2, rank = max(rank, ?2), lease_until = NULL,
                error = ?3, crashes = 0
         WHERE id = ?1",
    )?
    .execute(params![fence.id, again, error])?;
    Ok(Failure::Again)
}

/// Puts a job back that could not be finished for no fault of its own, the trial not counted.
pub fn release(tx: &mut Tx<'_>, fence: Fence, now: Millis) -> Result<(), StoreError> {
    if held(tx, fence)? {
        requeue(tx, fence.id, 0, now)?;
        tx.wake(Signal::Jobs);
    }
    Ok(())
}

/// Marks a running job cancelled.
pub fn cancelled(tx: &Tx<'_>, fence: Fence, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE jobs SET state = 5, settled_at = ?3, lease_until = NULL
         WHERE id = ?1 AND claims = ?2 AND state = 2",
    )?
    .execute(params![fence.id, fence.claim, now])?;
    Ok(())
}

/// Keeps how far a job is.
pub fn tell(
    tx: &Tx<'_>,
    fence: Fence,
    part: f64,
    note: &str,
    lease_until: Millis,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE jobs SET progress = ?3, note = ?4, lease_until = ?5
         WHERE id = ?1 AND claims = ?2 AND state = 2",
    )?
    .execute(params![fence.id, fence.claim, part, note, lease_until])?;
    Ok(())
}

/// Keeps the cursor of a running job; false when this run does not hold it. Who gets somewhere is no
/// suspect any more.
pub fn save(
    tx: &Tx<'_>,
    fence: Fence,
    cursor: &str,
    lease_until: Millis,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE jobs SET cursor = ?3, lease_until = ?4, crashes = 0
             WHERE id = ?1 AND claims = ?2 AND state = 2",
        )?
        .execute(params![fence.id, fence.claim, cursor, lease_until])?;
    Ok(changed == 1)
}

/// Cancels a job: at once when it waits, soon when it runs. None when there is no open job of the number;
/// else whether it is cancelled already.
pub fn cancel(tx: &mut Tx<'_>, id: i64, now: Millis) -> Result<Option<bool>, StoreError> {
    let found: Option<i64> = tx
        .prepare_cached("SELECT state FROM jobs WHERE id = ?1")?
        .query_row([id], |r| r.get(0))
        .optional()?;
    match found {
        Some(state::LATER | state::READY) => {
            tx.execute(
                "UPDATE jobs SET state = 5, settled_at = ?2 WHERE id = ?1",
                params![id, now],
            )?;
            Ok(Some(true))
        }
        Some(state::RUNNING) => {
            tx.execute("UPDATE jobs SET cancel_asked = 1 WHERE id = ?1", [id])?;
            tx.wake(Signal::Jobs);
            Ok(Some(false))
        }
        _ => Ok(None),
    }
}

/// Puts a dead or cancelled job back, with all its trials; false when there is none of the number, or
/// another of its kind and key waits.
pub fn retry(tx: &mut Tx<'_>, id: i64, now: Millis) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE OR IGNORE jobs SET state = 1, attempts = 0, crashes = 0, run_at = ?2, rank = ?2,
                    settled_at = NULL, cancel_asked = 0
             WHERE id = ?1 AND state IN (4, 5)",
        )?
        .execute(params![id, now])?;
    tx.wake(Signal::Jobs);
    Ok(changed == 1)
}
