//! Likeness to known messages: prints of what was removed or allowed, found by their bands, for each group and across groups.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::grams::{Grams, PRINT, Print};
use super::model::Label;

/// Equal part of two prints from which texts count as alike. With 32 numbers the estimate is off by 0.09
/// (one standard deviation), unrelated texts of one language are below 0.25.
pub const ALIKE: f32 = 0.6;
/// N-grams below which a text is too short to be recognised: about fifteen characters.
const MIN_GRAMS: usize = 56;
/// Entries looked at in one band, the newest first: a campaign of thousands is one text.
const BAND_ROOM: usize = 32;
/// Prints kept over all groups; when they are more, those of the group go that was asked about longest ago.
pub(super) const ROOM: usize = 50_000;

/// What a text is like.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Likeness {
    /// To what people here called spam, 0 to 1; 0 where below [`ALIKE`].
    pub spam: f32,
    /// To what Beadle removed here by itself.
    pub removed: f32,
    /// To what people here allowed.
    pub allowed: f32,
    /// Other groups in which something like it was spam.
    pub elsewhere: u32,
}

impl Likeness {
    /// The larger of each, for a message of several parts.
    pub fn most(self, other: Self) -> Self {
        Self {
            spam: self.spam.max(other.spam),
            removed: self.removed.max(other.removed),
            allowed: self.allowed.max(other.allowed),
            elsewhere: self.elsewhere.max(other.elsewhere),
        }
    }
}

struct Entry {
    chat: i64,
    label: Label,
    person: bool,
    print: Print,
}

/// The prints of all groups.
#[derive(Default)]
pub struct Known {
    slots: Vec<Option<Entry>>,
    free: Vec<usize>,
    bands: HashMap<u64, Vec<usize>>,
    chats: HashMap<i64, Own>,
    /// Counts questions and changes.
    turn: AtomicU64,
}

/// A group's entries.
#[derive(Default)]
struct Own {
    slots: Vec<usize>,
    /// When it was asked about, or changed, last.
    turn: AtomicU64,
}

/// Keys of a print's bands: two neighbouring numbers and their place. Half-empty bands say nothing.
fn keys(print: &Print) -> impl Iterator<Item = u64> + '_ {
    print.chunks_exact(2).enumerate().filter_map(|(i, two)| {
        let full = two[0] != u16::MAX && two[1] != u16::MAX;
        full.then(|| (i as u64) << 32 | u64::from(two[0]) << 16 | u64::from(two[1]))
    })
}

/// The equal part of two prints, of the bins that either has.
pub(in crate::features::moderation) fn equal_part(a: &Print, b: &Print) -> f32 {
    let (mut equal, mut filled) = (0_u8, 0_u8);
    for (a, b) in a.iter().zip(b) {
        if *a != u16::MAX || *b != u16::MAX {
            filled += 1;
            equal += u8::from(a == b);
        }
    }
    if usize::from(filled) < PRINT / 2 {
        return 0.0;
    }
    f32::from(equal) / f32::from(filled)
}

impl Known {
    /// Puts a group's prints in the place of those it had; `(print, label, whether a person said so)`.
    pub fn replace(&mut self, chat: i64, prints: impl IntoIterator<Item = (Print, Label, bool)>) {
        self.drop_all(chat);
        for (print, label, person) in prints {
            self.add(chat, print, label, person);
        }
    }

    fn drop_all(&mut self, chat: i64) {
        for slot in self.chats.remove(&chat).unwrap_or_default().slots {
            let Some(entry) = self.slots[slot].take() else {
                continue;
            };
            for key in keys(&entry.print) {
                if let Some(band) = self.bands.get_mut(&key) {
                    band.retain(|s| *s != slot);
                    if band.is_empty() {
                        self.bands.remove(&key);
                    }
                }
            }
            self.free.push(slot);
        }
    }

    /// Adds a print of a group, the newest.
    pub fn add(&mut self, chat: i64, print: Print, label: Label, person: bool) {
        while self.len() >= ROOM {
            let others = self.chats.iter().filter(|(other, _)| **other != chat);
            let oldest = others.min_by_key(|(_, own)| own.turn.load(Ordering::Relaxed));
            let Some(oldest) = oldest.map(|(other, _)| *other) else {
                return;
            };
            self.drop_all(oldest);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        for key in keys(&print) {
            self.bands.entry(key).or_default().push(slot);
        }
        self.slots[slot] = Some(Entry {
            chat,
            label,
            person,
            print,
        });
        self.chats.entry(chat).or_default().slots.push(slot);
        self.touch(chat);
    }

    fn touch(&self, chat: i64) {
        if let Some(own) = self.chats.get(&chat) {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            own.turn.store(turn, Ordering::Relaxed);
        }
    }

    /// Prints held.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a text in a group is like.
    pub fn likeness(&self, chat: i64, grams: &Grams) -> Likeness {
        let mut found = Likeness::default();
        if grams.buckets.len() < MIN_GRAMS || self.is_empty() {
            return found;
        }
        self.touch(chat);
        let mut others: Vec<i64> = Vec::new();
        for key in keys(&grams.print) {
            let band = self.bands.get(&key).map_or(&[][..], Vec::as_slice);
            for entry in band.iter().rev().take(BAND_ROOM) {
                let Some(entry) = &self.slots[*entry] else {
                    continue;
                };
                let alike = equal_part(&entry.print, &grams.print);
                if alike < ALIKE {
                    continue;
                }
                if entry.chat != chat {
                    if entry.label == Label::Spam && !others.contains(&entry.chat) {
                        others.push(entry.chat);
                    }
                    continue;
                }
                let best = match (entry.label, entry.person) {
                    (Label::Spam, true) => &mut found.spam,
                    (Label::Spam, false) => &mut found.removed,
                    (Label::Ham, _) => &mut found.allowed,
                };
                *best = best.max(alike);
            }
        }
        found.elsewhere = u32::try_from(others.len()).unwrap_or(u32::MAX);
        found
    }
}
