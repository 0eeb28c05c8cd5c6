//! When a safety catch trips: too much of one kind within one window. Pure; times are when things happened.
use crate::base::clock::Millis;

const MINUTE: Millis = 60_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Beadle treated somebody who has been in the group for longer than a day.
    Treatment,
    /// A moderator banned or kicked somebody.
    Ban,
    /// A moderator removed messages; each counts.
    Purge,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Treatment, Self::Ban, Self::Purge];

    /// Its word on disk and in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Ban => "ban",
            Self::Purge => "purge",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The window in milliseconds.
    pub const fn window(self) -> Millis {
        match self {
            Self::Treatment => 5 * MINUTE,
            Self::Ban | Self::Purge => 10 * MINUTE,
        }
    }

    /// As much of it in a window is all right; more is not.
    pub const fn most(self) -> i64 {
        match self {
            Self::Treatment => 5,
            Self::Ban => 15,
            Self::Purge => 100,
        }
    }
}

/// Something that counts: when, and how much.
pub type Mark = (Millis, i64);

/// Whether `new`, on top of `marks` in any order, makes more than `most` in some window of `window` milliseconds:
/// then the first moment of that window in which something was done. Windows include their end and not their start.
pub fn trips(marks: &[Mark], new: Mark, window: Millis, most: i64) -> Option<Millis> {
    let mut all: Vec<Mark> = marks.to_vec();
    all.push(new);
    // A window with too much in it that ends between two marks has as much when it ends at the mark before.
    let ends = all.iter().map(|(at, _)| *at);
    ends.filter(|end| (new.0..new.0.saturating_add(window)).contains(end))
        .filter_map(|end| {
            let inside = all
                .iter()
                .filter(|(at, _)| *at <= end && *at > end.saturating_sub(window));
            let sum: i64 = inside.clone().map(|(_, weight)| *weight).sum();
            (sum > most).then(|| inside.map(|(at, _)| *at).min().unwrap_or(end))
        })
        .min()
}
