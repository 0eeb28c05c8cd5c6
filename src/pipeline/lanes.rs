//! One lane for each chat (for each person, with buttons and join requests): in order inside a lane,
//! side by side across lanes, so that a slow or poisoned chat harms no other.
use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use super::walk::StageError;
use crate::base::clock::SharedClock;
use crate::store::{Store, StoreError, panic_text};
use crate::telegram::intake::{Arrival, inbox};

/// Updates a lane keeps in memory; what comes on top waits in the inbox.
const LANE_ROOM: usize = 256;
/// Updates all lanes together keep in memory.
const TOTAL_ROOM: usize = 20_000;
/// Updates decided and committed together.
const BATCH: usize = 32;
/// Failures after which an update is parked as a dead letter.
pub const ATTEMPTS: i64 = 3;
/// The longest an update may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The longest pause while the database cannot be written.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// What a lane runs its updates through.
pub trait Handler: Send + Sync + 'static {
    /// Decides `batch` in order and commits all of it, or nothing.
    fn handle(&self, batch: Vec<Arrival>) -> BoxFuture<'_, Result<(), StageError>>;
}

#[derive(Default)]
struct Lane {
    queue: VecDeque<Arrival>,
    running: bool,
    /// Updates of this lane wait in the inbox only.
    spilled: bool,
    /// Some of them came after the last look there began.
    more: bool,
    /// The last row taken into the queue.
    last_seq: i64,
}

struct Inner {
    lanes: Mutex<HashMap<i64, Lane>>,
    in_memory: AtomicUsize,
    busy: AtomicUsize,
    store: Store,
    clock: SharedClock,
    handler: Arc<dyn Handler>,
    stop: watch::Receiver<bool>,
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
            lanes: Mutex::default(),
            in_memory: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            store,
            clock,
            handler,
            stop,
        }))
    }

    /// Takes up what waits in the inbox since the last run. With `careful`, one update at a time and
    /// each counted before it is begun, so that one which ends the process is found and parked.
    pub async fn recover(&self, careful: bool) -> Result<usize, StoreError> {
        let lanes = self.0.store.read(inbox::waiting_lanes).await?;
        let count = lanes.len();
        {
            let mut map = self.lock();
            for key in &lanes {
                let lane = map.entry(*key).or_default();
                (lane.running, lane.spilled) = (true, true);
            }
        }
        let this = self.clone();
        tokio::spawn(async move {
            for key in lanes {
                if careful {
                    this.run_lane(key, true).await;
                } else {
                    let this = this.clone();
                    tokio::spawn(async move { this.run_lane(key, false).await });
                }
            }
        });
        Ok(count)
    }

    /// Distributes what intake has committed until told to stop; the inbox keeps the rest.
    pub async fn run(self, mut arrivals: mpsc::Receiver<Vec<Arrival>>) {
        let mut stop = self.0.stop.clone();
        loop {
            let batch = tokio::select! {
                Some(batch) = arrivals.recv() => batch,
                _ = stop.changed() => return,
            };
            for arrival in batch {
                self.submit(arrival);
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
        let start = {
            let mut map = self.lock();
            let lane = map.entry(key).or_default();
            (lane.spilled, lane.more, lane.last_seq) = (true, true, 0);
            !std::mem::replace(&mut lane.running, true)
        };
        if start {
            self.start(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Lane>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, arrival: Arrival) {
        let key = arrival.event.lane().as_key();
        let start = {
            let mut map = self.lock();
            let lane = map.entry(key).or_default();
            let full = lane.queue.len() >= LANE_ROOM || self.depth() >= TOTAL_ROOM;
            if lane.spilled || full {
                (lane.spilled, lane.more) = (true, true);
            } else {
                lane.last_seq = arrival.seq;
                lane.queue.push_back(arrival);
                self.0.in_memory.fetch_add(1, Ordering::Relaxed);
            }
            !std::mem::replace(&mut lane.running, true)
        };
        if start {
            self.start(key);
        }
    }

    fn start(&self, key: i64) {
        let this = self.clone();
        tokio::spawn(async move { this.run_lane(key, false).await });
    }

    async fn run_lane(&self, key: i64, careful: bool) {
        while !*self.0.stop.borrow() {
            let batch = match self.next_batch(key, if careful { 1 } else { BATCH }).await {
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
            self.settle(batch, careful).await;
            self.0.busy.fetch_sub(1, Ordering::Relaxed);
            self.0.in_memory.fetch_sub(n, Ordering::Relaxed);
        }
    }

    /// The next updates of the lane; None, and the lane is at rest, when there are none.
    async fn next_batch(&self, key: i64, size: usize) -> Result<Option<Vec<Arrival>>, StoreError> {
        loop {
            let after = {
                let mut map = self.lock();
                let Some(lane) = map.get_mut(&key) else {
                    return Ok(None);
                };
                if !lane.queue.is_empty() {
                    let n = lane.queue.len().min(size);
                    return Ok(Some(lane.queue.drain(..n).collect()));
                }
                if !lane.spilled {
                    map.remove(&key);
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
            let mut map = self.lock();
            let Some(lane) = map.get_mut(&key) else {
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

    /// Handles a batch to its end: done, or each failing update retried and at last parked.
    async fn settle(&self, batch: Vec<Arrival>, careful: bool) {
        let mut parts = VecDeque::from([batch]);
        let mut pause = Duration::from_millis(100);
        while let Some(part) = parts.pop_front() {
            if *self.0.stop.borrow() {
                return;
            }
            if careful && !self.begin(&part[0]).await {
                continue;
            }
            match self.attempt(part.clone()).await {
                Ok(()) => pause = Duration::from_millis(100),
                Err(StageError::Store(e)) if e.is_passing() => {
                    tracing::error!(error = %e, "a decision could not be kept; trying again");
                    parts.push_front(part);
                    self.sleep(pause).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                }
                // One of several failed: each alone, so that only the culprit is delayed.
                Err(_) if part.len() > 1 => {
                    for one in part.into_iter().rev() {
                        parts.push_front(vec![one]);
                    }
                }
                Err(e) => {
                    if !self.failed(&part[0], &e.to_string()).await {
                        self.sleep(pause).await;
                        pause = (pause * 2).min(MAX_PAUSE);
                        parts.push_front(part);
                    }
                }
            }
        }
    }

    async fn attempt(&self, batch: Vec<Arrival>) -> Result<(), StageError> {
        let work = AssertUnwindSafe(self.0.handler.handle(batch)).catch_unwind();
        match tokio::time::timeout(TIME_LIMIT, work).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(StageError::Other(format!(
                "panic: {}",
                panic_text(panic.as_ref())
            ))),
            Err(_) => Err(StageError::Other(format!(
                "took longer than {} s",
                TIME_LIMIT.as_secs()
            ))),
        }
    }

    /// Records a failure; true when the update is parked now.
    async fn failed(&self, arrival: &Arrival, error: &str) -> bool {
        let (seq, now, text) = (arrival.seq, self.0.clock.now(), error.to_owned());
        let parked = self
            .0
            .store
            .write(move |tx| inbox::mark_failed(tx, seq, &text, ATTEMPTS, now))
            .await;
        match parked {
            Ok(true) => {
                tracing::error!(
                    seq,
                    error,
                    "an update failed {ATTEMPTS} times and is parked; see `beadle inbox`"
                );
                true
            }
            Ok(false) => {
                tracing::warn!(seq, error, "an update failed; trying again");
                false
            }
            Err(e) => {
                tracing::error!(seq, error = %e, "a failure could not be recorded");
                false
            }
        }
    }

    /// Counts an attempt before it is made; false when there were too many and the update is parked.
    async fn begin(&self, arrival: &Arrival) -> bool {
        !self.failed_before(arrival).await
    }

    async fn failed_before(&self, arrival: &Arrival) -> bool {
        let (seq, now) = (arrival.seq, self.0.clock.now());
        let text = "the process ended while handling it";
        let limit = ATTEMPTS + 1;
        match self
            .0
            .store
            .write(move |tx| inbox::mark_failed(tx, seq, text, limit, now))
            .await
        {
            Ok(parked) => {
                if parked {
                    tracing::error!(
                        seq,
                        "an update ended the process {ATTEMPTS} times and is parked; see `beadle inbox`"
                    );
                }
                parked
            }
            Err(e) => {
                tracing::error!(seq, error = %e, "an attempt could not be counted");
                false
            }
        }
    }

    async fn sleep(&self, pause: Duration) {
        let mut stop = self.0.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
