//! Caches that say how they fare: each holds at most so many bytes, and counts what it was asked.
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache as Moka;

use super::metrics::{CACHE_HITS, CACHE_MISSES};

/// What an entry takes beside its key and value, in bytes: an estimate of the table, the counts and the two lists of
/// `moka` 0.12, on the high side so that the limit holds.
const OVERHEAD: usize = 300;
/// Questions below which a share of hits says nothing.
const ENOUGH: u64 = 1_000;
/// The share of hits below which somebody should look.
pub const POOR: f64 = 0.7;

/// How long entries are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Since they were written.
    Written(Duration),
    /// Since they were written or asked for.
    Idle(Duration),
}

impl Life {
    /// The time.
    pub fn time(self) -> Duration {
        match self {
            Self::Written(time) | Self::Idle(time) => time,
        }
    }
}

/// How a cache fares.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CacheFigure {
    /// Its name, as in metrics.
    pub name: &'static str,
    /// Entries; lags a little.
    pub entries: u64,
    /// Bytes that they take, as estimated.
    pub bytes: u64,
    /// Bytes at most.
    pub room: u64,
    /// Questions it answered since the start.
    pub hits: u64,
    /// Questions it could not answer.
    pub misses: u64,
    /// Share of hits, when it was asked at all.
    pub hit_rate: Option<f64>,
    /// Seconds that entries are kept.
    pub ttl: u64,
    /// Whether the seconds begin anew when an entry is asked for.
    pub idle: bool,
}

impl CacheFigure {
    /// Whether it was asked often and answered less than [`POOR`] of that: an operator should know.
    pub fn is_poor(&self) -> bool {
        self.hits + self.misses >= ENOUGH && self.hit_rate.is_some_and(|rate| rate < POOR)
    }
}

/// A cache in memory. Cheap to clone; may drop anything at any time.
pub struct Cache<K, V> {
    name: &'static str,
    life: Life,
    room: u64,
    inner: Moka<K, V>,
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            ..*self
        }
    }
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// An empty cache of at most `room` bytes; `extra` gives the bytes that an entry keeps elsewhere than in `K`
    /// and `V` themselves. `name` is one of `metrics::CACHE_NAMES`.
    pub fn new(
        name: &'static str,
        life: Life,
        room: u64,
        extra: impl Fn(&K, &V) -> usize + Send + Sync + 'static,
    ) -> Self {
        let own = OVERHEAD + size_of::<K>() + size_of::<V>();
        let made = Moka::builder()
            .weigher(move |k, v| u32::try_from(own + extra(k, v)).unwrap_or(u32::MAX))
            .max_capacity(room);
        let inner = match life {
            Life::Written(time) => made.time_to_live(time),
            Life::Idle(time) => made.time_to_idle(time),
        };
        Self {
            name,
            life,
            room,
            inner: inner.build(),
        }
    }

    /// What is kept under `key`; the question is counted.
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.inner.get(key);
        self.count(1, usize::from(found.is_none()));
        found
    }

    /// The same without counting.
    pub fn peek(&self, key: &K) -> Option<V> {
        self.inner.get(key)
    }

    /// Counts questions asked by [`Cache::peek`], and how many of them were not answered.
    pub fn count(&self, asked: usize, missed: usize) {
        CACHE_HITS.add_for(self.name, asked.saturating_sub(missed));
        CACHE_MISSES.add_for(self.name, missed);
    }

    /// Keeps a value.
    pub fn insert(&self, key: K, value: V) {
        self.inner.insert(key, value);
    }

    /// Keeps what `choose` makes of the value that is there; nobody else changes it meanwhile.
    pub fn upsert(&self, key: K, choose: impl FnOnce(Option<V>) -> V) {
        self.inner
            .entry(key)
            .and_upsert_with(|old| choose(old.map(|old| old.into_value())));
    }

    /// Whether something is kept under `key`.
    pub fn contains(&self, key: &K) -> bool {
        self.inner.contains_key(key)
    }

    /// Forgets one value.
    pub fn forget(&self, key: &K) {
        self.inner.invalidate(key);
    }

    /// Forgets all.
    pub fn forget_all(&self) {
        self.inner.invalidate_all();
    }

    /// How it fares.
    pub fn figure(&self) -> CacheFigure {
        self.inner.run_pending_tasks();
        let (hits, misses) = (CACHE_HITS.get(self.name), CACHE_MISSES.get(self.name));
        let asked = hits + misses;
        CacheFigure {
            name: self.name,
            entries: self.inner.entry_count(),
            bytes: self.inner.weighted_size(),
            room: self.room,
            hits,
            misses,
            hit_rate: (asked > 0).then(|| hits as f64 / asked as f64),
            ttl: self.life.time().as_secs(),
            idle: matches!(self.life, Life::Idle(_)),
        }
    }
}

/// Asks one cache.
type Asked = Box<dyn Fn() -> CacheFigure + Send + Sync>;

/// All caches of an appliance. Cheap to clone.
#[derive(Clone, Default)]
pub struct Caches(Arc<RwLock<Vec<Asked>>>);

impl Caches {
    /// Adds a cache.
    pub fn add<K, V>(&self, cache: &Cache<K, V>)
    where
        K: Hash + Eq + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        let cache = cache.clone();
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(move || cache.figure()));
    }

    /// How they fare, in the order in which they were added.
    pub fn figures(&self) -> Vec<CacheFigure> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|figure| figure()).collect()
    }
}
