//! Handling to the end: done, or tried again, or parked.
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::{ATTEMPTS, Lanes, apart};
use crate::base::crash::crash_point;
use crate::observe::metrics;
use crate::pipeline::StageError;
use crate::store::{StoreError, panic_text};
use crate::telegram::intake::inbox::{self, Failure};
use crate::telegram::intake::{Arrival, Waiting};

/// The longest an update may take.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The first pause before another trial; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause while the database cannot be written.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// What came of counting a trial before it was made.
enum Begun {
    Counted,
    Parked,
    /// The database cannot be written at present.
    NotNow,
}

impl Lanes {
    /// Handles a batch to its end: done, or each failing update retried and at last parked.
    pub(super) async fn settle(&self, batch: Vec<Waiting>, careful: bool) {
        let mut pause = FIRST_PAUSE;
        // The update whose present trial is counted already.
        let mut counted = None;
        let mut read = Vec::with_capacity(batch.len());
        for waiting in batch {
            // Reading is a part of the trial.
            if careful {
                match self.count(waiting.seq, &mut pause).await {
                    true => counted = Some(waiting.seq),
                    false => continue,
                }
            }
            read.extend(self.read(waiting, careful, &mut pause).await);
        }
        let mut parts: VecDeque<Vec<Arrival>> = apart::split(read).into();
        while let Some(part) = parts.pop_front() {
            if *self.0.stop.borrow() {
                return;
            }
            let seq = part[0].seq;
            if careful && counted != Some(seq) {
                match self.count(seq, &mut pause).await {
                    true => counted = Some(seq),
                    false => continue,
                }
            }
            match self.attempt(part.clone()).await {
                Ok(()) => pause = FIRST_PAUSE,
                Err(StageError::Store(e)) if e.is_passing() => {
                    tracing::error!(error = %e, "a decision could not be kept; trying again");
                    parts.push_front(part);
                    self.rest(&mut pause).await;
                }
                // One of several failed: each alone, so that only the culprit is delayed.
                Err(_) if part.len() > 1 => {
                    for one in part.into_iter().rev() {
                        parts.push_front(vec![one]);
                    }
                }
                // A trial that was given up has come to its end after all.
                Err(StageError::HandledBefore) => {}
                Err(e) => {
                    let uncounted = counted.take() != Some(seq);
                    if !self.failed(seq, &e.to_string(), uncounted).await {
                        self.rest(&mut pause).await;
                        parts.push_front(part);
                    }
                }
            }
        }
    }

    /// Counts the next trial of an update; false when it is parked, or Beadle stops.
    async fn count(&self, seq: i64, pause: &mut Duration) -> bool {
        while !*self.0.stop.borrow() {
            match self.begin(seq).await {
                Begun::Counted => {
                    crash_point("lane.counted");
                    return true;
                }
                Begun::Parked => return false,
                Begun::NotNow => self.rest(pause).await,
            }
        }
        false
    }

    /// Reads an update that lies in the inbox as text; None when it is parked for that, or Beadle stops.
    async fn read(
        &self,
        waiting: Waiting,
        mut counted: bool,
        pause: &mut Duration,
    ) -> Option<Arrival> {
        let waiting = match waiting.known() {
            Ok(arrival) => return Some(arrival),
            Err(waiting) => waiting,
        };
        let seq = waiting.seq;
        while !*self.0.stop.borrow() {
            crash_point("lane.reading");
            match std::panic::catch_unwind(AssertUnwindSafe(|| waiting.read())) {
                Ok(arrival) => return Some(arrival),
                Err(panic) => {
                    let error = format!("panic: {}", panic_text(panic.as_ref()));
                    if self.failed(seq, &error, !counted).await {
                        return None;
                    }
                    counted = false;
                    self.rest(pause).await;
                }
            }
        }
        None
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

    /// Records a failure, and counts it unless its trial was counted; true when the lane is done with
    /// the update.
    async fn failed(&self, seq: i64, error: &str, count: bool) -> bool {
        let (now, text) = (self.0.clock.now(), error.to_owned());
        let recorded = self
            .0
            .store
            .write(move |tx| inbox::mark_failed(tx, seq, &text, i64::from(count), ATTEMPTS, now))
            .await;
        match recorded {
            Ok(Failure::Parked) => {
                metrics::UPDATES.inc("dead");
                tracing::error!(
                    seq,
                    error,
                    "an update failed {ATTEMPTS} times and is parked; see `beadle inbox`"
                );
                true
            }
            Ok(Failure::NotWaiting) => true,
            Ok(Failure::Counted) => {
                tracing::warn!(seq, error, "an update failed; trying again");
                false
            }
            Err(e) => {
                tracing::error!(seq, error = %e, "a failure could not be recorded");
                false
            }
        }
    }

    /// Counts a trial before it is made. The update is parked instead when it was begun and not ended
    /// as often as it may fail.
    async fn begin(&self, seq: i64) -> Begun {
        let now = self.0.clock.now();
        let text = "the process ended while handling it";
        let recorded = self
            .0
            .store
            .write(move |tx| inbox::mark_failed(tx, seq, text, 1, ATTEMPTS + 1, now))
            .await;
        match recorded {
            Ok(Failure::Counted) => Begun::Counted,
            Ok(Failure::NotWaiting) => Begun::Parked,
            Ok(Failure::Parked) => {
                metrics::UPDATES.inc("dead");
                tracing::error!(
                    seq,
                    "an update ended the process {ATTEMPTS} times and is parked; see `beadle inbox`"
                );
                Begun::Parked
            }
            Err(e) => {
                tracing::error!(seq, error = %e, "a trial could not be counted; waiting");
                if matches!(e, StoreError::Closed) {
                    return Begun::Parked;
                }
                Begun::NotNow
            }
        }
    }

    /// Waits for `pause`, which grows, or until Beadle stops.
    async fn rest(&self, pause: &mut Duration) {
        self.sleep(*pause).await;
        *pause = (*pause * 2).min(MAX_PAUSE);
    }

    pub(super) async fn sleep(&self, pause: Duration) {
        let mut stop = self.0.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
