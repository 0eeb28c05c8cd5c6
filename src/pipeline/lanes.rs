//! One lane for each chat (for each person, with buttons and join requests): in order inside a lane,
//! side by side across lanes, so that a slow or poisoned chat harms no other.
mod apart;
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

/// Which updates of a lane are counted before they are begun, and taken one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// None: in batches.
    None,
    /// All.
    All,
    /// All up to this row; then the lane rests, to be taken up again.
    UpTo(i64),
}

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

struct Inner {
    lanes: Mutex<HashMap<i64, Lane>>,
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
            lanes: Mutex::default(),
            in_memory: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            store,
            clock,
            handler,
            stop,
            calm: watch::Sender::new(true),
        }))
    }

    /// Takes up what waits in the inbox since the last run. With `careful`, one update at a time and
    /// each counted before it is begun, so that one which ends the process is found and parked.
    ///
    /// An update that was begun when the process ended is a suspect, no more: something else may have
    /// ended it. Suspects come first, after a moment without work, and all that waits for
    /// [`Lanes::calm`] waits for them: what ends the process then is the suspect.
    pub async fn recover(&self, careful: bool) -> Result<usize, StoreError> {
        let (lanes, suspects) = self
            .0
            .store
            .read(move |conn| {
                let suspects = if careful {
                    inbox::suspects(conn)?
                } else {
                    Vec::new()
                };
                Ok((inbox::waiting_lanes(conn)?, suspects))
            })
            .await?;
        let count = lanes.len();
        {
            let mut map = self.lock();
            for key in &lanes {
                let lane = map.entry(*key).or_default();
                (lane.running, lane.spilled) = (true, true);
            }
        }
        self.0.calm.send_replace(suspects.is_empty());
        let this = self.clone();
        tokio::spawn(async move {
            if !suspects.is_empty() {
                tracing::warn!(
                    updates = suspects.len(),
                    "trying what was begun when Beadle ended, each alone, before anything else"
                );
            }
            for (key, seq) in suspects {
                this.sleep(CALM).await;
                this.run_lane(key, Care::UpTo(seq)).await;
            }
            this.0.calm.send_replace(true);
            for key in lanes {
                if careful {
                    this.run_lane(key, Care::All).await;
                } else {
                    this.start(key);
                }
            }
        });
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

    fn submit(&self, waiting: Waiting) {
        let key = waiting.lane();
        let start = {
            let mut map = self.lock();
            let lane = map.entry(key).or_default();
            let full = lane.queue.len() >= LANE_ROOM || self.depth() >= TOTAL_ROOM;
            if lane.spilled || full {
                (lane.spilled, lane.more) = (true, true);
            } else {
                lane.last_seq = waiting.seq;
                lane.queue.push_back(waiting);
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
        let care = if key == UNREAD { Care::All } else { Care::None };
        tokio::spawn(async move { this.run_lane(key, care).await });
    }

    async fn run_lane(&self, key: i64, care: Care) {
        let size = if care == Care::None { BATCH } else { 1 };
        while !*self.0.stop.borrow() {
            let batch = match self.next_batch(key, size).await {
                Ok(Some(batch)) => batch,
                Ok(None) => return,
                Err(e) => {
                    tracing::error!(error = %e, "the inbox cannot be read; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            let n = batch.len();
            let last = batch.last().map_or(0, |a| a.seq);
            self.0.busy.fetch_add(1, Ordering::Relaxed);
            self.settle(batch, care != Care::None).await;
            self.0.busy.fetch_sub(1, Ordering::Relaxed);
            self.0.in_memory.fetch_sub(n, Ordering::Relaxed);
            if matches!(care, Care::UpTo(end) if last >= end) {
                return;
            }
        }
    }

    /// The next updates of the lane; None, and the lane is at rest, when there are none.
    async fn next_batch(&self, key: i64, size: usize) -> Result<Option<Vec<Waiting>>, StoreError> {
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
}
