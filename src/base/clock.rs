//! Time, injected: milliseconds since 1970 UTC, from the system or from a test.
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970-01-01 UTC: the one unit of time in the database and in decisions.
pub type Millis = i64;

/// A source of wall-clock time.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01 UTC. May jump, in both directions.
    fn now(&self) -> Millis;
}

/// A clock that rooms share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one home of the system clock"
    )]
    fn now(&self) -> Millis {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The machine's clock, shifted: for tests of clocks that jump or are wrong.
#[derive(Debug, Default)]
pub struct ShiftedClock {
    offset: AtomicI64,
}

impl ShiftedClock {
    /// Moves the clock by `millis`, forwards or back.
    pub fn shift(&self, millis: i64) {
        self.offset.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Millis {
        SystemClock.now() + self.offset.load(Ordering::Relaxed)
    }
}

/// A length of time as people type it, in milliseconds: `90s`, `30m`, `12h`, `7d`. The error is for people.
pub fn span(text: &str) -> Result<Millis, String> {
    let form = || {
        let shown: String = text.chars().take(40).collect();
        format!("`{shown}` is not a length of time like 30m, 12h or 7d")
    };
    let (end, last) = text.char_indices().next_back().ok_or_else(form)?;
    let unit = match last {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return Err(form()),
    };
    let number: u32 = text[..end].trim_end().parse().map_err(|_| form())?;
    Ok(Millis::from(number) * unit)
}
