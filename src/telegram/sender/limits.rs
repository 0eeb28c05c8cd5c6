//! The limits calls are kept within, with Telegram's documented ones and our margins as defaults.
use crate::base::clock::Millis;

/// Rates and bounds. The defaults keep under what Telegram documents and the requirements set.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Messages in any second, all chats together; Telegram documents about 30.
    pub messages_per_second: u32,
    /// Messages in any minute in one group or channel; Telegram documents 20.
    pub group_per_minute: u32,
    /// Messages that may follow each other at once in a group or channel; then 1 a second.
    pub group_burst: u32,
    /// The same for a private chat.
    pub private_burst: u32,
    /// Acts a second to begin with; halved when Telegram says "too many", and coming back.
    pub acts_per_second: f64,
    /// Questions a second.
    pub questions_per_second: f64,
    /// Calls a second in the lane for bulk, of whatever kind.
    pub bulk_per_second: f64,
    /// Longest pause of a whole budget after a 429, so that a wait of hours that one kind of call earned does not
    /// stop moderation: after it one more 429 is risked.
    pub longest_pause: Millis,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages_per_second: 25,
            group_per_minute: 20,
            group_burst: 1,
            private_burst: 3,
            acts_per_second: 100.0,
            questions_per_second: 50.0,
            bulk_per_second: 5.0,
            longest_pause: 60_000,
        }
    }
}
