//! Moves the write-ahead log into the database on a thread of its own, so that no commit ever waits
//! for it, and keeps the log bounded.
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::open;

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// Below this a checkpoint is not worth its fsync.
const WORTH_IT: u64 = 4 << 20;
/// Above this the log is started anew, which holds the writer for the last few pages.
const BOUND: u64 = 64 << 20;

/// Ends the thread.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    pub(super) fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// True when told to stop.
    fn wait(&self, time: Duration) -> bool {
        let stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *stopped {
            return true;
        }
        let (stopped, _) = self
            .0
            .1
            .wait_timeout(stopped, time)
            .unwrap_or_else(PoisonError::into_inner);
        *stopped
    }
}

pub(super) fn run(path: &Path, stop: &Stop) {
    let wal = path.with_extension("db-wal");
    let mut conn: Option<Connection> = None;
    while !stop.wait(EVERY) {
        let size = std::fs::metadata(&wal).map_or(0, |m| m.len());
        if size < WORTH_IT {
            continue;
        }
        if conn.is_none() {
            conn = open::checkpointer(path)
                .inspect_err(|e| tracing::warn!(error = %e, "checkpoint"))
                .ok();
        }
        let Some(conn) = &conn else { continue };
        step(conn, "PRAGMA wal_checkpoint(PASSIVE)");
        if size > BOUND {
            step(conn, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

fn step(conn: &Connection, pragma: &str) {
    // Busy is an answer, not an error: the next round tries again.
    if let Err(e) = conn.query_row(pragma, [], |_| Ok(())) {
        tracing::warn!(error = %e, pragma, "checkpoint did not finish");
    }
}
