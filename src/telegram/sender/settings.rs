//! How patient and how busy the sender is.
use std::time::Duration;

use super::limits::Limits;
use crate::base::clock::Millis;

/// Settings of the sender. The defaults are those of a running bot; tests shorten the times.
#[derive(Debug, Clone)]
pub struct SenderSettings {
    /// Rates.
    pub limits: Limits,
    /// Calls under way at once, not counting those that take longer than `slow_after`.
    pub calls: usize,
    /// A call that takes longer gives its slot back: the library sleeps in it after a 5xx.
    pub slow_after: Duration,
    /// A row is given up when it is older than this and still fails.
    pub max_age: Millis,
    /// Times a row is changed and sent again after Telegram refused it.
    pub max_retries: u8,
    /// Wait after the first failure; doubled for each further one.
    pub retry_first: Millis,
    /// Longest wait between two trials.
    pub retry_cap: Millis,
    /// Failures in a row, over all chats, that stop all calls but a probe.
    pub breaker_threshold: u32,
    /// First wait of the breaker; doubled for each probe that fails.
    pub breaker_first: Millis,
    /// Longest wait of the breaker.
    pub breaker_cap: Millis,
    /// How long a stop waits for calls under way. Unrepeatable ones that take longer become unknown at
    /// the next start.
    pub grace: Duration,
    /// Longest sleep of the sender, so that a clock that was set is noticed.
    pub tick: Duration,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            calls: 200,
            slow_after: Duration::from_secs(2),
            max_age: 24 * 3_600_000,
            max_retries: 3,
            retry_first: 1_000,
            retry_cap: 300_000,
            breaker_threshold: 5,
            breaker_first: 1_000,
            breaker_cap: 60_000,
            grace: Duration::from_secs(12),
            tick: Duration::from_secs(1),
        }
    }
}
