//! Whose words of a group's history are taken as lessons. Pure.
use std::collections::{HashMap, HashSet, VecDeque};

use super::export::Said;
use crate::features::moderation::asked::Asked;
use crate::features::moderation::learning::Label;
use crate::features::moderation::rules::Band;

/// Messages and seconds from which somebody has long been writing: those of `community::reputation`'s regulars.
const LONG: (u32, i64) = (50, 7 * 86_400);
/// Ordinary messages taken of one person, the newest: nobody's manner is the group's.
const OF_ONE: usize = 40;
/// Ordinary messages taken in all: a fifth of the lessons that a group keeps, so that they push out nobody's word.
pub const MOST_HAM: usize = 2_000;
/// Messages called spam that are taken in all.
const MOST_SPAM: usize = 500;
/// People whose messages are counted; more are in no group of Telegram.
const MOST_PEOPLE: usize = 500_000;
/// Characters of a message that are read; Telegram's longest text.
const LONGEST: usize = 4_096;

#[derive(Debug, Default)]
struct Person {
    messages: u32,
    first: i64,
    last: i64,
}

/// The first look at a history: who has long been writing there, and what admins called spam.
#[derive(Debug, Default)]
pub struct Gathered {
    people: HashMap<i64, Person>,
    spam: HashSet<i64>,
    /// Messages seen.
    pub messages: u64,
}

impl Gathered {
    /// Looks at a message; `admins` are the people whose answer `/spam` counts.
    pub fn see(&mut self, said: &Said, admins: &[i64]) {
        self.messages += 1;
        let Some(user) = said.user else { return };
        if self.people.len() < MOST_PEOPLE || self.people.contains_key(&user) {
            let person = self.people.entry(user).or_insert(Person {
                first: said.at,
                last: said.at,
                messages: 0,
            });
            person.messages = person.messages.saturating_add(1);
            person.first = person.first.min(said.at);
            person.last = person.last.max(said.at);
        }
        if let Some(target) = said.reply_to
            && admins.contains(&user)
            && is_spam_command(&said.words)
        {
            self.spam.insert(target);
        }
    }

    /// Who has long been writing.
    pub fn end(self) -> Regulars {
        let long = |p: &Person| p.messages >= LONG.0 && p.last - p.first >= LONG.1;
        let people = self.people.len();
        let regulars = self.people.into_iter().filter(|(_, p)| long(p));
        Regulars {
            people,
            regulars: regulars.map(|(user, _)| (user, VecDeque::new())).collect(),
            called_spam: self.spam,
            spam: Vec::new(),
            doubtful: 0,
        }
    }
}

/// `/spam`, also as `/spam@name` and with a reason behind it.
fn is_spam_command(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    first.split('@').next() == Some("/spam")
}

/// A message that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Its number in the group.
    pub message: i64,
    /// Its author.
    pub author: Option<i64>,
    /// What it is.
    pub label: Label,
    /// Its words.
    pub words: String,
    at: i64,
}

/// The second look: takes the words.
#[derive(Debug)]
pub struct Regulars {
    /// People who wrote anything.
    pub people: usize,
    regulars: HashMap<i64, VecDeque<Picked>>,
    called_spam: HashSet<i64>,
    spam: Vec<Picked>,
    doubtful: u64,
}

/// What a history gave.
#[derive(Debug)]
pub struct Chosen {
    /// Lessons, the oldest first.
    pub lessons: Vec<Picked>,
    /// People who have long been writing there.
    pub regulars: usize,
    /// Messages of theirs that were left out because they look like spam themselves.
    pub doubtful: u64,
}

impl Regulars {
    /// Looks at a message.
    pub fn see(&mut self, said: Said) {
        let words: String = said.words.chars().take(LONGEST).collect();
        let picked = |label| Picked {
            message: said.message,
            author: said.user,
            label,
            words: words.clone(),
            at: said.at,
        };
        if self.called_spam.contains(&said.message) {
            if self.spam.len() < MOST_SPAM && !words.trim().is_empty() {
                self.spam.push(picked(Label::Spam));
            }
            return;
        }
        let own = said.user.and_then(|user| self.regulars.get_mut(&user));
        let Some(own) = own.filter(|_| said.is_own && !words.trim_start().starts_with('/')) else {
            return;
        };
        // An account that was taken over writes as a regular, too: what would be looked at is not taken on trust.
        if Asked::Words(words.clone()).anywhere().band != Band::Clear {
            self.doubtful += 1;
            return;
        }
        own.push_back(picked(Label::Ham));
        if own.len() > OF_ONE {
            own.pop_front();
        }
    }

    /// What is taken.
    pub fn end(self) -> Chosen {
        let regulars = self.regulars.len();
        let mut ham: Vec<Picked> = self.regulars.into_values().flatten().collect();
        ham.sort_by_key(|p| (p.at, p.message));
        let mut lessons = ham.split_off(ham.len().saturating_sub(MOST_HAM));
        // Last, so that spam is the later word on the same text.
        lessons.extend(self.spam);
        Chosen {
            lessons,
            regulars,
            doubtful: self.doubtful,
        }
    }
}
