//! One lane for each chat (for each person, with buttons and join requests): in order inside a lane,
//! side by side across lanes, so that a slow or poisoned chat harms no other.
mod apart;
mod column;
mod settle;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use super::walk::StageError;
use crate::base::clock::SharedClock;
use crate::store::{Store, StoreError};
use crate::telegram::intake::{Arrival, UNREAD, Waiting, inbox};
use column::Column;

/// Updates a lane keeps in memory; what comes on top waits in the inbox.
const LANE_ROOM: usize = 256;
/// Updates all lanes together keep in memory.
const TOTAL_ROOM: usize = 20_000;
/// Updates decided and committed together.
const BATCH: usize = 32;
/// Failures after which an update is parked as a dead letter.
pub const ATTEMPTS: i64 = 3;
/// How long the process must live with nothing to do before a suspect is tried again: what ends it sooner
/// is something else, and the suspect is not blamed for it.
const CALM: Duration = Duration::from_secs(1);

/// What a lane runs its updates through.
pub trait Handler: Send + Sync + 'static {
    /// Decides `batch` in order and commits all of it, or nothing.
    fn handle(&self, batch: Vec<Arrival>) -> BoxFuture<'_, Result<(), StageError>>;
}

#[derive(Default)]
struct Lane {
    queue: VecDeque<Waiting>,
    running: bool,
    /// Updates of this lane wait in the inbox only.
    spilled: bool,
    /// Some of them came after the last look there began.
    more: bool,
    /// The last row taken into the queue.
    last_seq: i64,
}

/// All lanes that have something to do, or the column instead of them.
#[derive(Default)]
struct Desk {
    lanes: HashMap<i64, Lane>,
    column: Option<Column>,
}

impl Desk {
    /// Makes a column when there is `need` and none; true when it was made.
    fn begin_column(&mut self, need: bool) -> bool {
        let begun = need && self.column.is_none();
        if begun {
            self.column = Some(Column::default());
        }
        begun
    }
}

impl Lane {
    /// Marks it as at work; false when it was.
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.running, true)
    }
}

struct Inner {
    desk: Mutex<Desk>,
    in_memory: AtomicUsize,
    busy: AtomicUsize,
    store: Store,
    clock: SharedClock,
    handler: Arc<dyn Handler>,
    stop: watch::Receiver<bool>,
    /// No suspect is being tried.
    calm: watch::Sender<bool>,
}

/// All lanes. Cheap to clone.
#[derive(Clone)]
pub struct Lanes(Arc<Inner>);

impl Lanes {
    /// Lanes that run updates through `handler` until `stop` turns true.
    pub fn new(
        store: Store,
        clock: SharedClock,
        handler: Arc<dyn Handler>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Inner {
            desk: Mutex::default(),
            in_memory: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            store,
            clock,
            handler,
            stop,
            calm: watch::Sender::new(true),
        }))
    }

    /// Takes up what waits in the inbox since the last run; gives how many lanes had something there. With
    /// `careful`, one update at a time and each counted before it is begun, so that one which ends the
    /// process is found and parked.
    ///
    /// An update that was begun when the process ended is a suspect, no more: something else may have
    /// ended it. Suspects are tried after a moment without work, and all that waits for [`Lanes::calm`]
    /// waits for them: what ends the process then is the suspect.
    pub async fn recover(&self, careful: bool) -> Result<usize, StoreError> {
        let left = self.0.store.read(inbox::left).await?;
        let column = Column::of(&left, careful);
        let in_column = column.is_some();
        {
            let mut desk = self.lock();
            let suspicious = column.as_ref().is_some_and(Column::is_suspicious);
            if suspicious {
                tracing::warn!("trying what was begun when Beadle ended, each alone");
            }
            self.0.calm.send_replace(!suspicious);
            desk.column = column;
            for key in left.lanes.iter().filter(|_| !in_column) {
                let lane = desk.lanes.entry(*key).or_default();
                (lane.running, lane.spilled) = (true, true);
            }
        }
        let count = left.lanes.len();
        if in_column {
            self.start([UNREAD]);
        } else {
            self.start(left.lanes);
        }
        Ok(count)
    }

    /// Waits until no suspect is being tried, or Beadle stops.
    pub async fn calm(&self) {
        let (mut calm, mut stop) = (self.0.calm.subscribe(), self.0.stop.clone());
        tokio::select! {
            // Their senders live as long as the lanes do.
            _ = calm.wait_for(|calm| *calm) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Distributes what intake has committed until told to stop; the inbox keeps the rest.
    pub async fn run(self, mut arrivals: mpsc::Receiver<Vec<Waiting>>) {
        self.calm().await;
        let mut stop = self.0.stop.clone();
        loop {
            let batch = tokio::select! {
                Some(batch) = arrivals.recv() => batch,
                _ = stop.changed() => return,
            };
            for waiting in batch {
                self.submit(waiting);
            }
        }
    }

    /// Updates in memory, waiting or being handled.
    pub fn depth(&self) -> usize {
        self.0.in_memory.load(Ordering::Relaxed)
    }

    /// Lanes that handle something now.
    pub fn busy(&self) -> usize {
        self.0.busy.load(Ordering::Relaxed)
    }

    /// Asks the lane to look into the inbox again, after a dead letter was put back.
    pub fn look_again(&self, key: i64) {
        let mut desk = self.lock();
        let begun = desk.begin_column(key == UNREAD);
        let start = if let Some(column) = &mut desk.column {
            column.look_again(key);
            begun.then_some(UNREAD)
        } else {
            let lane = desk.lanes.entry(key).or_default();
            (lane.spilled, lane.more, lane.last_seq) = (true, true, 0);
            lane.begin().then_some(key)
        };
        drop(desk);
        self.start(start);
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, waiting: Waiting) {
        let key = waiting.lane();
        let mut desk = self.lock();
        let begun = desk.begin_column(waiting.is_unread());
        let start = if let Some(column) = &mut desk.column {
            column.leave(&waiting);
            begun.then_some(UNREAD)
        } else {
            let lane = desk.lanes.entry(key).or_default();
            let full = lane.queue.len() >= LANE_ROOM || self.depth() >= TOTAL_ROOM;
            if lane.spilled || full {
                (lane.spilled, lane.more) = (true, true);
            } else {
                lane.last_seq = waiting.seq;
                lane.queue.push_back(waiting);
                self.0.in_memory.fetch_add(1, Ordering::Relaxed);
            }
            lane.begin().then_some(key)
        };
        drop(desk);
        self.start(start);
    }

    /// Sets these lanes to work; the lane of what was not read stands for the column.
    fn start(&self, keys: impl IntoIterator<Item = i64>) {
        for key in keys {
            let this = self.clone();
            tokio::spawn(async move {
                match key {
                    UNREAD => this.run_column().await,
                    key => this.run_lane(key).await,
                }
            });
        }
    }

    /// Whether Beadle stops.
    fn stopping(&self) -> bool {
        *self.0.stop.borrow()
    }

    async fn run_lane(&self, key: i64) {
        while !self.stopping() {
            let batch = match self.next_batch(key).await {
                Ok(Some(batch)) => batch,
                Ok(None) => return,
                Err(e) => {
                    tracing::error!(error = %e, "the inbox cannot be read; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let n = batch.len();
            self.0.busy.fetch_add(1, Ordering::Relaxed);
            self.settle(batch, false).await;
            self.0.busy.fetch_sub(1, Ordering::Relaxed);
            self.0.in_memory.fetch_sub(n, Ordering::Relaxed);
        }
    }

    /// The next updates of the lane; None, and the lane is at rest, when there are none.
    async fn next_batch(&self, key: i64) -> Result<Option<Vec<Waiting>>, StoreError> {
        loop {
            let after = {
                let mut desk = self.lock();
                let Some(lane) = desk.lanes.get_mut(&key) else {
                    return Ok(None);
                };
                if !lane.queue.is_empty() {
                    let n = lane.queue.len().min(BATCH);
                    return Ok(Some(lane.queue.drain(..n).collect()));
                }
                if !lane.spilled {
                    desk.lanes.remove(&key);
                    return Ok(None);
                }
                lane.more = false;
                lane.last_seq
            };
            let rows = self
                .0
                .store
                .read(move |conn| inbox::load(conn, key, after, LANE_ROOM))
                .await?;
            let mut desk = self.lock();
            let Some(lane) = desk.lanes.get_mut(&key) else {
                return Ok(None);
            };
            lane.spilled = lane.more || rows.len() == LANE_ROOM;
            if let Some(last) = rows.last() {
                lane.last_seq = last.seq;
            }
            self.0.in_memory.fetch_add(rows.len(), Ordering::Relaxed);
            lane.queue.extend(rows);
        }
    }
}
