//! How long a failed job waits for its next trial: pure, with chance given.
use crate::base::clock::Millis;
use crate::base::random::Random;

/// The first pause, in milliseconds.
const FIRST: Millis = 1_000;
/// The longest pause, in milliseconds: an hour.
pub const LONGEST: Millis = 3_600_000;

/// The pause after the `attempt`-th failure (from 1), in milliseconds: 1 s, doubled each time up to an
/// hour, of which a half is left to chance ("equal jitter": M. Brooker, Exponential Backoff And Jitter,
/// 2015), so that what failed together does not come back together.
pub fn pause(attempt: u32, random: &dyn Random) -> Millis {
    let doublings = attempt.saturating_sub(1).min(31);
    let whole = FIRST.saturating_mul(1_i64 << doublings).min(LONGEST);
    let half = whole / 2;
    let chance = random.below(half.unsigned_abs() + 1);
    half + Millis::try_from(chance).unwrap_or(0)
}
