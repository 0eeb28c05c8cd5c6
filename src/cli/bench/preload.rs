//! A database that has seen many messages, filled through the intake's own tables.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::feed::Feed;
use super::intake::settings;
use crate::app::{App, Ground};
use crate::base::clock::{Clock as _, Millis, ShiftedClock};
use crate::telegram::intake::RawUpdate;
use crate::telegram::simulator::{SimOptions, Simulator};

/// Larger than the measured runs use: only the result counts here.
const BATCH: usize = 500;
const UNDER_WAY: usize = 10_000;
/// Between two messages of that life: a million of them fill the 30 days that words are kept.
const APART: Millis = 2_592;

/// Handles `n` messages of a past that ends now, so that all rows are what a real life would have left.
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
    let clock = Arc::new(ShiftedClock::default());
    clock.shift(-i64::try_from(n)?.saturating_mul(APART));
    ground.clock = clock.clone();
    ground.decided = Some(Arc::new(move |ids: &[i64]| {
        counted.fetch_add(ids.len(), Ordering::Relaxed);
    }));
    let app = App::start(settings, ground).await?;
    let mut feed = Feed::new(7, 1, &sim);
    let mut sent = 0_usize;
    while sent < n {
        // Decisions may be counted before the call that let the updates in has returned.
        while sent.saturating_sub(done.load(Ordering::Relaxed)) > UNDER_WAY {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let now = clock.now();
        let size = BATCH.min(n - sent);
        clock.shift(i64::try_from(size)?.saturating_mul(APART));
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
