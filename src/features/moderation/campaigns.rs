//! Repeats of one campaign, by whomever: which card stands for nearly the same words in a group.
//!
//! In memory only, with room for [`ROOM`] cards of the last hour; after a start a campaign gets a second card, no more.
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::grams::Print;
use super::learning::equal_part;
use super::wave::{SAME, WITHIN};
use crate::base::clock::Millis;

/// Cards held; the oldest goes first. Less than a megabyte when full.
const ROOM: usize = 4_096;

/// By what a message is known again: the prints of its parts, and all its words where they are too few for a print.
#[derive(Debug, Clone, Default)]
pub(super) struct Key {
    prints: Vec<Print>,
    words: Option<u64>,
}

impl Key {
    /// Of a message's prints and the digest of its words.
    pub(super) fn new(prints: Vec<Print>, words: Option<u64>) -> Self {
        Self { prints, words }
    }

    fn is_like(&self, other: &Self) -> bool {
        let same = |a: &Print| other.prints.iter().any(|b| equal_part(a, b) >= SAME);
        self.prints.iter().any(same) || self.words.is_some() && self.words == other.words
    }
}

/// A card, and the message it was opened about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::features::moderation) struct Root {
    pub(in crate::features::moderation) card: i64,
    pub(in crate::features::moderation) message: i64,
}

struct Entry {
    chat: i64,
    key: Key,
    root: Root,
    at: Millis,
}

/// Cards by the words they are about. Cheap to clone; clones share.
#[derive(Clone, Default)]
pub(super) struct Campaigns(Arc<Mutex<VecDeque<Entry>>>);

impl Campaigns {
    /// The newest card about nearly these words in a group within the last hour. It may be decided by now, or never
    /// have been committed: whoever uses it looks whether it is open and about that message.
    pub(super) fn find(&self, chat: i64, key: &Key, now: Millis) -> Option<Root> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |e: &&Entry| e.chat == chat && (0..WITHIN).contains(&(now - e.at));
        let mut found = held.iter().rev().filter(lately);
        found.find(|e| e.key.is_like(key)).map(|e| e.root)
    }

    /// A card was opened about these words.
    pub(super) fn note(&self, chat: i64, key: Key, root: Root, now: Millis) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= ROOM {
            held.pop_front();
        }
        held.push_back(Entry {
            chat,
            key,
            root,
            at: now,
        });
    }
}
