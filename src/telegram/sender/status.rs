//! What the sender tells health, metrics and other rooms about itself.
use super::breaker::BreakerState;
use super::classify::Refusal;
use super::outbox::OutboxId;
use super::place::LANES;
use crate::base::clock::Millis;

/// A snapshot of the sender.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Status {
    /// The loop has ended: nothing leaves any more. Before its first round it has not.
    pub ended: bool,
    /// Rows in memory that wait, by lane; the table may hold more.
    pub waiting: [usize; LANES],
    /// When the oldest row in memory was written; at most a second old.
    pub oldest: Option<Millis>,
    /// Calls under way.
    pub calls: usize,
    /// Calls under way for longer than two seconds or so.
    pub slow_calls: usize,
    /// The breaker over the whole Bot API.
    pub breaker: BreakerState,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure of the network or the server.
    pub last_failure: Option<String>,
    /// Acts a second at this moment.
    pub acts_per_second: f64,
    /// Until when acts, messages and questions are paused as a whole; 0 or past is not.
    pub paused_until: [Millis; 3],
    /// Counters since the start.
    pub totals: Totals,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            ended: false,
            waiting: [0; LANES],
            oldest: None,
            calls: 0,
            slow_calls: 0,
            breaker: BreakerState::Closed,
            failures: 0,
            last_failure: None,
            acts_per_second: 0.0,
            paused_until: [0; 3],
            totals: Totals::default(),
        }
    }
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Rows carried out.
    pub done: u64,
    /// Rows refused or given up.
    pub failed: u64,
    /// Rows whose answer was lost.
    pub unknown: u64,
    /// Rows past their deadline.
    pub expired: u64,
    /// Answers "too many requests".
    pub floods: u64,
    /// Calls tried again, for whatever reason.
    pub retries: u64,
}

/// News from Telegram's answers that other rooms act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A group has become a supergroup; the outbox is re-addressed already.
    Migrated {
        /// The group's old id.
        from: i64,
        /// The supergroup.
        to: i64,
    },
    /// A chat is closed to the bot: blocked, kicked, deleted, deactivated, not found.
    ChatLost {
        /// Which.
        chat: i64,
        /// Telegram's words.
        text: String,
    },
    /// The bot may not delete messages in a group.
    NoRight {
        /// Which.
        chat: i64,
        /// Telegram's words.
        text: String,
    },
    /// Telegram refused to restrict, ban or free somebody, or to change what members may do.
    Refused {
        /// The call's row.
        outbox: OutboxId,
        /// Where.
        chat: i64,
        /// Why.
        refusal: Refusal,
        /// Telegram's words.
        text: String,
    },
}
