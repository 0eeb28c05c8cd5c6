//! All SQL of jobs.
mod claim;
mod list;
mod schedules;
mod settle;

use rusqlite::{OptionalExtension as _, params};

pub use claim::{
    Claimed, Want, claim, claim_suspect, next_due, promote, recover, suspects, unstick,
};
pub use list::{
    Counts, Filter, Row, cancel_wanted, counts, dead_since, discard, discard_one, forget, list,
    oldest_ready, one, state_name, state_of, waiting,
};
pub use schedules::{FIRED, ScheduleRow, fire, next_scheduled, rewind, schedules};
pub(super) use schedules::{drop_schedule, put_schedule};
pub(super) use settle::Failure;
pub use settle::{cancel, cancelled, done, failed, release, retry, save, tell};

/// A read-only look at the database.
pub type Reader = rusqlite::Connection;

use super::job::Job;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// State of a row.
pub mod state {
    /// Waits for its time.
    pub const LATER: i64 = 0;
    /// Waits for a worker.
    pub const READY: i64 = 1;
    /// Under way.
    pub const RUNNING: i64 = 2;
    /// Done.
    pub const DONE: i64 = 3;
    /// Given up after its trials; `beadle jobs` shows and retries it.
    pub const DEAD: i64 = 4;
    /// Cancelled by a person or by what made it needless.
    pub const CANCELLED: i64 = 5;
}

/// Which run of which job: a settlement by an earlier run changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The job.
    pub id: i64,
    /// The how manyth run.
    pub claim: i64,
}

/// Adds a job; None when one of its kind and key waits.
pub(super) fn add(
    tx: &Tx<'_>,
    job: &Job,
    payload: &str,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let run_at = job.run_at.unwrap_or(now);
    let state = if run_at > now {
        state::LATER
    } else {
        state::READY
    };
    // What was due long ago does not overtake everybody: it ranks from now on.
    let rank = run_at.max(now).saturating_add(job.priority.handicap());
    Ok(tx
        .prepare_cached(
            "INSERT INTO jobs (kind, key, tenant, priority, payload, state, rank, run_at,
                               max_attempts, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state IN (0, 1) DO NOTHING
             RETURNING id",
        )?
        .query_row(
            params![
                job.kind,
                job.unique,
                job.tenant,
                job.priority as i64,
                payload,
                state,
                rank,
                run_at,
                job.max_attempts.max(1),
                now
            ],
            |r| r.get(0),
        )
        .optional()?)
}
