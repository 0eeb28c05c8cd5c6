//! Likeness to known messages: prints of what was removed or allowed, found by their bands, for each group and across groups.
use std::collections::HashMap;

use super::super::grams::{Grams, PRINT, Print};
use super::model::Label;

/// Equal part of two prints from which texts count as alike. With 32 numbers the estimate is off by 0.09
/// (one standard deviation), unrelated texts of one language are below 0.25.
pub const ALIKE: f32 = 0.6;
/// N-grams below which a text is too short to be recognised: about fifteen characters.
const MIN_GRAMS: usize = 56;
/// Entries looked at in one band, the newest first: a campaign of thousands is one text.
const BAND_ROOM: usize = 32;
/// Prints kept over all groups; the oldest group's go first when they are more.
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
    chats: HashMap<i64, Vec<usize>>,
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
        for slot in self.chats.remove(&chat).unwrap_or_default() {
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
        let mut own = Vec::new();
        for (print, label, person) in prints {
            if self.len() >= ROOM {
                break;
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
            own.push(slot);
        }
        if !own.is_empty() {
            self.chats.insert(chat, own);
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
