//! Deletes what has been kept long enough, a little at a time, and gives the room back.
use std::sync::atomic::Ordering;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::base::clock::Millis;
use crate::community::expire_words;
use crate::observe::Vitals;
use crate::queue::{self, Done, Trouble, Work, Worker};
use crate::store::{StoreError, Tx, meta};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

pub(super) const KIND: &str = "ground.expire";

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
/// Raw updates after they were handled.
const RAW: Millis = 48 * HOUR;
/// The same when the disk is nearly full: as long as Telegram may send one again that it was not told of,
/// because Beadle ended in between. What is forgotten sooner would be handled twice.
const RAW_LOW: Millis = 600_000;
/// Dead letters of the inbox and of the job queue.
const DEAD: Millis = 14 * DAY;
/// Calls to Telegram after they were settled: they hold words and names.
const CALLS: Millis = 48 * HOUR;
/// Words of messages that stayed.
const WORDS: Millis = 30 * DAY;
/// Words of messages that were removed, for undo and appeal.
const REMOVED: Millis = 7 * DAY;
/// Jobs after they were done or cancelled, so that somebody can still ask what became of them.
const JOBS: Millis = DAY;
/// Rows in one go, so that nobody waits behind it.
const ROWS: i64 = 500;
/// Free pages given back in one go.
const PAGES: u32 = 500;

/// The worker.
pub(super) struct Expire {
    pub(super) vitals: Vitals,
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
                let (now, low) = (work.now(), self.vitals.low_disk().load(Ordering::Relaxed));
                portion = work
                    .save(json!(gone), move |tx| sweep(tx, now, low))
                    .await?;
                gone += portion as u64;
            }
            Ok(Done::with(|tx| meta::shrink(tx, PAGES)).note(format!("{gone} rows went")))
        })
    }
}

/// Deletes one portion; gives how many rows went. With `low`, handled updates go sooner.
fn sweep(tx: &mut Tx<'_>, now: Millis, low: bool) -> Result<usize, StoreError> {
    let raw = now - if low { RAW_LOW } else { RAW };
    let mut gone = inbox::purge(tx, raw, now - DEAD, ROWS)?;
    gone += outbox::purge(tx, now - CALLS, 500)?;
    gone += expire_words(tx, now - WORDS, now - REMOVED, ROWS)?;
    gone += queue::store::discard(tx, now - JOBS, now - DEAD, ROWS)?;
    Ok(gone)
}
