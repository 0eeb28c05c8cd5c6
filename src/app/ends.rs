//! How the process ended, noted for the next one: unclean ends in a row make it careful.
use std::time::Duration;

use tokio::sync::watch;

use crate::store::{Store, StoreError, meta};

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

/// Notes, once it is so, that this process has run for long: what ends it now is no crash at start.
pub(super) async fn settled(store: Store, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(SETTLED) => {}
        _ = stop.changed() => return,
    }
    if let Err(e) = store.write(|tx| meta::put_number(tx, KEY, 1)).await {
        tracing::warn!(error = %e, "the long run could not be noted");
    }
}
