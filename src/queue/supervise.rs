//! One job from its beginning to its settlement, whatever its worker does.
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::pause::{LONGEST, pause};
use super::store::{self, Claimed, Failure, Fence};
use super::work::{Asked, Done, Trouble, Work, Worker};
use crate::base::clock::{Millis, SharedClock};
use crate::base::crash::crash_point;
use crate::base::random::Random;
use crate::store::{Store, StoreError, Tx, panic_text};

/// How long a worker that was asked to end may take.
pub(super) const GRACE: Duration = Duration::from_secs(10);
/// The first pause while an outcome cannot be written, doubled up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// What jobs stand on.
#[derive(Clone)]
pub(super) struct Footing {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) random: Arc<dyn Random>,
}

impl Footing {
    /// Runs the job and settles it.
    pub(super) async fn oversee(
        self,
        worker: Arc<dyn Worker>,
        claimed: Claimed,
        asked: watch::Receiver<Asked>,
    ) {
        crash_point("jobs.claimed");
        let job = Settling {
            fence: claimed.fence,
            kind: worker.kind(),
            attempt: claimed.attempt,
            footing: self.clone(),
        };
        let outcome = self.attempt(&*worker, claimed, asked.clone()).await;
        crash_point("jobs.worked");
        let cancelled = *asked.borrow() == Asked::Cancel;
        job.settle(outcome, cancelled).await;
        crash_point("jobs.settled");
    }

    async fn attempt(
        &self,
        worker: &dyn Worker,
        claimed: Claimed,
        mut asked: watch::Receiver<Asked>,
    ) -> Result<Done, Trouble> {
        let Some(payload) = claimed.payload else {
            return Err(Trouble::Hopeless("its payload cannot be read".to_owned()));
        };
        let lease = worker.lease();
        let (ends, held) = watch::channel(Instant::now() + lease);
        let mut work = Work {
            id: claimed.fence.id,
            attempt: claimed.attempt,
            payload,
            tenant: claimed.tenant,
            cursor: claimed.cursor,
            fence: claimed.fence,
            background: claimed.priority >= super::Priority::Low as i64,
            store: self.store.clone(),
            clock: self.clock.clone(),
            lease,
            ends,
            asked: asked.clone(),
            told: None,
        };
        // Inside an async block, so that a panic before the first await is caught as well.
        let run = AssertUnwindSafe(async { worker.run(&mut work).await }).catch_unwind();
        let impatience = async {
            // An error means that the runner is gone, which is an end too.
            drop(asked.wait_for(|a| *a != Asked::Nothing).await);
            sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            ended = run => ended.unwrap_or_else(|panic| {
                Err(Trouble::Failed(format!("panic: {}", panic_text(panic.as_ref()))))
            }),
            () = expiry(held) => Err(Trouble::Failed(format!(
                "it gave no sign of life for {} s", lease.as_secs()
            ))),
            () = impatience => Err(Trouble::Cancelled),
        }
    }
}

/// Until the lease has run out.
async fn expiry(mut held: watch::Receiver<Instant>) {
    loop {
        let end = *held.borrow_and_update();
        if Instant::now() >= end {
            return;
        }
        // An error means that the work has ended, and its own branch says how.
        tokio::select! {
            () = sleep_until(end) => {}
            changed = held.changed() => if changed.is_err() {
                sleep_until(end).await;
            }
        }
    }
}

/// A job whose run is over.
struct Settling {
    fence: Fence,
    kind: &'static str,
    attempt: u32,
    footing: Footing,
}

impl Settling {
    async fn settle(&self, outcome: Result<Done, Trouble>, cancelled: bool) {
        match outcome {
            Ok(done) => match self.done(done).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::debug!(job = self.fence.id, "another run has settled it");
                }
                Err(e) => self.trouble(e.into()).await,
            },
            Err(Trouble::Cancelled) if cancelled => {
                let (fence, now) = (self.fence, self.footing.clock.now());
                self.persist(move |tx| store::cancelled(tx, fence, now))
                    .await;
            }
            Err(e) => self.trouble(e).await,
        }
    }

    async fn done(&self, done: Done) -> Result<bool, StoreError> {
        let (fence, now) = (self.fence, self.footing.clock.now());
        self.footing
            .store
            .write(move |tx| {
                if !store::done(tx, fence, done.note.as_deref(), done.again, now)? {
                    return Ok(false);
                }
                for write in done.writes {
                    write(tx)?;
                }
                Ok(true)
            })
            .await
    }

    async fn trouble(&self, trouble: Trouble) {
        let (fence, now) = (self.fence, self.footing.clock.now());
        let again = match &trouble {
            Trouble::Cancelled => None,
            // Nobody's fault: the same again when the database can be written.
            Trouble::Store(e) if e.is_passing() => {
                tracing::warn!(job = fence.id, kind = self.kind, error = %e, "a job waits for the database");
                sleep(FIRST_PAUSE).await;
                None
            }
            Trouble::Hopeless(_) => return self.failed(&trouble, None).await,
            Trouble::Later { after, .. } => Some((*after).clamp(0, LONGEST)),
            Trouble::Failed(_) | Trouble::Store(_) => {
                Some(pause(self.attempt, &*self.footing.random))
            }
        };
        match again {
            Some(after) => self.failed(&trouble, Some(now.saturating_add(after))).await,
            None => {
                self.persist(move |tx| store::release(tx, fence, now)).await;
            }
        }
    }

    async fn failed(&self, trouble: &Trouble, again: Option<Millis>) {
        let (fence, now, error) = (self.fence, self.footing.clock.now(), trouble.to_string());
        let text = error.clone();
        let outcome = self
            .persist(move |tx| store::failed(tx, fence, &text, again, now))
            .await;
        let (job, kind, attempt) = (fence.id, self.kind, self.attempt);
        match outcome {
            Some(Failure::Dead) => tracing::error!(
                job,
                kind,
                attempt,
                error,
                "a job is given up; see `beadle jobs`"
            ),
            Some(Failure::Again) => {
                tracing::warn!(
                    job,
                    kind,
                    attempt,
                    error,
                    "a job failed; trying again later"
                );
            }
            Some(Failure::Superseded | Failure::Lost) | None => {
                tracing::debug!(
                    job,
                    kind,
                    attempt,
                    error,
                    "a job failed that nobody waits for"
                );
            }
        }
    }

    /// Writes until it is written; None when the database is closed or refuses for good, and then the
    /// next start takes the job up.
    async fn persist<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> Option<T> {
        let mut rest = FIRST_PAUSE;
        loop {
            let again = f.clone();
            match self.footing.store.write(move |tx| again(tx)).await {
                Ok(out) => return Some(out),
                Err(e) if e.is_passing() => {
                    tracing::error!(job = self.fence.id, error = %e, "the end of a job could not be kept; trying again");
                    sleep(rest).await;
                    rest = (rest * 2).min(MAX_PAUSE);
                }
                Err(e) => {
                    tracing::error!(job = self.fence.id, error = %e, "the end of a job could not be kept");
                    return None;
                }
            }
        }
    }
}
