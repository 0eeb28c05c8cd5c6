//! How fast calls may go, as pure arithmetic on the time that is passed in.
use std::collections::VecDeque;

use crate::base::clock::Millis;

/// A token bucket. A clock that jumps back costs nothing but the refill of that moment; one that jumps
/// forward fills the bucket once.
#[derive(Debug, Clone)]
pub struct Bucket {
    per_second: f64,
    capacity: f64,
    level: f64,
    at: Millis,
}

impl Bucket {
    /// A full bucket that refills at `per_second` and holds at most `capacity` calls.
    pub fn new(per_second: f64, capacity: f64, now: Millis) -> Self {
        Self {
            per_second,
            capacity: capacity.max(1.0),
            level: capacity.max(1.0),
            at: now,
        }
    }

    /// Calls a second.
    pub fn rate(&self) -> f64 {
        self.per_second
    }

    /// Sets the rate from `now` on.
    pub fn set_rate(&mut self, per_second: f64, now: Millis) {
        self.refill(now);
        self.per_second = per_second;
    }

    /// When the next call may go: `now` or later.
    pub fn ready_at(&mut self, now: Millis) -> Millis {
        self.refill(now);
        if self.level >= 1.0 {
            return now;
        }
        let wait = (1.0 - self.level) / self.per_second.max(0.001) * 1000.0;
        now.saturating_add((wait.ceil() as Millis).max(1))
    }

    /// Takes one call, whether or not it may go.
    pub fn take(&mut self, now: Millis) {
        self.refill(now);
        self.level -= 1.0;
    }

    /// Whether at least half of what it can hold is there.
    pub fn is_half_full(&mut self, now: Millis) -> bool {
        self.refill(now);
        self.level >= self.capacity / 2.0
    }

    /// Whether nothing has been taken that has not come back.
    pub fn is_full(&mut self, now: Millis) -> bool {
        self.refill(now);
        self.level >= self.capacity
    }

    fn refill(&mut self, now: Millis) {
        let passed = now.saturating_sub(self.at).max(0) as f64;
        self.at = now;
        self.level = (self.level + passed / 1000.0 * self.per_second).min(self.capacity);
    }
}

/// At most `most` calls in any stretch of `span`: stricter than a bucket, which lets twice as many
/// through in the first stretch.
#[derive(Debug, Clone)]
pub struct Window {
    most: usize,
    span: Millis,
    taken: VecDeque<Millis>,
}

impl Window {
    /// An empty window.
    pub fn new(most: usize, span: Millis) -> Self {
        Self {
            most: most.max(1),
            span,
            taken: VecDeque::new(),
        }
    }

    /// When the next call may go: `now` or later.
    pub fn ready_at(&mut self, now: Millis) -> Millis {
        self.forget(now);
        match self.taken.len().checked_sub(self.most) {
            Some(i) => self.taken[i].saturating_add(self.span),
            None => now,
        }
    }

    /// Notes one call.
    pub fn take(&mut self, now: Millis) {
        self.forget(now);
        self.taken.push_back(now);
    }

    /// Whether no call lies within the span.
    pub fn is_empty(&mut self, now: Millis) -> bool {
        self.forget(now);
        self.taken.is_empty()
    }

    fn forget(&mut self, now: Millis) {
        for at in &mut self.taken {
            // The clock was set back: what was called has been called by now.
            *at = (*at).min(now);
        }
        while let Some(&at) = self.taken.front() {
            if at.saturating_add(self.span) > now {
                break;
            }
            self.taken.pop_front();
        }
    }
}

/// A rate that is halved when the other side says "too many" and comes back by itself.
#[derive(Debug, Clone)]
pub struct Yielding {
    bucket: Bucket,
    full: f64,
    floor: f64,
    at: Millis,
    halved_at: Option<Millis>,
}

/// A rate is halved once for a burst of refusals, not once for each call of the burst.
const HALVING_REST: Millis = 1_000;
/// A halved rate gains this part of the full rate each second.
const RECOVERY: f64 = 0.02;

impl Yielding {
    /// Starts at `per_second`, never goes under a twentieth of it.
    pub fn new(per_second: f64, capacity: f64, now: Millis) -> Self {
        Self {
            bucket: Bucket::new(per_second, capacity, now),
            full: per_second,
            floor: per_second / 20.0,
            at: now,
            halved_at: None,
        }
    }

    /// Calls a second at this moment.
    pub fn rate(&self) -> f64 {
        self.bucket.rate()
    }

    /// The other side said "too many".
    pub fn halve(&mut self, now: Millis) {
        self.recover(now);
        let rested = self
            .halved_at
            .is_none_or(|at| now < at || now - at >= HALVING_REST);
        if rested {
            self.halved_at = Some(now);
            let rate = (self.bucket.rate() / 2.0).max(self.floor);
            self.bucket.set_rate(rate, now);
        }
    }

    /// See [`Bucket::ready_at`].
    pub fn ready_at(&mut self, now: Millis) -> Millis {
        self.recover(now);
        self.bucket.ready_at(now)
    }

    /// See [`Bucket::take`].
    pub fn take(&mut self, now: Millis) {
        self.recover(now);
        self.bucket.take(now);
    }

    fn recover(&mut self, now: Millis) {
        let passed = now.saturating_sub(self.at).max(0) as f64 / 1000.0;
        self.at = now;
        let rate = (self.bucket.rate() + passed * self.full * RECOVERY).min(self.full);
        self.bucket.set_rate(rate, now);
    }
}

/// How long to wait before trial number `attempt` (from 1): doubling from `first` to `cap`, and of that
/// between half and the whole, by `chance` in 0..1000.
pub fn back_off(attempt: u32, first: Millis, cap: Millis, chance: u64) -> Millis {
    let whole = first
        .saturating_mul(
            1_i64
                .checked_shl(attempt.saturating_sub(1).min(40))
                .unwrap_or(i64::MAX),
        )
        .clamp(1, cap.max(1));
    let half = whole / 2;
    half + (whole - half) * (chance.min(999) as i64 + 1) / 1000
}
