//! Schedules, and the jobs that they bring.
use rusqlite::{Connection, params};

use super::super::Priority;
use super::super::schedule::{Misfire, Schedule, due, payload_for, rewound};
use super::super::times::Times;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Schedules that are seen to in one go.
pub const FIRED: usize = 50;

/// Adds or changes a schedule. A new one is due at `first`, one with another expression or zone at `next`.
/// Gives when it is due.
pub(in crate::queue) fn put_schedule(
    tx: &Tx<'_>,
    s: &Schedule,
    payload: &str,
    first: Option<Millis>,
    next: Option<Millis>,
    now: Millis,
) -> Result<Option<Millis>, StoreError> {
    Ok(tx
        .prepare_cached(
            "INSERT INTO schedules (name, kind, tenant, payload, priority, max_attempts, cron, zone, misfire,
                                    next_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?12, ?12)
             ON CONFLICT (name) DO UPDATE SET
                 next_at = CASE WHEN cron = excluded.cron AND zone = excluded.zone AND next_at IS NOT NULL
                                THEN next_at ELSE ?11 END,
                 kind = excluded.kind, tenant = excluded.tenant, payload = excluded.payload,
                 priority = excluded.priority, max_attempts = excluded.max_attempts, cron = excluded.cron,
                 zone = excluded.zone, misfire = excluded.misfire, updated_at = excluded.updated_at
             RETURNING next_at",
        )?
        .query_row(
            params![
                s.name,
                s.job.kind,
                s.job.tenant,
                payload,
                s.job.priority as i64,
                s.job.max_attempts.max(1),
                s.cron,
                s.zone,
                s.misfire.name(),
                first,
                next,
                now
            ],
            |r| r.get(0),
        )?)
}

/// Takes a schedule away.
pub(in crate::queue) fn drop_schedule(tx: &Tx<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM schedules WHERE name = ?1", [name])? == 1)
}

/// A schedule as `beadle jobs schedules` shows it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ScheduleRow {
    /// Unique.
    pub name: String,
    /// The kind of its jobs.
    pub kind: String,
    /// Five fields.
    pub cron: String,
    /// IANA name.
    pub zone: String,
    /// `skip`, `once` or `all`.
    pub misfire: String,
    /// On whose behalf.
    pub tenant: Option<i64>,
    /// The last time seen to, in milliseconds.
    pub last_at: Option<Millis>,
    /// When it is due, in milliseconds.
    pub next_at: Option<Millis>,
}

/// All schedules by name, at most `limit`.
pub fn schedules(conn: &Connection, limit: u32) -> Result<Vec<ScheduleRow>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT name, kind, cron, zone, misfire, tenant, last_at, next_at FROM schedules
         ORDER BY name LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| {
        Ok(ScheduleRow {
            name: r.get(0)?,
            kind: r.get(1)?,
            cron: r.get(2)?,
            zone: r.get(3)?,
            misfire: r.get(4)?,
            tenant: r.get(5)?,
            last_at: r.get(6)?,
            next_at: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next schedule is due.
pub fn next_scheduled(conn: &Connection) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL")?
        .query_row([], |r| r.get(0))?)
}

/// Adds the jobs of schedules that are due, and notes when they are due again. Gives how many schedules
/// were due; the caller asks again when there are as many as it sees to in one go.
pub fn fire(tx: &Tx<'_>, now: Millis) -> Result<usize, StoreError> {
    let due_now: Vec<(ScheduleRow, String, i64, i64)> = tx
        .prepare_cached(
            "SELECT name, kind, cron, zone, misfire, tenant, last_at, next_at, payload, priority, max_attempts
             FROM schedules WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2",
        )?
        .query_map(params![now, i64::try_from(FIRED).unwrap_or(1)], |r| {
            let row = ScheduleRow {
                name: r.get(0)?,
                kind: r.get(1)?,
                cron: r.get(2)?,
                zone: r.get(3)?,
                misfire: r.get(4)?,
                tenant: r.get(5)?,
                last_at: r.get(6)?,
                next_at: r.get(7)?,
            };
            Ok((row, r.get(8)?, r.get(9)?, r.get(10)?))
        })?
        .collect::<Result<_, _>>()?;
    for (row, payload, priority, trials) in &due_now {
        let misfire = Misfire::from_name(&row.misfire);
        let since = row.next_at.unwrap_or(now);
        let outcome = match Times::parse(&row.cron, &row.zone) {
            Ok(times) => due(&times, misfire, since, now),
            Err(e) => {
                // It was right when it was kept: a time zone may have gone from the machine.
                tracing::error!(
                    schedule = row.name,
                    error = e,
                    "a schedule cannot be read and rests"
                );
                super::super::Due::default()
            }
        };
        if outcome.dropped {
            tracing::warn!(
                schedule = row.name,
                "too many missed times: only the oldest are made good"
            );
        }
        for at in &outcome.fire {
            let key = match misfire {
                Misfire::All => format!("schedule:{}@{at}", row.name),
                _ => format!("schedule:{}", row.name),
            };
            let handicap = Priority::from_number(*priority).handicap();
            tx.prepare_cached(
                "INSERT INTO jobs (kind, key, tenant, priority, payload, state, rank, run_at,
                                   max_attempts, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9)
                 ON CONFLICT (kind, key) WHERE key IS NOT NULL AND state IN (0, 1) DO NOTHING",
            )?
            .execute(params![
                row.kind,
                key,
                row.tenant,
                priority,
                payload_for(payload, *at),
                now.saturating_add(handicap),
                at,
                trials,
                now
            ])?;
        }
        tx.prepare_cached("UPDATE schedules SET last_at = ?2, next_at = ?3 WHERE name = ?1")?
            .execute(params![row.name, now.max(since), outcome.next])?;
    }
    Ok(due_now.len())
}

/// Looks at each schedule anew, because the clock may have gone back.
pub fn rewind(tx: &Tx<'_>, now: Millis) -> Result<(), StoreError> {
    for row in schedules(tx, u32::MAX)? {
        let Ok(times) = Times::parse(&row.cron, &row.zone) else {
            continue;
        };
        let honest = rewound(&times, row.last_at, row.next_at, now);
        if honest != row.next_at {
            tx.prepare_cached("UPDATE schedules SET next_at = ?2 WHERE name = ?1")?
                .execute(params![row.name, honest])?;
        }
    }
    Ok(())
}
