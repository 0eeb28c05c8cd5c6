//! How far Telegram's clock is ahead of this machine's: measured by fresh updates, corrected when this machine's
//! clock is set.
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::arbiter;
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Clocks that differ by less are taken for the same.
const CLOCKS_DIFFER: Millis = 2_000;
/// Clocks do not differ by so much: what says so is damaged.
const CLOCK_NONSENSE: Millis = 7 * 86_400_000;

/// A difference, and when it held by both of this machine's clocks.
#[derive(Debug, Clone, Copy)]
pub struct ClockNews {
    ahead: Millis,
    wall: Millis,
    steady: Instant,
}

impl ClockNews {
    /// Keeps it, in the transaction.
    pub fn write(self, tx: &Tx<'_>) -> Result<(), StoreError> {
        arbiter::put_ahead(tx, self.ahead)
    }
}

/// What is on disk of the difference.
#[derive(Default)]
pub(super) struct Clocks(Mutex<Option<ClockNews>>);

impl Clocks {
    /// The difference, when it is news; `date` is when Telegram says that something fresh was sent, in seconds.
    /// Updates may be old, so that only a clock that is ahead can be seen by them.
    pub(super) fn look(&self, date: Option<i64>, now: Millis) -> Option<ClockNews> {
        let steady = Instant::now();
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known.map_or(0, |k| k.ahead);
        let passed = known.map_or(0, |k| {
            i64::try_from(steady.saturating_duration_since(k.steady).as_millis()).unwrap_or(0)
        });
        let today = known.map_or(0, |k| followed(k.ahead, now - k.wall, passed));
        let shown = date.map_or(0, |date| date.saturating_mul(1_000).saturating_sub(now));
        let ahead = if (today + CLOCKS_DIFFER..CLOCK_NONSENSE).contains(&shown) {
            tracing::warn!(
                seconds = shown / 1_000,
                "this machine's clock is behind Telegram's: set it, or timed restrictions last longer than meant"
            );
            shown
        } else {
            today
        };
        (ahead != kept).then_some(ClockNews {
            ahead,
            wall: now,
            steady,
        })
    }

    /// `news` is on disk.
    pub(super) fn kept(&self, news: ClockNews) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(news);
    }
}

/// What is left of a difference after `wall` has passed by the clock that people set, and `steady` by the one
/// that nobody does: set forward, this machine has come nearer. Set back, the next update shows it. Pure.
fn followed(ahead: Millis, wall: Millis, steady: Millis) -> Millis {
    let jump = wall - steady;
    if jump < CLOCKS_DIFFER {
        return ahead;
    }
    let left = ahead - jump;
    if left < CLOCKS_DIFFER { 0 } else { left }
}
