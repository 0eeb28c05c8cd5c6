//! How fast somebody writes: floods, the same again and again, the group's own pace. Pure; times are Telegram's.
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::action::{Action, take};
use crate::base::clock::Millis;
use crate::base::span;

/// Messages kept of one person.
pub const KEPT: usize = 60;
/// The most messages that a limit may name.
const MOST: u32 = 50;
/// The longest time that a limit may name.
pub const LONGEST: Millis = 3_600_000;
/// The longest pause between two messages.
pub const SLOWEST: Millis = 3_600_000;

/// At most so many messages in so long, else this follows; written `5 10s mute 1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit {
    /// Messages that are fine.
    pub count: u32,
    /// Within so long, in milliseconds.
    pub within: Millis,
    /// What follows the next one.
    pub action: Action,
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        let Limit {
            count,
            within,
            action,
        } = limit;
        format!("{count} {} {action}", span::write(within))
    }
}

impl TryFrom<String> for Limit {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        let all: Vec<&str> = words.split_whitespace().collect();
        let shown: String = words.chars().take(40).collect();
        let refuse = || {
            format!(
                "`{shown}`: write how many messages (1 to {MOST}) in how long (1s to 1h), and what follows: 5 10s mute 1h"
            )
        };
        let (count, within, rest) = match &all[..] {
            [count, within, rest @ ..] => (count, within, rest),
            _ => return Err(refuse()),
        };
        let count: u32 = count.parse().map_err(|_| refuse())?;
        let within = span::parse(within).map_err(|_| refuse())?;
        let action = match rest {
            [] => Action::Delete,
            rest => match take(rest) {
                Some((action, [])) => action,
                _ => return Err(refuse()),
            },
        };
        if !(1..=MOST).contains(&count) || !(1_000..=LONGEST).contains(&within) {
            return Err(refuse());
        }
        Ok(Self {
            count,
            within,
            action,
        })
    }
}

/// A message, reduced to what pace needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Its id.
    pub message: i64,
    /// When, by Telegram's clock.
    pub at: Millis,
    /// Digest of what it says or carries; None when that is nothing.
    pub digest: Option<u64>,
    /// The album it belongs to: its items are one message.
    pub album: Option<String>,
    /// Whether it was removed for coming too soon: who waits then need not wait for it.
    pub too_soon: bool,
}

/// What a group allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// Any messages.
    pub flood: Option<Limit>,
    /// The same message.
    pub same: Option<Limit>,
    /// Between two messages of one person, in milliseconds; 0 is no pause.
    pub slow: Millis,
}

/// How a message breaks the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Too many.
    Flood(Action),
    /// The same too often.
    Same(Action),
    /// Too soon; so long is left to wait.
    Slow(Millis),
}

impl Pace {
    /// Whether anything is asked of messages.
    pub fn is_any(&self) -> bool {
        self.flood.is_some() || self.same.is_some() || self.slow > 0
    }

    /// How far back messages matter.
    pub fn reaches(&self) -> Millis {
        let limit = |limit: Option<Limit>| limit.map_or(0, |l| l.within);
        limit(self.flood).max(limit(self.same)).max(self.slow)
    }

    /// Looks at `beat` after the person's `before`, oldest first, which may hold `beat` itself already.
    pub fn breaks(&self, before: &VecDeque<Beat>, beat: &Beat) -> Option<Broken> {
        let others = || before.iter().filter(|b| b.message != beat.message);
        let earlier = |b: &&Beat, within: Millis| b.at <= beat.at && beat.at - b.at < within;
        let of_album = |b: &Beat| b.album.is_some() && b.album == beat.album;
        if let Some(limit) = self.flood
            && !others().any(of_album)
        {
            let mut albums: Vec<&str> = Vec::new();
            let recent = others().filter(|b| earlier(b, limit.within)).filter(|b| {
                let album = b.album.as_deref();
                let known = album.is_some_and(|a| albums.contains(&a));
                albums.extend(album);
                !known
            });
            if recent.count() >= limit.count as usize {
                return Some(Broken::Flood(limit.action));
            }
        }
        if let (Some(limit), Some(digest)) = (self.same, beat.digest) {
            let same = others()
                .filter(|b| b.digest == Some(digest) && !of_album(b) && earlier(b, limit.within));
            if same.count() >= limit.count as usize {
                return Some(Broken::Same(limit.action));
            }
        }
        let last = others()
            .filter(|b| !b.too_soon && !of_album(b) && b.at <= beat.at)
            .map(|b| b.at)
            .max();
        let left = last.map_or(0, |last| last + self.slow - beat.at);
        (self.slow > 0 && left > 0).then_some(Broken::Slow(left))
    }
}

/// Notes `beat`, once, forgetting the oldest.
pub fn note(beats: &mut VecDeque<Beat>, beat: Beat) {
    beats.retain(|b| b.message != beat.message);
    if beats.len() == KEPT {
        beats.pop_front();
    }
    beats.push_back(beat);
}
