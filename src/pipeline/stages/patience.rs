//! How many answers a person, and a chat, get in a while: whoever asks without end is not answered without end.
use std::time::{Duration, Instant};

use moka::sync::Cache;

/// Answers at once to one person in one chat, and after how long there is one more.
const PERSON: (u32, Duration) = (20, Duration::from_secs(6));
/// The same for all of a chat together: Telegram lets a bot say 20 messages a minute in a group, and cards, notes
/// and treatments want their share.
const CHAT: (u32, Duration) = (60, Duration::from_secs(6));
/// Chats and people remembered.
const ROOM: u64 = 10_000;

/// What is left of a bucket, and when that was so.
#[derive(Debug, Clone, Copy)]
struct Left {
    answers: f64,
    at: Instant,
}

/// The buckets; kept in memory only, for a restart forgives.
pub struct Patience {
    people: Cache<(i64, i64), Left>,
    chats: Cache<i64, Left>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            people: buckets(PERSON),
            chats: buckets(CHAT),
        }
    }
}

/// A bucket that was not asked for as long as it takes to fill is full, and need not be remembered.
fn buckets<K>((most, each): (u32, Duration)) -> Cache<K, Left>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(ROOM)
        .time_to_idle(each * most)
        .build()
}

impl Patience {
    /// Takes an answer to `user` in `chat`; false when there is none left.
    pub fn take(&self, chat: i64, user: i64) -> bool {
        let now = Instant::now();
        take(&self.people, (chat, user), PERSON, now) && take(&self.chats, chat, CHAT, now)
    }
}

fn take<K>(buckets: &Cache<K, Left>, key: K, (most, each): (u32, Duration), now: Instant) -> bool
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
{
    let mut taken = false;
    buckets.entry(key).and_upsert_with(|old| {
        let most = f64::from(most);
        let before = old.map_or(most, |old| {
            let old = old.into_value();
            let more = now.saturating_duration_since(old.at).as_secs_f64() / each.as_secs_f64();
            (old.answers + more).min(most)
        });
        taken = before >= 1.0;
        Left {
            answers: if taken { before - 1.0 } else { before },
            at: now,
        }
    });
    taken
}
