//! A database that has seen many messages, filled through the intake's own tables.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::feed::Feed;
use super::intake::settings;
use crate::app::{App, Ground};
use crate::base::clock::{Clock as _, SystemClock};
use crate::telegram::intake::RawUpdate;
use crate::telegram::simulator::{SimOptions, Simulator};

/// Larger than the measured runs use: only the result counts here.
const BATCH: usize = 500;
const UNDER_WAY: usize = 10_000;

/// Handles `n` messages, so that all rows are what a real life would have left.
pub(super) async fn fill(dir: &Path, n: usize) -> anyhow::Result<()> {
    let sim = Simulator::start(SimOptions {
        check_answers: false,
        keep_calls: 0,
        ..SimOptions::default()
    })?;
    let settings = settings(dir, &sim)?;
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let mut ground = Ground::real(&settings);
    ground.fetch = false;
    ground.decided = Some(Arc::new(move |ids: &[i64]| {
        counted.fetch_add(ids.len(), Ordering::Relaxed);
    }));
    let app = App::start(settings, ground).await?;
    let mut feed = Feed::new(7, 1, &sim);
    let mut sent = 0;
    while sent < n {
        while sent - done.load(Ordering::Relaxed) > UNDER_WAY {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let now = SystemClock.now();
        let size = BATCH.min(n - sent);
        let batch = (0..size)
            .map(|_| RawUpdate::parse(feed.next(now).1))
            .collect::<Result<Vec<_>, _>>()?;
        sent += app.intake.accept(batch).await?.fresh;
    }
    debug_assert_eq!(usize::try_from(feed.made()), Ok(n));
    while done.load(Ordering::Relaxed) < sent {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    app.stop().await;
    sim.stop();
    Ok(())
}
