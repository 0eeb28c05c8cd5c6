//! The queue of updates: ids, confirmation, lifetimes, the kinds asked for.
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

/// Every kind of update of Bot API 10.3.
pub(crate) const KINDS: [&str; 27] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
];

/// Kinds that come only when asked for by name.
const BY_NAME: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// An offset further ahead than this is invalid (TQueue: "Specified from_id is in the future").
const AHEAD: i64 = 10;

/// Who made an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The simulator alone: held against the table.
    Simulator,
    /// With fields given by a test, which may be anything.
    Foreign,
}

/// The order in which webhooks are delivered: one after another within a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Messages.
    Chat(i64),
    /// Callbacks, membership, join requests.
    User(i64),
}

/// An update on its way.
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    pub(crate) id: i64,
    pub(crate) text: Arc<str>,
    /// Milliseconds.
    pub(crate) expires: i64,
    pub(crate) key: Key,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) items: VecDeque<Queued>,
    next: i64,
    /// None: the default.
    pub(crate) allowed: Option<BTreeSet<String>>,
    /// No item expires before this moment.
    earliest: i64,
    previous_offset: Option<(i64, Instant)>,
    /// Raised by whatever ends a poll that is waiting.
    pub(crate) generation: u64,
    /// Why the last raise came.
    pub(crate) ended_by_webhook: bool,
    pub(crate) next_conflict: Option<Instant>,
}

/// The text of an update.
pub(crate) fn text(id: i64, kind: &str, payload: &Value) -> Arc<str> {
    Arc::from(format!("{{\"update_id\":{id},\"{kind}\":{payload}}}"))
}

impl Queue {
    pub(crate) fn new(first: i64) -> Self {
        Self {
            items: VecDeque::new(),
            next: first,
            allowed: None,
            earliest: i64::MAX,
            previous_offset: None,
            generation: 0,
            ended_by_webhook: false,
            next_conflict: None,
        }
    }

    /// Asked for by the last getUpdates or setWebhook that said so.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) => kinds.contains(kind),
            None => !BY_NAME.contains(&kind),
        }
    }

    /// Stores the list; one that is empty or holds only unknown names is the default.
    pub(crate) fn allow(&mut self, list: &[Value]) {
        let known: BTreeSet<String> = list
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| KINDS.contains(name))
            .map(str::to_owned)
            .collect();
        self.allowed = (!known.is_empty()).then_some(known);
    }

    pub(crate) fn take_id(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// The id the next update will get.
    pub(crate) fn next_id(&self) -> i64 {
        self.next
    }

    /// The next update gets this id: a jump ahead, or a new start.
    pub(crate) fn set_next(&mut self, id: i64) {
        self.next = id;
    }

    pub(crate) fn append(&mut self, id: i64, _kind: &str, text: Arc<str>, expires: i64, key: Key) {
        self.earliest = self.earliest.min(expires);
        self.items.push_back(Queued {
            id,
            text,
            expires,
            key,
        });
    }

    /// Throws away what has run out.
    pub(crate) fn expire(&mut self, now: i64) {
        if now < self.earliest {
            return;
        }
        self.items.retain(|item| item.expires > now);
        self.earliest = self
            .items
            .iter()
            .map(|item| item.expires)
            .min()
            .unwrap_or(i64::MAX);
    }

    /// Confirms by `offset`: everything below it goes; a negative one keeps the newest; one outside
    /// the queue changes nothing and reading starts at the head.
    pub(crate) fn confirm(&mut self, offset: i64) {
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            let drop = self.items.len().saturating_sub(keep);
            self.items.drain(..drop);
        } else if offset > 0 && offset <= self.next + AHEAD {
            // Ids may have started anew: then position, not number, tells what is older.
            let through = self.items.iter().rposition(|item| item.id == offset - 1);
            match through {
                Some(at) => drop(self.items.drain(..=at)),
                None => {
                    while self.items.front().is_some_and(|item| item.id < offset) {
                        self.items.pop_front();
                    }
                }
            }
        }
    }

    /// The guard against tight loops: the same offset again within 3 s waits at least 3 s, within
    /// half a second gives one update at most. Gives (limit, timeout in seconds).
    pub(crate) fn guard(&mut self, offset: i64, limit: usize, timeout: u64) -> (usize, u64) {
        let now = Instant::now();
        let (mut limit, mut timeout) = (limit, timeout);
        if let Some((before, at)) = self.previous_offset
            && before == offset
        {
            let passed = now.saturating_duration_since(at).as_millis();
            if passed < 3000 {
                timeout = timeout.max(3);
            }
            if passed < 500 {
                limit = 1;
            }
        }
        self.previous_offset = Some((offset, now));
        (limit, timeout)
    }
}
