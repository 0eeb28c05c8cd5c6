//! Measures what the rules look at.
use std::sync::atomic::Ordering;

use super::Alerts;
use crate::base::clock::Millis;
use crate::observe::alerts::{Database, Quantile, Signs, Window};
use crate::observe::metrics::{CACHE_HITS, CACHE_MISSES, CACHE_NAMES, QUERY_SECONDS};
use crate::queue::store as jobs;
use crate::telegram::intake::inbox;

const MINUTE: Millis = 60_000;
/// Dead letters and failed jobs count as news for so long.
const LATELY: Millis = 60 * MINUTE;
/// Reads of which 95 of 100 say something.
const LEAST_READS: u64 = 20;
/// Questions to a cache that say something about it.
const LEAST_QUESTIONS: u64 = 200;
/// A cache is cold after a start: it is judged when so much of its window was seen.
const WARM: Millis = 25 * MINUTE;

/// Counters as they were, for what grew within the last minutes.
pub(super) struct Meter {
    waits: Window,
    reads: Window,
    caches: Window,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            waits: Window::new(MINUTE),
            reads: Window::new(5 * MINUTE),
            caches: Window::new(30 * MINUTE),
        }
    }
}

impl Meter {
    pub(super) async fn signs(&mut self, of: &Alerts, now: Millis) -> Signs {
        let database = of.vitals.database();
        let (waits, _) = self.waits.grew(now, vec![of.sender.status().totals.floods]);
        let (reads, _) = self.reads.grew(now, QUERY_SECONDS.cells());
        let quantile = Quantile {
            bounds: QUERY_SECONDS.bounds(),
            least: LEAST_READS,
        };
        let failed = if matches!(database, Database::Fine | Database::Unknown) {
            let since = now - LATELY;
            let read = of.store.read(move |conn| {
                let dead = inbox::dead_since(conn, since)?;
                Ok((dead, jobs::dead_since(conn, since)?))
            });
            read.await.ok()
        } else {
            None
        };
        let health = of.vitals.health();
        Signs {
            waits: waits.first().map(|n| *n as f64),
            read_p95: quantile.of(0.95, &reads).map(|seconds| seconds * 1e3),
            database,
            disk_low: of.vitals.low_disk().load(Ordering::Relaxed),
            dead_letters: failed.as_ref().map(|(dead, _)| *dead),
            failed_jobs: failed.map(|(_, jobs)| jobs),
            jobs_stuck: database == Database::Fine
                && health.components.iter().any(|c| c.name == "jobs" && !c.ok),
            cache_hits: self.worst_cache(now),
        }
    }

    fn worst_cache(&mut self, now: Millis) -> Option<(f64, &'static str)> {
        let counts = CACHE_NAMES
            .iter()
            .flat_map(|name| [CACHE_HITS.get(name), CACHE_MISSES.get(name)])
            .collect();
        let (grown, seen) = self.caches.grew(now, counts);
        if seen < WARM {
            return None;
        }
        let rates = CACHE_NAMES.iter().zip(grown.chunks_exact(2));
        rates
            .filter(|(_, n)| n[0] + n[1] >= LEAST_QUESTIONS)
            .map(|(name, n)| (100.0 * n[0] as f64 / (n[0] + n[1]) as f64, *name))
            .min_by(|a, b| a.0.total_cmp(&b.0))
    }
}
