//! Numbers for Prometheus: counters and histograms that rooms count up, and values asked at the scrape.
//!
//! A process serves one bot, so they are the process's own. Labels are declared with all their values:
//! what is none of them counts as `other`, so no chat, person or word can become a series.
mod page;
mod table;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use page::{Kind, Page};
pub use table::*;

/// Values of one label, at most; one more cell holds `other`.
pub(super) const VALUES: usize = 15;
/// Bounds of a histogram, at most; one more cell holds what is above all of them.
pub(super) const BOUNDS: usize = 15;
/// What is counted under none of the declared values.
pub(super) const OTHER: &str = "other";

/// A label and all its values; both empty for a metric without one.
#[derive(Debug, Clone, Copy)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
}

/// No label.
pub const PLAIN: Label = Label {
    name: "",
    values: &[],
};

impl Label {
    fn place(&self, value: &str) -> usize {
        let known = self.values.iter().position(|v| *v == value);
        known.unwrap_or(self.values.len()).min(VALUES)
    }

    /// The value in a place; None where nothing was declared.
    fn value(&self, place: usize) -> &'static str {
        self.values.get(place).copied().unwrap_or(OTHER)
    }
}

/// Counts what happened.
#[derive(Debug)]
pub struct Counter {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) label: Label,
    cells: [AtomicU64; VALUES + 1],
}

impl Counter {
    /// A counter at zero.
    pub(super) const fn new(name: &'static str, help: &'static str, label: Label) -> Self {
        Self {
            name,
            help,
            label,
            cells: [const { AtomicU64::new(0) }; VALUES + 1],
        }
    }

    /// Adds `n`, for a counter without a label.
    pub fn add(&self, n: usize) {
        self.add_for("", n);
    }

    /// Adds one under `value` of its label.
    pub fn inc(&self, value: &str) {
        self.add_for(value, 1);
    }

    /// Adds `n` under `value` of its label.
    pub fn add_for(&self, value: &str, n: usize) {
        self.cells[self.label.place(value)].fetch_add(n as u64, Ordering::Relaxed);
    }

    /// How much was counted under `value`.
    pub fn get(&self, value: &str) -> u64 {
        self.cells[self.label.place(value)].load(Ordering::Relaxed)
    }

    fn write(&self, page: &mut Page) {
        page.begin(self.name, self.help, Kind::Counter);
        for (place, cell) in self.cells.iter().enumerate() {
            let n = cell.load(Ordering::Relaxed);
            let declared = place < self.label.values.len();
            if self.label.name.is_empty() {
                if place == 0 {
                    page.value(&[], n as f64);
                }
            } else if declared || n > 0 {
                page.value(&[(self.label.name, self.label.value(place))], n as f64);
            }
        }
    }
}

/// Counts how long something took, or how large it was, in ranges.
#[derive(Debug)]
pub struct Histogram {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    bounds: &'static [f64],
    cells: [AtomicU64; BOUNDS + 1],
    /// In millionths.
    sum: AtomicU64,
}

impl Histogram {
    /// A histogram with upper bounds in growing order, at most [`BOUNDS`].
    pub(super) const fn new(
        name: &'static str,
        help: &'static str,
        bounds: &'static [f64],
    ) -> Self {
        Self {
            name,
            help,
            bounds,
            cells: [const { AtomicU64::new(0) }; BOUNDS + 1],
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a duration, in seconds.
    pub fn took(&self, time: Duration) {
        self.record(time.as_secs_f64());
    }

    /// Counts a value; negative ones and what is no number count as 0.
    pub fn record(&self, value: f64) {
        let value = if value.is_finite() {
            value.max(0.0)
        } else {
            0.0
        };
        let place = self.bounds.iter().take(BOUNDS).position(|b| value <= *b);
        let place = place.unwrap_or(self.bounds.len().min(BOUNDS));
        self.cells[place].fetch_add(1, Ordering::Relaxed);
        // The value is no NaN and no longer below 0; what is too large saturates.
        self.sum.fetch_add((value * 1e6) as u64, Ordering::Relaxed);
    }

    /// How many values fell into each range; the last is what is above all bounds.
    pub fn cells(&self) -> Vec<u64> {
        let cells = self.cells.iter().take(self.bounds.len() + 1);
        cells.map(|c| c.load(Ordering::Relaxed)).collect()
    }

    /// Upper bounds of the ranges but the last.
    pub fn bounds(&self) -> &'static [f64] {
        self.bounds
    }

    /// How many values were counted.
    pub fn count(&self) -> u64 {
        self.cells.iter().map(|c| c.load(Ordering::Relaxed)).sum()
    }

    fn write(&self, page: &mut Page) {
        page.begin(self.name, self.help, Kind::Histogram);
        let mut below = 0;
        for (bound, cell) in self.bounds.iter().zip(&self.cells) {
            below += cell.load(Ordering::Relaxed);
            page.part("_bucket", &[("le", &page::number(*bound))], below as f64);
        }
        below += self.cells[self.bounds.len().min(BOUNDS)].load(Ordering::Relaxed);
        page.part("_bucket", &[("le", "+Inf")], below as f64);
        page.part("_sum", &[], self.sum.load(Ordering::Relaxed) as f64 / 1e6);
        page.part("_count", &[], below as f64);
    }
}

/// Something that the table lists.
pub(super) trait Counted: Sync {
    fn write(&self, page: &mut Page);
}

impl Counted for Counter {
    fn write(&self, page: &mut Page) {
        Counter::write(self, page);
    }
}

impl Counted for Histogram {
    fn write(&self, page: &mut Page) {
        Histogram::write(self, page);
    }
}

/// Everything that rooms count up, written on a page.
pub fn write(page: &mut Page) {
    for counted in table::ALL {
        counted.write(page);
    }
}
