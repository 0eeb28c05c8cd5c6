//! Deletes what has been kept long enough, a little at a time, and gives the room back.
use std::sync::atomic::Ordering;

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

/// Jobs after they were done or cancelled, so that somebody can still ask what became of them.
const JOBS: Millis = 24 * 3_600_000;
/// Rows in one go, so that nobody waits behind it.
const ROWS: i64 = 500;
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
            let mut portion = usize::MAX;
            while portion > 0 {
                let kept = self.facts.get().kept;
                let (now, low) = (work.now(), self.vitals.low_disk().load(Ordering::Relaxed));
                portion = work
                    .save(json!(gone), move |tx| sweep(tx, &kept, now, low))
                    .await?;
                gone += portion as u64;
            }
            // Once a minute is often enough: what is written in between is bound to it by the next.
            self.witness.note(work.now()).await;
            if gone > 0 && !self.store.scrub().await {
                tracing::debug!("the log is emptied later: it is being read");
            }
            Ok(Done::with(|tx| meta::shrink(tx, PAGES)).note(format!("{gone} rows went")))
        })
    }
}

/// Deletes one portion; gives how many rows went. With `low`, handled updates go sooner.
fn sweep(tx: &mut Tx<'_>, kept: &Retention, now: Millis, low: bool) -> Result<usize, StoreError> {
    let raw = now - if low { kept.raw_low_disk } else { kept.raw };
    let mut gone = inbox::purge(tx, raw, now - kept.dead, ROWS)?;
    gone += outbox::give_up(tx, now - kept.dead, now, 500)?;
    gone += outbox::purge(tx, now - kept.calls, 500)?;
    gone += keeping::expire(tx, kept, now, ROWS)?;
    gone += events::purge(tx, now - kept.events, ROWS)?;
    gone += audit::expire_personal(tx, now - kept.audit_personal, ROWS)?;
    gone += expire_people(tx, now - kept.gone, ROWS)?;
    gone += erasure::expire_bans(tx, now, ROWS)?;
    gone += moderation::expire_verdicts(tx, now - kept.gone, ROWS)?;
    gone += arbiter::purge(tx, now - kept.gone, ROWS)?;
    gone += admission::purge(tx, now - kept.gone, ROWS)?;
    gone += reputation::purge(tx, now - kept.gone, ROWS)?;
    gone += moderation::learning::expire(tx, now, ROWS)?;
    gone += queue::store::discard(tx, now - JOBS, now - kept.dead, ROWS)?;
    Ok(gone)
}
