//! The one way out: effects become outbox rows, and the sender carries them out within the limits.
mod answer;
mod ask;
mod breaker;
mod budget;
mod classify;
mod effects;
mod limits;
pub(in crate::telegram) mod methods;
pub mod outbox;
mod place;
mod run;
mod schedule;
mod settings;
mod status;
pub mod text;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, watch};

pub use breaker::{Breaker, BreakerState};
pub use budget::{Bucket, Window, Yielding, back_off};
pub use classify::{Refusal, Repair, Verdict, classify};
pub use effects::{ATTACHED, Effect, SendLane};
pub use limits::Limits;
pub use methods::{Budget, Class, Method};
pub use outbox::{OutboxId, Send};
pub use place::{Key, PER_QUEUE, Waiting, Whose};
pub use schedule::{Batch, JOINED, Pick, Refill, Schedule};
pub use settings::SenderSettings;
pub use status::{Report, Status, Totals};

use super::api::Api;
use crate::base::clock::SharedClock;
use crate::base::random::Random;
use crate::store::{Store, StoreError};

/// Reports kept for a listener that is slow; older ones are lost to it.
const REPORTS: usize = 256;

/// Carries out what is in the outbox. Cheap to clone; one clone runs, the others look on.
#[derive(Clone)]
pub struct Sender {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    api: Api,
    clock: SharedClock,
    random: Arc<dyn Random>,
    settings: SenderSettings,
    status: Mutex<Status>,
    reports: broadcast::Sender<Report>,
    started: AtomicBool,
    questions: ask::Questions,
}

impl Shared {
    fn set_status(&self, status: &Status) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status.clone();
    }
}

impl Sender {
    /// A sender that does nothing until [`Sender::run`].
    pub fn new(
        store: Store,
        api: Api,
        clock: SharedClock,
        random: Arc<dyn Random>,
        settings: SenderSettings,
    ) -> Self {
        let questions = ask::Questions::new(&settings.limits, clock.now());
        Self {
            shared: Arc::new(Shared {
                questions,
                store,
                api,
                clock,
                random,
                settings,
                status: Mutex::default(),
                reports: broadcast::channel(REPORTS).0,
                started: AtomicBool::new(false),
            }),
        }
    }

    /// Sends until `shutdown` says true or its other end is gone, then waits for calls under way. Rows
    /// found `sending` at the start are settled first. Fails when the database is closed or unusable,
    /// or when the sender runs already.
    pub async fn run(self, shutdown: watch::Receiver<bool>) -> Result<(), StoreError> {
        if self.shared.started.swap(true, Ordering::AcqRel) {
            return Err(StoreError::Invalid("the sender runs already".to_owned()));
        }
        run::Run::new(self.shared).run(shutdown).await
    }

    /// How it stands, at most a second old.
    pub fn status(&self) -> Status {
        self.shared
            .status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What Telegram's answers told about chats, from now on.
    pub fn reports(&self) -> broadcast::Receiver<Report> {
        self.shared.reports.subscribe()
    }
}
