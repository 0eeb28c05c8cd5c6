//! The same words in several groups at once: prints of the last hour, counted across groups before anybody said what they are.
//!
//! In memory only, with room for [`ROOM`] different texts; after a start it begins anew. What is held are
//! prints (`grams::Print`), ids of groups and times: no words, and nobody's name.
use std::sync::{Arc, Mutex, PoisonError};

use super::grams::{PRINT, Print};
use super::learning::equal_part;
use crate::base::clock::Millis;

/// How long a text counts as just posted in a group.
pub const WITHIN: Millis = 3_600_000;
/// Different texts held; the oldest goes first. About 2 MB when full.
pub const ROOM: usize = 8_192;
/// Groups counted for one text.
pub const GROUPS: usize = 8;
/// Equal part of two prints from which texts count as the same. Higher than `learning::ALIKE`, because nobody
/// has said anything of either: two reports of one event must not be taken for one text.
pub const SAME: f32 = 0.75;
/// Numbers of a print in one key.
const BAND: usize = 4;
/// Places of the index, a power of 2: four for each key of a full room.
const PLACES: usize = ROOM * (PRINT / BAND) * 4;

struct Text {
    print: Print,
    /// Groups with the time of the last such message; times of 0 are free places.
    groups: [(i64, Millis); GROUPS],
}

/// Texts going round, of all groups. Cheap to clone; clones share.
#[derive(Clone, Default)]
pub struct Waves(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    texts: Vec<Text>,
    /// Where the next new text goes once the room is full.
    oldest: usize,
    /// Places by key, with the text's number and one more; 0 is none. Newer texts take places of older ones, so
    /// what is found is compared before it is believed.
    index: Vec<u16>,
}

/// Places of a print's keys. Half-empty keys say nothing.
fn places(print: &Print) -> impl Iterator<Item = usize> + '_ {
    print
        .chunks_exact(BAND)
        .enumerate()
        .filter_map(|(at, four)| {
            let mut key = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(at as u64 + 1);
            for number in four {
                if *number == u16::MAX {
                    return None;
                }
                key = (key ^ u64::from(*number)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
                key ^= key >> 32;
            }
            usize::try_from(key % PLACES as u64).ok()
        })
}

impl Held {
    fn find(&self, print: &Print) -> Option<usize> {
        if self.index.is_empty() {
            return None;
        }
        places(print).find_map(|place| {
            let at = usize::from(self.index[place]).checked_sub(1)?;
            let text = self.texts.get(at)?;
            (equal_part(&text.print, print) >= SAME).then_some(at)
        })
    }

    fn put(&mut self, print: &Print) -> usize {
        let text = Text {
            print: *print,
            groups: [(0, 0); GROUPS],
        };
        let at = if self.texts.len() < ROOM {
            self.texts.push(text);
            self.texts.len() - 1
        } else {
            let at = self.oldest;
            self.oldest = (at + 1) % ROOM;
            self.texts[at] = text;
            at
        };
        if self.index.is_empty() {
            self.index = vec![0; PLACES];
        }
        for place in places(print) {
            self.index[place] = u16::try_from(at + 1).unwrap_or(0);
        }
        at
    }
}

impl Waves {
    /// Other groups in which nearly this text was posted within [`WITHIN`] before `now`, at most [`GROUPS`].
    pub fn others(&self, chat: i64, print: &Print, now: Millis) -> u32 {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = held.find(print) else { return 0 };
        let lately = |(group, then): &&(i64, Millis)| {
            *then != 0 && *group != chat && (0..WITHIN).contains(&(now - then))
        };
        let count = held.texts[at].groups.iter().filter(lately).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// A group got this text at `now`; the same group again is counted once.
    pub fn note(&self, chat: i64, print: &Print, now: Millis) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match held.find(print) {
            Some(at) => at,
            None => held.put(print),
        };
        let groups = &mut held.texts[at].groups;
        let own = groups
            .iter()
            .position(|(group, at)| *at != 0 && *group == chat);
        // Else the place that is free, or has been silent longest.
        let place = own.or_else(|| {
            let longest = groups.iter().enumerate().min_by_key(|(_, (_, at))| *at);
            longest.map(|(place, _)| place)
        });
        if let Some(place) = place.and_then(|p| groups.get_mut(p)) {
            *place = (chat, now);
        }
    }

    /// Texts held.
    pub fn len(&self) -> usize {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.texts.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
