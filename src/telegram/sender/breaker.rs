//! A circuit breaker for the whole Bot API: when nothing comes back, nothing is sent but a probe.
use crate::base::clock::Millis;

/// Where the breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls flow.
    Closed,
    /// All calls wait.
    Open,
    /// One probe is on its way; all other calls wait.
    HalfOpen,
}

/// Opens after so many failures in a row; a probe that succeeds closes it, one that fails makes it wait
/// twice as long.
#[derive(Debug, Clone)]
pub struct Breaker {
    threshold: u32,
    first_wait: Millis,
    longest_wait: Millis,
    failures: u32,
    wait: Millis,
    until: Millis,
    state: BreakerState,
}

impl Breaker {
    /// Closed; opens after `threshold` failures in a row, waits `first_wait` doubling to `longest_wait`.
    pub fn new(threshold: u32, first_wait: Millis, longest_wait: Millis) -> Self {
        Self {
            threshold: threshold.max(1),
            first_wait,
            longest_wait,
            failures: 0,
            wait: first_wait,
            until: 0,
            state: BreakerState::Closed,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Failures since the last answer.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Telegram answered, be it with a refusal.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.wait = self.first_wait;
        self.state = BreakerState::Closed;
    }

    /// No answer, or a server error.
    pub fn failed(&mut self, now: Millis) {
        self.failures = self.failures.saturating_add(1);
        match self.state {
            BreakerState::Closed if self.failures >= self.threshold => self.open(now),
            // Only the probe decides while it is on its way; late failures of older calls do not.
            BreakerState::Closed | BreakerState::Open | BreakerState::HalfOpen => {}
        }
    }

    /// When a probe may go; None unless open.
    pub fn probe_at(&self) -> Option<Millis> {
        (self.state == BreakerState::Open).then_some(self.until)
    }

    /// Whether a probe should go now; if so, it is on its way.
    pub fn begin_probe(&mut self, now: Millis) -> bool {
        // A clock set back must not keep it open for longer than it would ever wait.
        let due = now >= self.until || self.until.saturating_sub(now) > self.longest_wait;
        if self.state == BreakerState::Open && due {
            self.state = BreakerState::HalfOpen;
            return true;
        }
        false
    }

    /// The probe brought no answer.
    pub fn probe_failed(&mut self, now: Millis) {
        if self.state == BreakerState::HalfOpen {
            self.failures = self.failures.saturating_add(1);
            self.wait = self.wait.saturating_mul(2).min(self.longest_wait);
            self.open(now);
        }
    }

    fn open(&mut self, now: Millis) {
        self.state = BreakerState::Open;
        self.until = now.saturating_add(self.wait);
    }
}
