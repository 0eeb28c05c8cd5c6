//! The one loop that begins jobs: woken by commits and by time, it never asks in vain.
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::crew::FLOOD;
use super::pause::LONGEST;
use super::store::{self, Claimed, Want};
use super::supervise::{Footing, GRACE};
use super::work::{Asked, Worker};
use crate::base::clock::{Millis, SharedClock};
use crate::base::crash::crash_point;
use crate::base::random::Random;
use crate::store::{Signal, Store, StoreError};

/// Jobs under way at a time, of all kinds.
const TOGETHER: usize = 32;
/// The longest nap: the loop shows that it lives, and a clock that jumped is noticed.
const NAP: Duration = Duration::from_secs(5);
/// The longest pause while the database cannot be written.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// A clock that went back by more than this has jumped.
const JUMP: Millis = 60_000;
/// Ends of the process during a job after which it is a dead letter.
pub const CRASHES: i64 = 3;
/// How long the process must live without jobs before a suspect is begun: what ends it sooner is something
/// else, and the suspect is not blamed for it.
const CALM: Duration = Duration::from_secs(1);
/// How long a suspect runs alone; who has lived so long may have company.
const ALONE: Duration = Duration::from_secs(60);

/// How the queue fares, for vital signs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Status(Arc<Signs>);

#[derive(Default)]
struct Signs {
    beat: Mutex<Option<Instant>>,
    running: AtomicUsize,
}

impl Status {
    /// Since the loop last looked; None before its first look.
    pub fn idle(&self) -> Option<Duration> {
        let beat = *self.0.beat.lock().unwrap_or_else(PoisonError::into_inner);
        beat.map(|at| at.elapsed())
    }

    /// Jobs under way.
    pub fn running(&self) -> usize {
        self.0.running.load(Ordering::Relaxed)
    }

    fn note(&self, running: usize) {
        *self.0.beat.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.0.running.store(running, Ordering::Relaxed);
    }
}

/// Begins jobs and sees them through. Cheap to clone; one clone runs.
#[derive(Clone)]
pub struct Runner {
    footing: Footing,
    workers: Arc<BTreeMap<&'static str, Arc<dyn Worker>>>,
    status: Status,
}

/// What one look at the database brought.
struct Look {
    claimed: Vec<Claimed>,
    cancel: Vec<i64>,
    next: Option<Millis>,
    fired: usize,
    more: bool,
    depths: Vec<(&'static str, usize)>,
}

/// Jobs under way.
#[derive(Default)]
struct Shift {
    tasks: JoinSet<i64>,
    asks: HashMap<i64, (&'static str, watch::Sender<Asked>)>,
    /// The size of each crew, where it is not the smallest.
    sizes: HashMap<&'static str, usize>,
}

impl Shift {
    fn running(&self, kind: &str) -> usize {
        self.asks.values().filter(|(k, _)| *k == kind).count()
    }
}

impl Runner {
    /// A runner for these workers; of two for one kind the later counts.
    pub fn new(
        store: Store,
        clock: SharedClock,
        random: Arc<dyn Random>,
        workers: impl IntoIterator<Item = Arc<dyn Worker>>,
    ) -> Self {
        Self {
            footing: Footing {
                store,
                clock,
                random,
            },
            workers: Arc::new(workers.into_iter().map(|w| (w.kind(), w)).collect()),
            status: Status::default(),
        }
    }

    /// How it fares.
    pub fn status(&self) -> Status {
        self.status.clone()
    }

    /// Takes up what was under way when the last process ended; `unclean` when it did not say so. To be
    /// called before [`Runner::run`].
    pub async fn recover(&self, unclean: bool) -> Result<usize, StoreError> {
        let now = self.footing.clock.now();
        let (again, dead) = self
            .footing
            .store
            .write(move |tx| {
                store::unstick(tx, LONGEST, now)?;
                store::rewind(tx, now)?;
                store::recover(tx, unclean.then_some(CRASHES), now)
            })
            .await?;
        crash_point("jobs.recovered");
        if dead > 0 {
            tracing::error!(
                dead,
                "jobs ended the process {CRASHES} times and are given up; see `beadle jobs`"
            );
        }
        Ok(again)
    }

    /// Runs until `stop` turns true, and then until the jobs under way have ended or been put back.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut shift = Shift::default();
        self.suspects(&mut shift, &mut stop).await;
        let mut rest = Duration::ZERO;
        let mut last = (Instant::now(), self.footing.clock.now());
        while !*stop.borrow() {
            let nap = match self.look(&mut shift, &mut last).await {
                Ok(nap) => {
                    rest = Duration::ZERO;
                    nap
                }
                Err(StoreError::Closed) => break,
                Err(e) => {
                    tracing::error!(error = %e, "the job queue cannot be read; trying again");
                    rest = (rest * 2).clamp(Duration::from_millis(200), MAX_PAUSE);
                    rest
                }
            };
            let store = self.footing.store.clone();
            tokio::select! {
                () = sleep(nap) => {}
                // While the database cannot be written, news of it is no reason to look sooner.
                () = store.woken(Signal::Jobs), if rest.is_zero() => {}
                Some(ended) = shift.tasks.join_next() => shift.over(ended),
                _ = stop.changed() => {}
            }
            while let Some(ended) = shift.tasks.try_join_next() {
                shift.over(ended);
            }
        }
        self.drain(shift).await;
    }

    /// Begins what can be begun; gives how long to sleep.
    async fn look(
        &self,
        shift: &mut Shift,
        last: &mut (Instant, Millis),
    ) -> Result<Duration, StoreError> {
        let now = self.footing.clock.now();
        let passed = Millis::try_from(last.0.elapsed().as_millis()).unwrap_or(Millis::MAX);
        let back = now < last.1.saturating_add(passed).saturating_sub(JUMP);
        *last = (Instant::now(), now);
        let mut wants = Vec::with_capacity(self.workers.len());
        let mut follow = Vec::new();
        for (&kind, worker) in &*self.workers {
            let crew = worker.crew();
            let size = shift.sizes.get(kind).copied().unwrap_or(crew.min);
            wants.push(Want {
                kind,
                room: size.saturating_sub(shift.running(kind)),
                lease: millis(worker.lease()),
            });
            if crew.max > crew.min {
                follow.push(kind);
            }
        }
        let total = TOGETHER.saturating_sub(shift.asks.len());
        let look = self
            .footing
            .store
            .write(move |tx| {
                if back {
                    let n = store::unstick(tx, LONGEST, now)?;
                    store::rewind(tx, now)?;
                    tracing::warn!(jobs = n, "the clock went back; what it had put off is due");
                }
                let fired = store::fire(tx, now)?;
                let more = store::promote(tx, now)? || fired >= store::FIRED;
                let mut depths = Vec::with_capacity(follow.len());
                for kind in follow {
                    depths.push((kind, store::waiting(tx, kind, FLOOD + 1)?));
                }
                Ok(Look {
                    claimed: store::claim(tx, &wants, total, now)?,
                    cancel: store::cancel_wanted(tx)?,
                    next: [store::next_due(tx)?, store::next_scheduled(tx)?]
                        .into_iter()
                        .flatten()
                        .min(),
                    fired,
                    more,
                    depths,
                })
            })
            .await?;
        if look.fired > 0 {
            crash_point("jobs.fired");
        }
        for id in look.cancel {
            if let Some((_, ask)) = shift.asks.get(&id) {
                ask.send_replace(Asked::Cancel);
            }
        }
        let mut grown = false;
        for (kind, waiting) in look.depths {
            if let Some(worker) = self.workers.get(kind) {
                let crew = worker.crew();
                let before = shift.sizes.get(kind).copied().unwrap_or(crew.min);
                let size = crew.size(before, waiting);
                grown |= size > before;
                shift.sizes.insert(kind, size);
            }
        }
        for claimed in look.claimed {
            self.begin(shift, claimed);
        }
        self.status.note(shift.asks.len());
        Ok(if look.more || grown {
            Duration::ZERO
        } else {
            let due = look.next.map_or(NAP, |at| {
                Duration::from_millis(at.saturating_sub(now).max(0).unsigned_abs())
            });
            due.min(NAP)
        })
    }

    fn begin(&self, shift: &mut Shift, claimed: Claimed) {
        let Some((&kind, worker)) = self.workers.get_key_value(claimed.kind.as_str()) else {
            // Only kinds with a worker are claimed.
            return;
        };
        let (ask, asked) = watch::channel(Asked::Nothing);
        let id = claimed.fence.id;
        shift.asks.insert(id, (kind, ask));
        let work = self.footing.clone().oversee(worker.clone(), claimed, asked);
        shift.tasks.spawn(async move {
            work.await;
            id
        });
    }

    /// Runs those during which the process ended before, each alone, so that a killer ends nothing else.
    async fn suspects(&self, shift: &mut Shift, stop: &mut watch::Receiver<bool>) {
        loop {
            let found = match self.footing.store.read(store::suspects).await {
                Ok(found) => found,
                Err(e) => {
                    tracing::error!(error = %e, "jobs that were under way at the last end cannot be read");
                    return;
                }
            };
            if !found
                .iter()
                .any(|(_, kind)| self.workers.contains_key(kind.as_str()))
            {
                return;
            }
            tokio::select! {
                () = sleep(CALM) => {}
                _ = stop.changed() => return,
            }
            let wants: Vec<Want> = self
                .workers
                .values()
                .map(|w| Want {
                    kind: w.kind(),
                    room: 1,
                    lease: millis(w.lease()),
                })
                .collect();
            let now = self.footing.clock.now();
            let claimed = self
                .footing
                .store
                .write(move |tx| store::claim_suspect(tx, &wants, now))
                .await;
            match claimed {
                Ok(Some(claimed)) => self.begin(shift, claimed),
                Ok(None) => return,
                Err(e) => {
                    tracing::error!(error = %e, "a job could not be begun; trying again");
                    continue;
                }
            }
            self.status.note(shift.asks.len());
            tokio::select! {
                Some(ended) = shift.tasks.join_next() => shift.over(ended),
                () = sleep(ALONE) => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// Asks all to end, waits for them, and leaves the rest to the next start.
    async fn drain(&self, mut shift: Shift) {
        for (_, ask) in shift.asks.values() {
            ask.send_replace(Asked::Stop);
        }
        let all = async { while shift.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE + Duration::from_secs(2), all)
            .await
            .is_err()
        {
            tracing::warn!("jobs did not end in time; they are taken up at the next start");
        }
    }
}

impl Shift {
    fn over(&mut self, ended: Result<i64, tokio::task::JoinError>) {
        match ended {
            Ok(id) => {
                self.asks.remove(&id);
            }
            Err(e) => {
                // Panics of workers are caught: this one is the queue's own.
                tracing::error!(error = %e, "the overseer of a job ended");
                self.asks.retain(|_, (_, ask)| !ask.is_closed());
            }
        }
    }
}

fn millis(time: Duration) -> Millis {
    Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX)
}
