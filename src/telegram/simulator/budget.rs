//! Telegram's limits on messages, when a test asks for them.
use std::collections::VecDeque;

use super::errors::ApiError;
use super::world::World;

/// How many messages are let through. The numbers are those of Telegram's FAQ for bots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages a minute in one group or channel.
    pub group_minute: usize,
    /// Messages a second in one chat.
    pub chat_second: usize,
    /// Messages a second in all chats.
    pub overall_second: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            group_minute: 20,
            chat_second: 1,
            overall_second: 30,
        }
    }
}

/// Milliseconds until a window of `span` with `most` moments has room again; 0: now.
fn wait(moments: &VecDeque<i64>, most: usize, span: i64, now: i64) -> i64 {
    let inside = moments.iter().filter(|at| now - **at < span).count();
    if inside < most {
        return 0;
    }
    let first = moments.len() - most.max(1);
    moments.get(first).map_or(span, |at| at + span - now)
}

impl World {
    /// Counts `messages` into a chat, or refuses with 429.
    pub(crate) fn spend(&mut self, chat: i64, messages: usize) -> Result<(), ApiError> {
        let Some(limits) = self.options.limits else {
            return Ok(());
        };
        let now = self.now();
        let here = self.sent_in.entry(chat).or_default();
        let mut pause = wait(here, limits.chat_second, 1000, now);
        if chat < 0 {
            pause = pause.max(wait(here, limits.group_minute, 60_000, now));
        }
        pause = pause.max(wait(&self.sent, limits.overall_second, 1000, now));
        if pause > 0 {
            return Err(ApiError::flood((pause + 999) / 1000));
        }
        for _ in 0..messages {
            here.push_back(now);
            self.sent.push_back(now);
        }
        while here.front().is_some_and(|at| now - at > 60_000) {
            here.pop_front();
        }
        while self.sent.front().is_some_and(|at| now - at > 1000) {
            self.sent.pop_front();
        }
        Ok(())
    }
}
