//! What a lane knows while it decides several updates in a row: read once, changed by each, cached after
//! the commit.
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::reputation::Reputation;
use crate::base::clock::Millis;
use crate::config::Mode;

/// What stages ask about a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFacts {
    /// Telegram's id.
    pub id: i64,
    /// Telegram's kind of chat.
    pub kind: String,
    /// Title when last seen.
    pub title: Option<String>,
    /// Public name when last seen.
    pub username: Option<String>,
    /// What it does with verdicts.
    pub mode: Mode,
    /// Number of its settings' last change.
    pub settings_rev: i64,
    /// Language of Beadle's words there.
    pub language: Option<String>,
    /// Beadle is not in it since then.
    pub away_since: Option<Millis>,
    /// Whether Beadle may delete messages there; None while Telegram has not told.
    pub may_delete: Option<bool>,
    /// Its settings as JSON; features read their own part.
    pub settings: Arc<str>,
}

impl GroupFacts {
    /// Whether removing something there is worth trying.
    pub fn can_act(&self) -> bool {
        self.away_since.is_none() && self.may_delete != Some(false)
    }
}

/// What stages ask about a person in a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemberFacts {
    /// Messages seen from them here.
    pub messages: i64,
    /// Messages of theirs removed here.
    pub removed: i64,
    /// When first seen here; 0 for never.
    pub first_seen: Millis,
    /// Digest of the profile last stored, to write it only when it changed.
    pub profile: u64,
    /// What the group has learned of them.
    pub reputation: Reputation,
    /// Their last messages here whose words say something, oldest first, at most [`HISTORY`]: id and time. Empty
    /// after a start; the group's recent messages know some of it then.
    pub history: VecDeque<(i64, Millis)>,
}

/// A recent message of the group, reduced to what repetition needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// Message id.
    pub message: i64,
    /// Who wrote it.
    pub user: i64,
    /// Digest of its folded words.
    pub words: u64,
    /// When.
    pub at: Millis,
}

/// Words this short, in bytes, repeat by themselves ("ok", "thanks").
const REPEATABLE: usize = 24;

/// Digest of a message's words, the same for the same words in other letters; None for words too short
/// to say anything by being repeated.
pub fn digest_of_words(words: &str) -> Option<u64> {
    let plain = words.trim().to_lowercase();
    if plain.len() < REPEATABLE {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    plain.hash(&mut hasher);
    Some(hasher.finish())
}

/// Messages kept of each person in a group.
pub const HISTORY: usize = 10;
/// Recent messages kept for each group.
pub const RECENT: usize = 30;

/// The view of one lane for one batch.
#[derive(Debug, Default)]
pub struct LaneView {
    /// Groups the batch speaks of.
    pub groups: HashMap<i64, Arc<GroupFacts>>,
    /// People, by chat and id.
    pub members: HashMap<(i64, i64), MemberFacts>,
    /// The last messages of each group, oldest first.
    pub recent: HashMap<i64, VecDeque<Recent>>,
    /// When Beadle last said something about removals in a group.
    pub notices: HashMap<i64, Millis>,
    /// Albums by chat and id.
    pub albums: HashMap<(i64, String), Album>,
    /// People whose reputation a transaction of this batch moves: they are read again.
    pub stale: HashSet<(i64, i64)>,
    /// When it was read.
    pub read_at: Millis,
    /// A group was given another id: what was read of its people holds no more.
    pub moved: bool,
}

/// What is known of an album while its items come in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Album {
    /// Items seen that still stand.
    pub standing: Vec<i64>,
    /// The item that was spam, when one was.
    pub spam: Option<i64>,
}

impl LaneView {
    /// The person's facts, made when missing.
    pub fn member(&mut self, chat: i64, user: i64) -> &mut MemberFacts {
        self.members.entry((chat, user)).or_default()
    }

    /// Remembers a message for repetition, forgetting the oldest.
    pub fn remember(&mut self, chat: i64, recent: Recent) {
        let list = self.recent.entry(chat).or_default();
        if list.len() == RECENT {
            list.pop_front();
        }
        list.push_back(recent);
        let key = (chat, recent.user);
        if let Some(member) = self.members.get_mut(&key) {
            if member.history.len() == HISTORY {
                member.history.pop_front();
            }
            member.history.push_back((recent.message, recent.at));
        }
    }
}
