//! The one writer thread: many callers' work in one transaction, each in its own savepoint.
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;
use super::checkpoint::Gate;
use super::signal::{Bells, SignalSet};
use super::tx::Tx;
use crate::base::crash::crash_point;
use crate::observe::metrics;

/// Callers in one commit, at most. A commit costs one fsync whatever it holds; the bound keeps the
/// first caller's wait short.
const GROUP_MAX: usize = 512;
/// A group is closed after this long even when callers keep coming.
const GROUP_TIME: Duration = Duration::from_millis(5);
/// Bulk work waits behind foreground work, but never longer than this.
const BULK_PATIENCE: Duration = Duration::from_millis(50);

/// A group that takes longer is worth a line in a detailed log.
const SLOW_GROUP: Duration = Duration::from_millis(20);

/// A caller's closure with its way back.
pub(super) trait Work: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError>;
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
}

/// The only implementation: `f`, its result until the commit, the caller's channel.
pub(super) struct Call<F, T> {
    f: Option<F>,
    out: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Call<F, T> {
    pub(super) fn new(f: F) -> (Self, oneshot::Receiver<Result<T, StoreError>>) {
        let (reply, back) = oneshot::channel();
        (
            Self {
                f: Some(f),
                out: None,
                reply,
            },
            back,
        )
    }
}

impl<F, T> Work for Call<F, T>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let f = self.f.take().ok_or(StoreError::Closed)?;
        self.out = Some(f(tx)?);
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { out, reply, .. } = *self;
        let result = outcome.and_then(|()| out.ok_or(StoreError::Closed));
        // A caller that went away does not need the answer.
        let _gone = reply.send(result);
    }
}

#[derive(Default)]
struct Queues {
    foreground: VecDeque<Box<dyn Work>>,
    bulk: VecDeque<(Instant, Box<dyn Work>)>,
    closed: bool,
}

/// The way in to the writer thread.
#[derive(Default)]
pub(super) struct Queue {
    queues: Mutex<Queues>,
    arrived: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        // Work runs outside the lock, so a poisoned one still holds a whole queue.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, work: Box<dyn Work>, bulk: bool) {
        let mut queues = self.lock();
        if queues.closed {
            drop(queues);
            work.settle(Err(StoreError::Closed));
            return;
        }
        if bulk {
            queues.bulk.push_back((Instant::now(), work));
        } else {
            queues.foreground.push_back(work);
        }
        drop(queues);
        self.arrived.notify_one();
    }

    /// Work that waits, in both queues.
    pub(super) fn depth(&self) -> usize {
        let queues = self.lock();
        queues.foreground.len() + queues.bulk.len()
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// The next group: foreground callers, or one bulk caller alone. None once closed and empty.
    fn next_group(&self) -> Option<Vec<Box<dyn Work>>> {
        let mut queues = self.lock();
        loop {
            let overdue = queues
                .bulk
                .front()
                .is_some_and(|(since, _)| since.elapsed() > BULK_PATIENCE);
            if (overdue || queues.foreground.is_empty())
                && let Some((_, work)) = queues.bulk.pop_front()
            {
                return Some(vec![work]);
            }
            if !queues.foreground.is_empty() {
                let n = queues.foreground.len().min(GROUP_MAX);
                return Some(queues.foreground.drain(..n).collect());
            }
            if queues.closed {
                return None;
            }
            queues = self
                .arrived
                .wait(queues)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Late callers that may still join a group that began at `began`.
    fn latecomers(&self, began: Instant, room: usize) -> Vec<Box<dyn Work>> {
        if room == 0 || began.elapsed() > GROUP_TIME {
            return Vec::new();
        }
        let mut queues = self.lock();
        let n = queues.foreground.len().min(room);
        queues.foreground.drain(..n).collect()
    }
}

/// Runs groups until the queue is closed. `commit_delay` stands for a slow disk in measurements.
pub(super) fn run(
    conn: &Connection,
    queue: &Queue,
    bells: &Arc<Bells>,
    gate: &Gate,
    commit_delay: Duration,
) {
    let mut last_commit = Duration::ZERO;
    while let Some(group) = queue.next_group() {
        let _inside = gate.for_group();
        last_commit = commit_group(conn, queue, bells, commit_delay, linger(last_commit), group);
    }
}

/// How long a group stays open for callers who are about to come, such as the decisions on updates that
/// the last group has just let in: a fifth of what a commit costs here, so that a quick disk waits for
/// nobody and a slow one takes both in one go.
fn linger(last_commit: Duration) -> Duration {
    (last_commit / 5).min(Duration::from_millis(1))
}

/// Runs one group; gives how long its commit took.
fn commit_group(
    conn: &Connection,
    queue: &Queue,
    bells: &Arc<Bells>,
    commit_delay: Duration,
    linger: Duration,
    mut waiting: Vec<Box<dyn Work>>,
) -> Duration {
    let began = Instant::now();
    if let Err(e) = conn.execute_batch("BEGIN IMMEDIATE") {
        let e = StoreError::from(e);
        for work in waiting {
            work.settle(Err(e.clone()));
        }
        return Duration::ZERO;
    }
    let mut signals = SignalSet::default();
    let mut done: Vec<(Box<dyn Work>, Result<(), StoreError>)> = Vec::with_capacity(waiting.len());
    loop {
        for mut work in waiting {
            let outcome = in_savepoint(conn, &mut *work, &mut signals);
            done.push((work, outcome));
        }
        let room = GROUP_MAX.saturating_sub(done.len());
        waiting = queue.latecomers(began, room);
        if let Some(rest) = linger.checked_sub(began.elapsed())
            && waiting.is_empty()
            && room > 0
        {
            std::thread::sleep(rest);
            waiting = queue.latecomers(began, room);
        }
        if waiting.is_empty() {
            break;
        }
    }
    let closed = Instant::now();
    if !commit_delay.is_zero() {
        std::thread::sleep(commit_delay);
    }
    crash_point("store.before_commit");
    let committed = if conn.is_autocommit() {
        // SQLite took the transaction back by itself, which it does on a full disk.
        Err(StoreError::DiskFull)
    } else {
        conn.execute_batch("COMMIT").map_err(StoreError::from)
    };
    if committed.is_err() && !conn.is_autocommit() {
        // The transaction is still open after a full disk: take it back whole.
        if let Err(e) = conn.execute_batch("ROLLBACK") {
            tracing::error!(error = %e, "rolling back after a failed commit failed too");
        }
    }
    crash_point("store.after_commit");
    let took = began.elapsed();
    if took > SLOW_GROUP {
        tracing::debug!(callers = done.len(), ms = took.as_millis(), "a slow commit");
    }
    metrics::COMMIT_SECONDS.took(took);
    metrics::COMMIT_CALLERS.record(done.len() as f64);
    if committed.is_ok() {
        bells.ring(signals);
    }
    for (work, outcome) in done {
        work.settle(committed.clone().and(outcome));
    }
    closed.elapsed()
}

fn in_savepoint(
    conn: &Connection,
    work: &mut dyn Work,
    signals: &mut SignalSet,
) -> Result<(), StoreError> {
    if conn.is_autocommit() {
        // SQLite itself rolled the whole transaction back (a full disk can do that).
        return Err(StoreError::DiskFull);
    }
    step(conn, "SAVEPOINT part")?;
    let mut tx = Tx::new(conn);
    let outcome = catch_unwind(AssertUnwindSafe(|| work.run(&mut tx)))
        .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(panic.as_ref()))));
    match outcome {
        Ok(()) => {
            let raised = tx.signals();
            step(conn, "RELEASE part")?;
            signals.merge(raised);
            Ok(())
        }
        Err(e) => {
            if !conn.is_autocommit() {
                step(conn, "ROLLBACK TO part")?;
                step(conn, "RELEASE part")?;
            }
            Err(e)
        }
    }
}

fn step(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// What a panic said, for the log.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".to_owned())
}
