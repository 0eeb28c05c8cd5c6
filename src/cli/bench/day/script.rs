//! Who does what at which minute of the day: a list that follows from a seed and a number of messages.
use std::collections::BTreeSet;

use super::tactics;
use super::words::{self, Topic};
use crate::base::clock::Millis;
use crate::base::random::{Random as _, SeededRandom};

/// A day.
pub(super) const DAY: Millis = 86_400_000;
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// Of a thousand messages, how many fall into each hour, from midnight on: people sleep.
const HOURS: [u64; 24] = [
    14, 8, 5, 3, 3, 6, 18, 38, 52, 54, 50, 50, 60, 56, 50, 48, 52, 60, 68, 76, 80, 70, 50, 29,
];
/// The quarrel: from when, how long, and how many of the regulars are in it.
const QUARREL: (Millis, Millis, u64) = (18 * HOUR, 25 * MINUTE, 12);
/// The giveaway: from when, and how long people answer.
const GIVEAWAY: (Millis, Millis) = (12 * HOUR, 40 * MINUTE);

/// Trials to find words that nobody has used.
const AGAIN: u32 = 20;

/// Somebody of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// Writes here every day.
    Regular(u64),
    /// Wrote here now and then.
    Member(u64),
    /// Joins today.
    Newcomer(u64),
}

/// What somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Say(Who, String),
    Join(u64),
    Giveaway,
    /// A tactic of [`tactics::ALL`], and its step.
    Spam(usize, u8),
}

/// How large the day is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) messages: u64,
    pub(super) joins: u64,
    pub(super) regulars: u64,
    pub(super) members: u64,
}

impl Size {
    /// A day with so many messages; 5,000 have 300 joins.
    pub(super) fn of(messages: u64) -> Self {
        Self {
            messages,
            joins: messages * 6 / 100,
            regulars: (messages / 50).max(14),
            members: (messages / 40).max(14),
        }
    }
}

/// The whole day: deeds with their time after midnight, in order.
pub(super) fn write(seed: u64, size: Size) -> Vec<(Millis, Deed)> {
    let chance = SeededRandom::new(seed);
    let within = |span: Millis| i64::try_from(chance.below(span.unsigned_abs())).unwrap_or(0);
    let mut day: Vec<(Millis, Deed)> = Vec::new();
    let mut hellos = BTreeSet::new();
    for newcomer in 0..size.joins {
        let at = any_time(&chance);
        day.push((at, Deed::Join(newcomer)));
        // Two in five say something, within two hours and not after midnight.
        if chance.below(5) < 2 {
            for _ in 0..=chance.below(3) {
                let at = (at + MINUTE + within(2 * HOUR)).min(DAY - 1);
                // Strangers do not introduce themselves in the same words.
                let mut words = words::line(&chance, Topic::Hello);
                for _ in 0..AGAIN {
                    if hellos.insert(words.clone()) {
                        break;
                    }
                    words = words::line(&chance, Topic::Hello);
                }
                day.push((at, Deed::Say(Who::Newcomer(newcomer), words)));
            }
        }
    }
    for _ in 0..size.messages / 25 {
        let who = Who::Regular(chance.below(QUARREL.2.min(size.regulars)));
        let words = words::line(&chance, Topic::Quarrel);
        day.push((QUARREL.0 + within(QUARREL.1), Deed::Say(who, words)));
    }
    day.push((GIVEAWAY.0, Deed::Giveaway));
    for _ in 0..size.messages / 50 {
        let at = GIVEAWAY.0 + MINUTE + within(GIVEAWAY.1);
        let who = match chance.below(4) {
            0 => Who::Member(chance.below(size.members)),
            _ => Who::Regular(chance.below(size.regulars)),
        };
        day.push((at, Deed::Say(who, words::line(&chance, Topic::TakingPart))));
    }
    for (n, tactic) in (0_i64..).zip(tactics::ALL) {
        let every = 17 * HOUR / i64::try_from(tactics::ALL.len()).unwrap_or(1);
        let first = 6 * HOUR + n * every + within(every / 2);
        for step in 0..tactic.steps {
            let at = first + i64::from(step) * tactic.apart * MINUTE;
            day.push((at, Deed::Spam(usize::try_from(n).unwrap_or(0), step)));
        }
    }
    let said = |day: &[(Millis, Deed)]| {
        let says = day.iter().filter(|(_, d)| matches!(d, Deed::Say(..)));
        u64::try_from(says.count()).unwrap_or(u64::MAX)
    };
    for _ in said(&day)..size.messages {
        let who = match chance.below(4) {
            0 => Who::Member(chance.below(size.members)),
            _ => Who::Regular(chance.below(size.regulars)),
        };
        let words = words::line(&chance, Topic::Talk);
        day.push((any_time(&chance), Deed::Say(who, words)));
    }
    // Stable: who joins at a moment does so before they speak.
    day.sort_by_key(|(at, _)| *at);
    day
}

fn any_time(chance: &SeededRandom) -> Millis {
    let all: u64 = HOURS.iter().sum();
    let mut point = chance.below(all);
    for (hour, share) in (0..).zip(HOURS) {
        if point < share {
            let inside = chance.below(HOUR.unsigned_abs());
            return hour * HOUR + i64::try_from(inside).unwrap_or(0);
        }
        point -= share;
    }
    DAY - 1
}
