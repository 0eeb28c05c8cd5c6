//! Looking at jobs, and forgetting them.
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::state;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Jobs by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Not due yet.
    pub later: i64,
    /// Waiting for a worker.
    pub ready: i64,
    /// Under way.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}

/// Open and dead jobs by state.
pub fn counts(conn: &Connection) -> Result<Counts, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT (SELECT count(*) FROM jobs WHERE state = 0),
                    (SELECT count(*) FROM jobs WHERE state = 1 AND crashes = 0)
                  + (SELECT count(*) FROM jobs WHERE state = 1 AND crashes > 0),
                    (SELECT count(*) FROM jobs WHERE state = 2),
                    (SELECT count(*) FROM jobs WHERE state = 4)",
        )?
        .query_row([], |r| {
            Ok(Counts {
                later: r.get(0)?,
                ready: r.get(1)?,
                running: r.get(2)?,
                dead: r.get(3)?,
            })
        })?)
}

/// How many of a kind are ready, counted up to `limit` only.
pub fn waiting(conn: &Connection, kind: &str, limit: usize) -> Result<usize, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let n: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM
                 (SELECT 1 FROM jobs WHERE state = 1 AND crashes = 0 AND kind = ?1 LIMIT ?2)",
        )?
        .query_row(params![kind, limit], |r| r.get(0))?;
    Ok(usize::try_from(n).unwrap_or(0))
}

/// How many jobs failed for good since `at`, and the kind of the last.
pub fn dead_since(conn: &Connection, at: Millis) -> Result<(i64, String), StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*), coalesce((SELECT kind FROM jobs WHERE state = 4 AND settled_at >= ?1
                 ORDER BY settled_at DESC, id DESC LIMIT 1), '')
             FROM jobs WHERE state = 4 AND settled_at >= ?1",
        )?
        .query_row([at], |r| Ok((r.get(0)?, r.get(1)?)))?)
}

/// When the longest ready job was due.
pub fn oldest_ready(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT min(run_at) FROM jobs WHERE state = 1")?
        .query_row([], |r| r.get(0))?)
}

/// Running jobs that somebody cancelled.
pub fn cancel_wanted(conn: &Connection) -> Result<Vec<i64>, StoreError> {
    let mut find =
        conn.prepare_cached("SELECT id FROM jobs WHERE state = 2 AND cancel_asked = 1")?;
    let rows = find.query_map([], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind only.
    pub kind: Option<String>,
    /// In this state only; else all.
    pub state: Option<i64>,
}

/// A job as `beadle jobs` shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// Number.
    pub id: i64,
    /// `feature.verb`.
    pub kind: String,
    /// `later`, `ready`, `running`, `done`, `dead` or `cancelled`.
    pub state: String,
    /// `urgent`, `normal`, `low` or `idle`.
    pub priority: String,
    /// Unique key.
    pub key: Option<String>,
    /// On whose behalf.
    pub tenant: Option<i64>,
    /// Trials so far.
    pub attempts: i64,
    /// Trials before it is given up.
    pub max_attempts: i64,
    /// How often the process ended while it ran.
    pub crashes: i64,
    /// 0 to 1.
    pub progress: Option<f64>,
    /// How far it is, or what it came to.
    pub note: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it is or was due, in milliseconds.
    pub run_at: Millis,
    /// When it was asked for.
    pub created_at: Millis,
    /// When its last run began.
    pub started_at: Option<Millis>,
    /// When the lease of its present run ends.
    pub lease_until: Option<Millis>,
    /// When it was settled.
    pub settled_at: Option<Millis>,
}

const COLUMNS: &str =
    "id, kind, state, priority, key, tenant, attempts, max_attempts, crashes, progress,
     note, error, run_at, created_at, started_at, lease_until, settled_at";

/// The name of a state.
pub fn state_name(state: i64) -> &'static str {
    match state {
        state::LATER => "later",
        state::READY => "ready",
        state::RUNNING => "running",
        state::DONE => "done",
        state::DEAD => "dead",
        _ => "cancelled",
    }
}

/// The state of a name.
pub fn state_of(name: &str) -> Option<i64> {
    (state::LATER..=state::CANCELLED).find(|s| state_name(*s) == name)
}

fn read(r: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: r.get(0)?,
        kind: r.get(1)?,
        state: state_name(r.get(2)?).to_owned(),
        priority: super::super::Priority::from_number(r.get(3)?)
            .name()
            .to_owned(),
        key: r.get(4)?,
        tenant: r.get(5)?,
        attempts: r.get(6)?,
        max_attempts: r.get(7)?,
        crashes: r.get(8)?,
        progress: r.get(9)?,
        note: r.get(10)?,
        error: r.get(11)?,
        run_at: r.get(12)?,
        created_at: r.get(13)?,
        started_at: r.get(14)?,
        lease_until: r.get(15)?,
        settled_at: r.get(16)?,
    })
}

/// The newest jobs that fit, newest first.
pub fn list(conn: &Connection, filter: &Filter, limit: u32) -> Result<Vec<Row>, StoreError> {
    let mut find = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM jobs WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR state = ?2)
         ORDER BY id DESC LIMIT ?3"
    ))?;
    let rows = find.query_map(params![filter.kind, filter.state, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One job, and its payload and cursor.
pub fn one(conn: &Connection, id: i64) -> Result<Option<(Row, Value, Value)>, StoreError> {
    let found = conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, payload, cursor FROM jobs WHERE id = ?1"
        ))?
        .query_row([id], |r| {
            Ok((
                read(r)?,
                r.get::<_, String>(17)?,
                r.get::<_, Option<String>>(18)?,
            ))
        })
        .optional()?;
    Ok(found.map(|(row, payload, cursor)| {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        (
            row,
            parse(&payload),
            cursor.as_deref().map_or(Value::Null, parse),
        )
    }))
}

/// Deletes a dead letter; false when there is none of the number.
pub fn discard_one(tx: &Tx<'_>, id: i64) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM jobs WHERE id = ?1 AND state = 4", [id])? == 1)
}

/// Deletes up to `limit` jobs that were done or cancelled before `settled_before`, and dead letters from
/// before `dead_before`. Gives how many went.
pub fn discard(
    tx: &Tx<'_>,
    settled_before: Millis,
    dead_before: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    let mut gone = tx.execute(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
             WHERE state IN (3, 5) AND settled_at < ?1 ORDER BY settled_at LIMIT ?2)",
        params![settled_before, limit],
    )?;
    gone += tx.execute(
        "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
             WHERE state = 4 AND settled_at < ?1 ORDER BY settled_at LIMIT ?2)",
        params![dead_before, limit],
    )?;
    Ok(gone)
}

/// Forgets jobs of this kind and unique key that do not run. Gives how many.
pub fn forget(tx: &Tx<'_>, kind: &str, key: &str) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM jobs WHERE kind = ?1 AND key = ?2 AND state <> ?3",
        params![kind, key, super::state::RUNNING],
    )?)
}
