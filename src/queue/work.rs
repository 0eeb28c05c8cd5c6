//! What a worker is given, and what it gives back.
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::crew::Crew;
use super::job::{Enqueue as _, Job, MAX_PAYLOAD};
use super::store;
use crate::base::clock::{Millis, SharedClock};
use crate::base::crash::crash_point;
use crate::store::{Store, StoreError, Tx};

/// A change of the database that is committed with the job's settlement.
pub type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send>;

/// The longest note on a job's progress, in characters.
const MAX_NOTE: usize = 200;
/// Progress is written at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// The lease of a worker that does not name one.
const LEASE: Duration = Duration::from_secs(60);

/// Does the jobs of one kind. Features implement it; `app` registers it.
pub trait Worker: Send + Sync + 'static {
    /// The kind, `feature.verb`.
    fn kind(&self) -> &'static str;

    /// How many of the kind run side by side.
    fn crew(&self) -> Crew {
        Crew::ONE
    }

    /// How long it may work without a sign of life ([`Work::progress`], [`Work::save`],
    /// [`Work::renew`]). After that it is taken for stuck, and the job tried again.
    fn lease(&self) -> Duration {
        LEASE
    }

    /// Does one job. It may be begun more than once, so what it does outside of [`Done`] must bear
    /// repetition. Dropped at an await when its lease runs out, or when it does not end after being asked to.
    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>>;
}

/// What the work came to: changes that are committed together with the mark that the job is done.
#[derive(Default)]
pub struct Done {
    pub(super) writes: Vec<Write>,
    pub(super) note: Option<String>,
    pub(super) again: Option<Millis>,
}

impl Done {
    /// Done, with nothing to change.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Done, with a change.
    pub fn with(f: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static) -> Self {
        Self::default().and(f)
    }

    /// The same with one more change.
    #[must_use]
    pub fn and(
        mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Self {
        self.writes.push(Box::new(f));
        self
    }

    /// The same, with a job that follows from it.
    #[must_use]
    pub fn then(self, job: Job, now: Millis) -> Self {
        self.and(move |tx| {
            tx.enqueue(&job, now)?;
            Ok(())
        })
    }

    /// The same with a sentence that `beadle jobs` shows.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Not done but well so far: the changes are committed and the job goes on at `run_at`, with its
    /// cursor, as if it had not been tried yet.
    #[must_use]
    pub fn again_at(mut self, run_at: Millis) -> Self {
        self.again = Some(run_at);
        self
    }
}

/// Why a job is not done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It may work later: in words for the log, ids only.
    #[error("{0}")]
    Failed(String),
    /// As `Failed`, and it is known when it makes sense to try again: in milliseconds from now.
    #[error("{why}")]
    Later {
        /// In words for the log.
        why: String,
        /// How long to wait.
        after: Millis,
    },
    /// It will never work: a dead letter at once.
    #[error("{0}")]
    Hopeless(String),
    /// It was asked to end, and has.
    #[error("cancelled")]
    Cancelled,
}

/// What the runner asks of a job under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asked {
    #[default]
    Nothing,
    /// Somebody cancelled it.
    Cancel,
    /// Beadle stops.
    Stop,
}

/// A job under way.
pub struct Work {
    /// Its number.
    pub id: i64,
    /// The present trial, from 1.
    pub attempt: u32,
    /// What was asked for.
    pub payload: Value,
    /// On whose behalf.
    pub tenant: Option<i64>,
    /// How far an earlier trial came, as [`Work::save`] kept it.
    pub cursor: Option<Value>,
    pub(super) fence: store::Fence,
    pub(super) background: bool,
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) lease: Duration,
    pub(super) ends: watch::Sender<Instant>,
    pub(super) asked: watch::Receiver<Asked>,
    pub(super) told: Option<Instant>,
}

impl Work {
    /// The time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Looks at the database, on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&store::Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Trouble> {
        Ok(self.store.read(f).await?)
    }

    /// A sign of life: the lease begins anew.
    pub fn renew(&self) {
        self.ends.send_replace(Instant::now() + self.lease);
    }

    /// Whether it should end soon: somebody cancelled it, or Beadle stops. Then return
    /// [`Trouble::Cancelled`]; what is stopped is taken up again at the next start.
    pub fn is_over(&self) -> bool {
        *self.asked.borrow() != Asked::Nothing
    }

    /// Waits until it should end soon.
    pub async fn over(&mut self) {
        // An error means that the runner is gone, which is an end too.
        drop(self.asked.wait_for(|a| *a != Asked::Nothing).await);
    }

    /// Says how far it is (0 to 1) in a sentence without words of people, and renews the lease; at most
    /// one a second is kept. Fails when the work should end.
    pub async fn progress(&mut self, part: f64, note: &str) -> Result<(), Trouble> {
        self.renew();
        if self.is_over() {
            return Err(Trouble::Cancelled);
        }
        let now = Instant::now();
        if self.told.is_some_and(|told| now < told + TOLD_EVERY) {
            return Ok(());
        }
        self.told = Some(now);
        let (fence, part, until) = (self.fence, clean(part), self.lease_until());
        let note: String = note.chars().take(MAX_NOTE).collect();
        self.store
            .write(move |tx| store::tell(tx, fence, part, &note, until))
            .await?;
        Ok(())
    }

    /// Commits a part of the work together with `cursor`, from which a later trial goes on; behind all
    /// other writes when the job's priority is low or idle (then it must keep to 5 ms or 500 rows). Renews
    /// the lease. Gives what `f` gives. Fails when the work should end, or the cursor is larger than [`MAX_PAYLOAD`]; then nothing
    /// is committed.
    pub async fn save<T: Send + 'static>(
        &mut self,
        cursor: Value,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.renew();
        if self.is_over() {
            return Err(Trouble::Cancelled);
        }
        let text = cursor.to_string();
        if text.len() > MAX_PAYLOAD {
            return Err(Trouble::Hopeless(format!(
                "its cursor has {} bytes, more than {MAX_PAYLOAD}",
                text.len()
            )));
        }
        let (fence, until) = (self.fence, self.lease_until());
        let part = move |tx: &mut Tx<'_>| {
            if !store::save(tx, fence, &text, until)? {
                return Ok(None);
            }
            f(tx).map(Some)
        };
        let held = if self.background {
            self.store.write_bulk(part).await?
        } else {
            self.store.write(part).await?
        };
        crash_point("jobs.saved");
        let Some(out) = held else {
            return Err(Trouble::Cancelled);
        };
        self.cursor = Some(cursor);
        Ok(out)
    }

    fn lease_until(&self) -> Millis {
        self.clock.now() + Millis::try_from(self.lease.as_millis()).unwrap_or(Millis::MAX / 2)
    }
}

/// A part of the whole that the database takes.
fn clean(part: f64) -> f64 {
    if part.is_nan() {
        0.0
    } else {
        part.clamp(0.0, 1.0)
    }
}
