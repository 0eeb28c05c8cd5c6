//! Moves the write-ahead log into the database on a thread of its own, so that no commit waits for the
//! bulk of it, and keeps the log bounded.
//!
//! A passive checkpoint never stops the writer, but under steady writing it never quite catches up either,
//! and then the log grows for ever. So once the log is long, a second one follows at once with the writer
//! held between two groups: it has a few pages to move, takes a few milliseconds, and the next commit
//! begins the log anew, in the room the file already has. (SQLite's own RESTART and TRUNCATE make the
//! writer poll for the lock with growing sleeps: half a second was measured.)
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::Connection;

use super::open;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// Pages of 4 KiB in the log from which it is begun anew: 16 MiB.
const LONG: i64 = 4096;

/// Ends the thread, and asks it to leave nothing in the log.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<(Mutex<bool>, Condvar)>, Arc<Scrubs>);

/// How often an empty log was asked for, and how far that was done.
#[derive(Default)]
struct Scrubs {
    wanted: AtomicU64,
    done: AtomicU64,
}

impl Stop {
    pub(super) fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Asks for a log in which nothing of before is left; gives the number of the wish.
    pub(super) fn want_scrub(&self) -> u64 {
        let wish = self.1.wanted.fetch_add(1, Ordering::AcqRel) + 1;
        self.0.1.notify_all();
        wish
    }

    /// Whether that wish has come true.
    pub(super) fn scrubbed(&self, wish: u64) -> bool {
        self.1.done.load(Ordering::Acquire) >= wish
    }

    /// True when told to stop.
    fn wait(&self, time: Duration) -> bool {
        let stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *stopped {
            return true;
        }
        let waited = self.0.1.wait_timeout(stopped, time);
        let (stopped, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *stopped
    }
}

/// Between writer and checkpoint: whoever is inside has the log to himself.
#[derive(Default)]
pub(super) struct Gate {
    inside: Mutex<()>,
    wanted: AtomicBool,
}

impl Gate {
    /// The writer goes in for one group; it lets a waiting checkpoint go first.
    pub(super) fn for_group(&self) -> MutexGuard<'_, ()> {
        while self.wanted.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_micros(100));
        }
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` between two groups.
    fn between_groups(&self, f: impl FnOnce()) {
        self.wanted.store(true, Ordering::Release);
        let inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        f();
        drop(inside);
        self.wanted.store(false, Ordering::Release);
    }
}

pub(super) fn run(path: &Path, gate: &Gate, stop: &Stop) {
    let wal = path.with_extension("db-wal");
    let mut conn: Option<Connection> = None;
    let mut seen: Option<SystemTime> = None;
    while !stop.wait(EVERY) {
        let wish = stop.1.wanted.load(Ordering::Acquire);
        let scrub = wish > stop.1.done.load(Ordering::Acquire);
        let changed = std::fs::metadata(&wal).and_then(|m| m.modified()).ok();
        if !scrub && (changed.is_none() || changed == seen) {
            continue;
        }
        seen = changed;
        if conn.is_none() {
            let opened = open::checkpointer(path);
            conn = opened
                .inspect_err(|e| tracing::warn!(error = %e, "no checkpoint"))
                .ok();
        }
        let Some(conn) = &conn else { continue };
        if step(conn) > LONG {
            gate.between_groups(|| {
                step(conn);
            });
        }
        if scrub {
            let mut empty = false;
            gate.between_groups(|| empty = truncate(conn));
            if empty {
                stop.1.done.fetch_max(wish, Ordering::AcqRel);
            }
        }
    }
}

/// Empties the log, so that no deleted word is left in it; false when a reader is in the way, and then it is tried
/// again at the next look. It waits for nobody, since the writer waits for it.
fn truncate(conn: &Connection) -> bool {
    let tried = conn.busy_timeout(Duration::ZERO).and_then(|()| {
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| {
            r.get::<_, i64>(0)
        })
    });
    // Other checkpoints wait as they did.
    let _same_connection = conn.busy_timeout(open::BUSY);
    match tried {
        Ok(busy) => busy == 0,
        Err(e) => {
            tracing::debug!(error = %e, "the log could not be emptied yet");
            false
        }
    }
}

/// One passive checkpoint; gives the pages in the log.
fn step(conn: &Connection) -> i64 {
    let began = Instant::now();
    let pragma = "PRAGMA wal_checkpoint(PASSIVE)";
    match conn.query_row(pragma, [], |r| {
        Ok((r.get::<_, i64>(1)?, r.get::<_, i64>(2)?))
    }) {
        Ok((log, moved)) => {
            tracing::debug!(log, moved, ms = began.elapsed().as_millis(), "checkpoint");
            log
        }
        Err(e) => {
            tracing::warn!(error = %e, "a checkpoint did not finish");
            0
        }
    }
}
