//! The housekeeping that belongs to no feature, as jobs that come again.
mod copies;
mod expire;
mod orphans;

use std::sync::Arc;

pub(super) use orphans::sweep;

use serde_json::json;

use crate::base::clock::Millis;
use crate::community::audit::Witness;
use crate::community::privacy::PrivacyFacts;
use crate::config::Live;
use crate::observe::Vitals;
use crate::queue::{Job, Priority, Schedule, Timetable as _, Worker};
use crate::store::{Store, StoreError};

/// Who does it.
pub(super) fn workers(
    store: &Store,
    vitals: &Vitals,
    witness: &Witness,
    facts: &Live<PrivacyFacts>,
) -> [Arc<dyn Worker>; 2] {
    [
        Arc::new(expire::Expire {
            vitals: vitals.clone(),
            store: store.clone(),
            witness: witness.clone(),
            facts: facts.clone(),
        }),
        Arc::new(copies::Copies {
            folder: store.backups(),
        }),
    ]
}

/// When it is done. What was missed while Beadle did not run, the next time makes good.
pub(super) async fn schedule(store: &Store, now: Millis) -> Result<(), StoreError> {
    let idle = |kind| Job::new(kind, json!({})).priority(Priority::Idle);
    let all = [
        Schedule::new(idle(expire::KIND), "* * * * *").at_once(),
        Schedule::new(idle(copies::KIND), "17 * * * *"),
    ];
    store
        .write(move |tx| {
            for schedule in &all {
                tx.schedule(schedule, now)?;
            }
            Ok(())
        })
        .await
}
