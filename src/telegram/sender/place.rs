//! One chat's calls of one budget: a queue for each lane, in order, one call at a time.
use std::collections::VecDeque;

use super::budget::{Bucket, Window};
use super::limits::Limits;
use super::methods::{Budget, Method};
use super::outbox::OutboxId;
use crate::base::clock::Millis;

/// Lanes of the sender.
pub(super) const LANES: usize = 5;
/// Rows of one queue that are kept in memory; the table holds the rest. Twice what one `deleteMessages`
/// takes, so that the next hundred is there when the first is on its way.
pub const PER_QUEUE: usize = 200;
/// The same for messages, of which a group takes twenty a minute.
const PER_SLOW_QUEUE: usize = 32;
/// The same in a lane that is more than half full, so that many busy chats leave room for others.
const PER_CROWDED_QUEUE: usize = 8;

/// A row of the outbox in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// Key of the row.
    pub id: OutboxId,
    /// When it was written.
    pub created_at: Millis,
    /// 0 to 4.
    pub lane: u8,
    /// What to call.
    pub method: Method,
    /// Chat, if the call has one.
    pub chat: Option<i64>,
    /// Parameters, JSON text.
    pub params: String,
    /// Calls made so far.
    pub attempts: u32,
    /// Not before this moment.
    pub not_before: Millis,
    /// Worthless after this moment.
    pub deadline: Option<Millis>,
    /// A deletion that is not joined with others, because that failed.
    pub alone: bool,
    /// Times it was changed and sent again in this run.
    pub repairs: u8,
}

impl Waiting {
    /// Whether its deadline has passed.
    pub fn is_expired(&self, now: Millis) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// The message it deletes, when it can be joined with others.
    pub fn joinable(&self) -> Option<i64> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Deletion {
            #[serde(rename = "chat_id")]
            _chat: serde::de::IgnoredAny,
            message_id: i64,
        }
        if self.method != Method::DeleteMessage || self.alone || self.chat.is_none() {
            return None;
        }
        serde_json::from_str::<Deletion>(&self.params)
            .ok()
            .map(|d| d.message_id)
    }
}

/// Whose turn and limits a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What pays.
    pub budget: Budget,
    /// Which chat.
    pub whose: Whose,
}

/// A chat, or a call that belongs to none and waits for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whose {
    /// This chat.
    Chat(i64),
    /// This row alone.
    Nobody(OutboxId),
}

impl Key {
    /// Where a row belongs.
    pub fn of(row: &Waiting) -> Self {
        Self {
            budget: row.method.budget(),
            whose: row.chat.map_or(Whose::Nobody(row.id), Whose::Chat),
        }
    }
}

/// One lane's queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) rows: VecDeque<Waiting>,
    /// The first row that was left in the table for want of room; what follows it is there too.
    pub(super) skipped_from: Option<OutboxId>,
}

/// What a place could do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The head of this lane may go.
    Now(usize),
    /// Nothing before this moment.
    At(Millis),
    /// Nothing waits.
    Nothing,
}

#[derive(Debug)]
pub(super) struct Place {
    pub(super) lanes: [Queue; LANES],
    pub(super) busy: bool,
    /// Telegram asked to wait until then.
    pub(super) hold_until: Millis,
    pace: Option<(Bucket, Option<Window>)>,
    /// Number of the latest entry in the ready queues or the timer that counts.
    pub(super) stamp: u64,
}

impl Place {
    pub(super) fn new(key: Key, limits: &Limits, now: Millis) -> Self {
        let pace = match (key.budget, key.whose) {
            (Budget::Messages, Whose::Chat(chat)) if chat < 0 => Some((
                Bucket::new(1.0, limits.group_burst.into(), now),
                Some(Window::new(limits.group_per_minute as usize, 60_000)),
            )),
            (Budget::Messages, Whose::Chat(_)) => {
                Some((Bucket::new(1.0, limits.private_burst.into(), now), None))
            }
            _ => None,
        };
        Self {
            lanes: Default::default(),
            busy: false,
            hold_until: 0,
            pace,
            stamp: 0,
        }
    }

    pub(super) fn next(&mut self, now: Millis) -> Next {
        if self.busy {
            return Next::Nothing;
        }
        let paced = match &mut self.pace {
            None => now,
            Some((bucket, None)) => bucket.ready_at(now),
            Some((bucket, Some(window))) => bucket.ready_at(now).max(window.ready_at(now)),
        };
        let held = self.hold_until.max(paced);
        let mut earliest: Option<Millis> = None;
        for (lane, queue) in self.lanes.iter().enumerate() {
            let Some(head) = queue.rows.front() else {
                continue;
            };
            let due = held.max(head.not_before);
            let due = head.deadline.map_or(due, |deadline| due.min(deadline));
            if due <= now {
                return Next::Now(lane);
            }
            earliest = Some(earliest.map_or(due, |e| e.min(due)));
        }
        earliest.map_or(Next::Nothing, Next::At)
    }

    /// Notes that a call goes out.
    pub(super) fn pay(&mut self, now: Millis) {
        if let Some((bucket, window)) = &mut self.pace {
            bucket.take(now);
            if let Some(window) = window {
                window.take(now);
            }
        }
    }

    /// Whether forgetting it loses nothing.
    pub(super) fn is_idle(&mut self, now: Millis) -> bool {
        !self.busy
            && self.hold_until <= now
            && self
                .lanes
                .iter()
                .all(|q| q.rows.is_empty() && q.skipped_from.is_none())
            && match &mut self.pace {
                None => true,
                Some((bucket, window)) => {
                    bucket.is_full(now) && window.as_mut().is_none_or(|w| w.is_empty(now))
                }
            }
    }

    /// How many rows a queue may keep: a chat that must wait long keeps one.
    pub(super) fn room(&self, crowded: bool, now: Millis) -> usize {
        if self.is_parked(now) {
            1
        } else if crowded {
            PER_CROWDED_QUEUE
        } else if self.pace.is_some() {
            PER_SLOW_QUEUE
        } else {
            PER_QUEUE
        }
    }

    /// Whether Telegram has asked for a long wait.
    pub(super) fn is_parked(&self, now: Millis) -> bool {
        self.hold_until > now.saturating_add(PARKED)
    }
}

/// A wait longer than this empties the memory of the chat's queues.
const PARKED: Millis = 10_000;
