//! Deletes what has been kept long enough, a little at a time, and gives the room back.
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::base::clock::Millis;
use crate::community::audit::Witness;
use crate::community::privacy::PrivacyFacts;
use crate::community::{
    admission, arbiter, audit, erasure, events, expire_people, keeping, reputation,
};
use crate::config::{Live, Retention};
use crate::features::moderation;
use crate::observe::Vitals;
use crate::queue::{self, Done, Trouble, Work, Worker};
use crate::store::{Store, StoreError, Tx, meta};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

pub(super) const KIND: &str = "ground.expire";

/// Trials to empty the log while it is read, and the time between two.
const SCRUBS: u32 = 20;
const SCRUB_AGAIN: Duration = Duration::from_millis(50);

/// Jobs after they were done or cancelled, so that somebody can still ask what became of them.
const JOBS: Millis = 24 * 3_600_000;
/// Rows of one kind in one go.
const ROWS: i64 = 250;
/// A transaction ends after so many rows, or so long, so that nobody waits behind it.
const PORTION: usize = 500;
const LONGEST: Duration = Duration::from_millis(5);
/// Free pages given back in one go.
const PAGES: u32 = 500;

/// The worker.
pub(super) struct Expire {
    pub(super) vitals: Vitals,
    pub(super) store: Store,
    pub(super) witness: Witness,
    /// What holds now, as `/privacy` tells it.
    pub(super) facts: Live<PrivacyFacts>,
}

impl Worker for Expire {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let mut gone = work.cursor.as_ref().and_then(Value::as_u64).unwrap_or(0);
            let mut step = 0;
            while step < STEPS.len() {
                let at = Bounds {
                    kept: self.facts.get().kept,
                    now: work.now(),
                    low: self.vitals.low_disk().load(Ordering::Relaxed),
                };
                let portion = work
                    .save(json!(gone), move |tx| sweep(tx, &at, step))
                    .await?;
                step = portion.step;
                gone += portion.gone as u64;
            }
            // Once a minute is often enough: what is written in between is bound to it by the next.
            self.witness.note(work.now()).await;
            if gone > 0 {
                self.scrub().await;
            }
            Ok(Done::with(|tx| meta::shrink(tx, PAGES)).note(format!("{gone} rows went")))
        })
    }
}

impl Expire {
    /// Empties the log into the database, so that no byte of what went is left in either; whoever reads just now is
    /// waited for, for a while.
    async fn scrub(&self) {
        for _ in 0..SCRUBS {
            if self.store.scrub().await {
                return;
            }
            tokio::time::sleep(SCRUB_AGAIN).await;
        }
        tracing::debug!("the log is emptied later: it is being read");
    }
}

/// What has been kept long enough.
struct Bounds {
    kept: Retention,
    now: Millis,
    /// Room is scarce: handled updates go sooner.
    low: bool,
}

/// Deletes up to [`ROWS`] rows of one kind; gives how many.
type Step = fn(&mut Tx<'_>, &Bounds) -> Result<usize, StoreError>;

/// One for each kind of thing that is kept for a time.
const STEPS: [Step; 16] = [
    |tx, at| {
        let raw = if at.low {
            at.kept.raw_low_disk
        } else {
            at.kept.raw
        };
        inbox::purge(tx, at.now - raw, at.now - at.kept.dead, ROWS)
    },
    |tx, at| outbox::give_up(tx, at.now - at.kept.dead, at.now, 250),
    |tx, at| outbox::purge(tx, at.now - at.kept.calls, 250),
    |tx, at| keeping::expire(tx, &at.kept, at.now, ROWS),
    |tx, at| events::purge(tx, at.now - at.kept.events, ROWS),
    |tx, at| audit::expire_personal(tx, at.now - at.kept.audit_personal, ROWS),
    |tx, at| expire_people(tx, at.now - at.kept.gone, ROWS),
    |tx, at| erasure::expire_bans(tx, at.now, ROWS),
    |tx, at| moderation::expire_verdicts(tx, at.now - at.kept.gone, ROWS),
    |tx, at| arbiter::purge(tx, at.now - at.kept.gone, ROWS),
    |tx, at| admission::purge(tx, at.now - at.kept.gone, ROWS),
    |tx, at| reputation::purge(tx, at.now - at.kept.gone, ROWS),
    |tx, at| moderation::learning::expire(tx, at.now, ROWS),
    |tx, at| moderation::expire_reports(tx, at.now, ROWS),
    |tx, at| queue::store::discard(tx, at.now - JOBS, at.now - at.kept.dead, ROWS),
    // Cards and treatments that nobody can act on outlive the words by as long as verdicts are kept.
    |tx, at| moderation::expire_cards(tx, at.now - at.kept.removed - at.kept.gone, ROWS),
];

/// How far the steps came, and how many rows went.
struct Portion {
    step: usize,
    gone: usize,
}

/// Goes on with the steps from `step` until so many rows went, or so much time, that others may want to write.
fn sweep(tx: &mut Tx<'_>, at: &Bounds, mut step: usize) -> Result<Portion, StoreError> {
    let began = Instant::now();
    let mut gone = 0;
    while let Some(run) = STEPS.get(step) {
        let went = run(tx, at)?;
        gone += went;
        // What found nothing more is through.
        step += usize::from(went == 0);
        if gone >= PORTION || began.elapsed() >= LONGEST {
            break;
        }
    }
    Ok(Portion { step, gone })
}
