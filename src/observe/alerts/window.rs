//! How much was counted within the last minutes, from counters that only grow. Pure.
use std::collections::VecDeque;

use crate::base::clock::Millis;

/// Counters at one moment.
pub type Counts = Vec<u64>;

/// Counters of the last `span` milliseconds.
#[derive(Debug)]
pub struct Window {
    span: Millis,
    seen: VecDeque<(Millis, Counts)>,
}

impl Window {
    /// A window of so many milliseconds.
    pub fn new(span: Millis) -> Self {
        Self {
            span,
            seen: VecDeque::new(),
        }
    }

    /// Takes in the counters as they are `now`; gives by how much each grew within the window, and how much of the
    /// window was seen, in milliseconds.
    pub fn grew(&mut self, now: Millis, counts: Counts) -> (Counts, Millis) {
        // A clock that was set back: what comes later is not known.
        self.seen.retain(|(at, _)| *at <= now);
        // The last one from before the window is where counting begins.
        while self.seen.len() > 1 && self.seen[1].0 <= now - self.span {
            self.seen.pop_front();
        }
        let (grown, seen) = match self.seen.front() {
            Some((at, base)) => {
                let grown = counts.iter().zip(base).map(|(n, b)| n.saturating_sub(*b));
                (grown.collect(), now - at)
            }
            None => (vec![0; counts.len()], 0),
        };
        self.seen.push_back((now, counts));
        (grown, seen)
    }
}

/// A quantile of what fell into ranges.
#[derive(Debug, Clone, Copy)]
pub struct Quantile<'a> {
    /// Upper bounds of the ranges but the last, which has none.
    pub bounds: &'a [f64],
    /// At least so many values, else nothing can be said.
    pub least: u64,
}

impl Quantile<'_> {
    /// The value below which the part `q` (0 to 1) of all lies, spread evenly within its range, as Prometheus's
    /// `histogram_quantile`; above all bounds it is the last one.
    pub fn of(&self, q: f64, cells: &[u64]) -> Option<f64> {
        let all: u64 = cells.iter().sum();
        if all < self.least.max(1) {
            return None;
        }
        let rank = q * all as f64;
        let mut below = 0.0;
        let mut lower = 0.0;
        for (n, bound) in cells.iter().zip(self.bounds) {
            let n = *n as f64;
            if n > 0.0 && below + n >= rank {
                return Some(lower + (bound - lower) * (rank - below) / n);
            }
            below += n;
            lower = *bound;
        }
        self.bounds.last().copied()
    }
}
