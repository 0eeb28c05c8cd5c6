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
use crate::telegram::intake::Arrival;
use crate::telegram::intake::inbox::{self, Failure};

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
    pub(super) async fn settle(&self, batch: Vec<Arrival>, careful: bool) {
        let mut parts: VecDeque<Vec<Arrival>> = apart::split(batch).into();
        let mut pause = FIRST_PAUSE;
        // The update whose present trial is counted already.
        let mut counted = None;
        while let Some(part) = parts.pop_front() {
            if *self.0.stop.borrow() {
                return;
            }
            let seq = part[0].seq;
            if careful && counted != Some(seq) {
                match self.begin(&part[0]).await {
                    Begun::Counted => counted = Some(seq),
                    Begun::Parked => continue,
                    Begun::NotNow => {
                        parts.push_front(part);
                        self.rest(&mut pause).await;
                        continue;
                    }
                }
                crash_point("lane.counted");
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
                    if !self.failed(&part[0], &e.to_string(), uncounted).await {
                        self.rest(&mut pause).await;
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

    /// Records a failure, and counts it unless its trial was counted; true when the lane is done with
    /// the update.
    async fn failed(&self, arrival: &Arrival, error: &str, count: bool) -> bool {
        let (seq, now, text) = (arrival.seq, self.0.clock.now(), error.to_owned());
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
    async fn begin(&self, arrival: &Arrival) -> Begun {
        let (seq, now) = (arrival.seq, self.0.clock.now());
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
