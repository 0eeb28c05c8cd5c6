//! What is asked for with every message, kept in memory; may be dropped at any time.
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::view::{Album, GroupFacts, LaneView, MemberFacts, Recent};
use crate::base::clock::Millis;
use crate::observe::metrics;

/// Group settings and state: 600 s, 10,000 groups.
const GROUPS: (u64, Duration) = (10_000, Duration::from_secs(600));
/// A person in a group: 600 s. An entry takes about 100 bytes.
const MEMBERS: (u64, Duration) = (50_000, Duration::from_secs(600));
/// The last 30 messages of a group: 600 s. An entry takes about 1 KiB.
const RECENT: (u64, Duration) = (10_000, Duration::from_secs(600));
/// Albums whose items may still come, or be edited.
const ALBUMS: (u64, Duration) = (4_000, Duration::from_secs(600));
/// When something was said in a group.
const NOTICES: (u64, Duration) = (10_000, Duration::from_secs(3600));

pub(super) struct Caches {
    groups: Cache<i64, GroupFacts>,
    states: Mutex<HashMap<i64, u64>>,
    members: Cache<(i64, i64), MemberFacts>,
    recent: Cache<i64, VecDeque<Recent>>,
    notices: Cache<i64, Millis>,
    albums: Cache<(i64, String), Album>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            groups: cache(GROUPS),
            states: Mutex::default(),
            members: cache(MEMBERS),
            recent: cache(RECENT),
            notices: cache(NOTICES),
            albums: cache(ALBUMS),
        }
    }
}

fn cache<K, V>((room, life): (u64, Duration)) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(room)
        .time_to_live(life)
        .build()
}

fn count(cache: &'static str, asked: usize, missed: usize) {
    metrics::CACHE_HITS.add_for(cache, asked - missed);
    metrics::CACHE_MISSES.add_for(cache, missed);
}

impl Caches {
    /// Moves what is known into `view` and takes it off the lists of what must be read.
    pub(super) fn fill(
        &self,
        view: &mut LaneView,
        groups: &mut HashSet<i64>,
        recents: &mut HashSet<i64>,
        members: &mut HashSet<(i64, i64)>,
    ) {
        let asked = (groups.len(), members.len());
        recents.clone_from(groups);
        recents.retain(|id| match self.recent.get(id) {
            Some(recent) => {
                view.recent.insert(*id, recent);
                false
            }
            None => true,
        });
        for id in groups.iter() {
            if let Some(at) = self.notices.get(id) {
                view.notices.insert(*id, at);
            }
        }
        for id in groups.iter() {
            view.states.insert(*id, self.state(*id));
        }
        groups.retain(|id| match self.groups.get(id) {
            Some(group) => {
                view.groups.insert(*id, group);
                false
            }
            None => true,
        });
        members.retain(|key| match self.members.get(key) {
            Some(member) => {
                view.members.insert(*key, member);
                false
            }
            None => true,
        });
        count("recent", asked.0, recents.len());
        count("groups", asked.0, groups.len());
        count("members", asked.1, members.len());
    }

    pub(super) fn album(&self, key: &(i64, String)) -> Option<Album> {
        let found = self.albums.get(key);
        count("albums", 1, usize::from(found.is_none()));
        found
    }

    /// Entries of each cache that is counted; moka's count, which lags a little.
    pub(super) fn sizes(&self) -> [(&'static str, u64); 4] {
        [
            ("groups", self.groups.entry_count()),
            ("members", self.members.entry_count()),
            ("recent", self.recent.entry_count()),
            ("albums", self.albums.entry_count()),
        ]
    }

    /// Forgets what is known of all that `view` is about.
    pub(super) fn distrust(&self, view: &LaneView) {
        let mut states = self.states();
        for id in view.groups.keys() {
            *states.entry(*id).or_default() += 1;
            self.groups.invalidate(id);
        }
        view.recent.keys().for_each(|id| self.recent.invalidate(id));
        view.members
            .keys()
            .for_each(|key| self.members.invalidate(key));
        view.albums
            .keys()
            .for_each(|key| self.albums.invalidate(key));
    }

    /// How often each group became another than it was; grows by a few bytes for each group ever heard of.
    fn states(&self) -> MutexGuard<'_, HashMap<i64, u64>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of a group, to be asked before it is read from disk.
    pub(super) fn state(&self, chat: i64) -> u64 {
        self.states().get(&chat).copied().unwrap_or_default()
    }

    pub(super) fn remember(&self, view: LaneView) {
        let mut states = self.states();
        for (id, group) in view.groups {
            let state = states.entry(id).or_default();
            if view.states.get(&id).is_some_and(|began| began != state) {
                // It changed while the lane was deciding, and where the cache has another, only the disk knows.
                if self.groups.get(&id).as_ref() != Some(&group) {
                    self.groups.invalidate(&id);
                }
                continue;
            }
            if self.groups.get(&id).as_ref() != Some(&group) {
                *state += 1;
                self.groups.insert(id, group);
            }
        }
        drop(states);
        for (key, album) in view.albums {
            self.albums.insert(key, album);
        }
        if view.moved {
            self.forget_members();
        }
        for (key, member) in view.members {
            if view.moved {
                break;
            }
            // A person's own lane (buttons) may hold older facts than the chat's lane has written since.
            self.members.entry(key).and_upsert_with(|old| match old {
                Some(old) if old.value().messages > member.messages => old.into_value(),
                _ => member,
            });
        }
        // The same holds for what was said last.
        for (id, recent) in view.recent {
            let last = |list: &VecDeque<Recent>| list.back().map_or(0, |r| r.message);
            self.recent.entry(id).and_upsert_with(|old| match old {
                Some(old) if last(old.value()) > last(&recent) => old.into_value(),
                _ => recent,
            });
        }
        for (id, at) in view.notices {
            self.notices
                .entry(id)
                .and_upsert_with(|old| old.map_or(at, |old| at.max(old.into_value())));
        }
    }

    /// Takes in a group as it stood on disk after it was in `state`; what changed since is read again.
    pub(super) fn put_group(&self, group: GroupFacts, state: u64) {
        let mut states = self.states();
        let now = states.entry(group.id).or_default();
        if *now == state {
            self.groups.insert(group.id, group);
        } else {
            self.groups.invalidate(&group.id);
        }
        *now += 1;
    }

    pub(super) fn forget_group(&self, chat: i64) {
        *self.states().entry(chat).or_default() += 1;
        self.groups.invalidate(&chat);
    }

    pub(super) fn forget_groups(&self) {
        let mut states = self.states();
        states.values_mut().for_each(|state| *state += 1);
        self.groups.invalidate_all();
    }

    pub(super) fn forget_member(&self, chat: i64, user: i64) {
        self.members.invalidate(&(chat, user));
    }

    pub(super) fn forget_members(&self) {
        self.members.invalidate_all();
    }
}
