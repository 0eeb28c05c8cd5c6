//! Deletes what has been kept long enough, a little at a time, and notes how the process ended.
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;

use crate::base::clock::{Millis, SharedClock};
use crate::community::expire_words;
use crate::observe::Vitals;
use crate::store::{Store, StoreError, meta};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
/// Raw updates after they were handled.
const RAW: Millis = 48 * HOUR;
/// The same when the disk is nearly full: as long as Telegram may send one again that it was not told of,
/// because Beadle ended in between. What is forgotten sooner would be handled twice.
const RAW_LOW: Millis = 600_000;
/// Dead letters.
const DEAD: Millis = 14 * DAY;
/// Calls to Telegram after they were settled: they hold words and names.
const CALLS: Millis = 48 * HOUR;
/// Words of messages that stayed.
const WORDS: Millis = 30 * DAY;
/// Words of messages that were removed, for undo and appeal.
const REMOVED: Millis = 7 * DAY;
/// Rows in one go, so that nobody waits behind it.
const ROWS: i64 = 500;
const EVERY: Duration = Duration::from_secs(60);
/// A process that has run this long did not crash at start.
const SETTLED: Duration = Duration::from_secs(600);

const KEY: &str = "unclean_ends";

/// Notes that a process began; gives how many before it ended without saying so, in a row.
pub(super) async fn began(store: &Store) -> Result<i64, StoreError> {
    store
        .write(|tx| {
            let crashes = meta::number(tx, KEY)?;
            meta::put_number(tx, KEY, crashes + 1)?;
            Ok(crashes)
        })
        .await
}

/// Notes a clean end.
pub(super) async fn ended(store: &Store) {
    if let Err(e) = store.write(|tx| meta::put_number(tx, KEY, 0)).await {
        tracing::warn!(error = %e, "the clean end could not be noted");
    }
}

pub(super) async fn run(
    store: Store,
    clock: SharedClock,
    vitals: Vitals,
    mut stop: watch::Receiver<bool>,
) {
    let began = std::time::Instant::now();
    let mut settled = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
        if !settled && began.elapsed() > SETTLED {
            settled = true;
            if let Err(e) = store.write(|tx| meta::put_number(tx, KEY, 1)).await {
                tracing::warn!(error = %e, "the long run could not be noted");
            }
        }
        let low = vitals.low_disk().load(Ordering::Relaxed);
        if let Err(e) = sweep(&store, clock.now(), low, &stop).await {
            tracing::warn!(error = %e, "what has expired could not be deleted yet");
        }
    }
}

/// Deletes until nothing is left to delete. With `low`, handled updates go sooner.
async fn sweep(
    store: &Store,
    now: Millis,
    low: bool,
    stop: &watch::Receiver<bool>,
) -> Result<(), StoreError> {
    while !*stop.borrow() {
        let gone = store
            .write_bulk(move |tx| {
                let raw = now - if low { RAW_LOW } else { RAW };
                let mut gone = inbox::purge(tx, raw, now - DEAD, ROWS)?;
                gone += outbox::purge(tx, now - CALLS, 500)?;
                gone += expire_words(tx, now - WORDS, now - REMOVED, ROWS)?;
                Ok(gone)
            })
            .await?;
        if gone == 0 {
            break;
        }
    }
    store.write_bulk(|tx| meta::shrink(tx, 500)).await
}
