//! What is asked for with every message, kept in memory; may be dropped at any time.
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::view::{Album, GroupFacts, LaneView, MemberFacts, Recent};
use crate::base::clock::Millis;
use crate::observe::cache::{Cache, Caches as Book, Life};

const TEN_MINUTES: Duration = Duration::from_secs(600);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A kept value, and when it was written by the appliance's clock: `moka` goes by the machine's, which a test
/// cannot let pass.
#[derive(Clone)]
struct Kept<V> {
    at: Millis,
    value: V,
}

/// A cache whose entries age by the appliance's clock.
struct Aged<K, V> {
    cache: Cache<K, Kept<V>>,
    life: Millis,
}

impl<K, V> Aged<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(
        name: &'static str,
        life: Life,
        room: u64,
        extra: impl Fn(&K, &V) -> usize + Send + Sync + 'static,
    ) -> Self {
        Self {
            cache: Cache::new(name, life, room, move |k: &K, kept: &Kept<V>| {
                extra(k, &kept.value)
            }),
            life: i64::try_from(life.time().as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// What is kept and not too old; not counted.
    fn get(&self, key: &K, now: Millis) -> Option<V> {
        let kept = self.cache.peek(key)?;
        (now.saturating_sub(kept.at) < self.life).then_some(kept.value)
    }

    fn insert(&self, key: K, value: V, at: Millis) {
        self.cache.insert(key, Kept { at, value });
    }

    /// Keeps `value` unless `newer` says that what is kept is newer.
    fn put(&self, key: K, value: V, at: Millis, newer: impl FnOnce(&V, &V) -> bool) {
        self.cache.upsert(key, |old| match old {
            Some(old) if newer(&old.value, &value) => old,
            _ => Kept { at, value },
        });
    }
}

pub(super) struct Caches {
    /// Settings and state of groups, for ten minutes since they were read; what changes them writes them too.
    groups: Aged<i64, Arc<GroupFacts>>,
    /// How often each group became another than it was.
    states: Mutex<HashMap<i64, u64>>,
    /// A person in a group. All that changes them goes through here, so they are kept long.
    members: Aged<(i64, i64), MemberFacts>,
    /// The last 30 messages of a group, while somebody talks there.
    recent: Aged<i64, VecDeque<Recent>>,
    /// Albums whose items may still come, or be edited.
    albums: Aged<(i64, String), Album>,
    /// When something was said in a group.
    notices: Aged<i64, Millis>,
    /// The time when something was asked last.
    now: AtomicI64,
}

impl Caches {
    /// Empty caches, which take 50 hundredths of `bytes`; the rest is for the lists of admins (10) and for what
    /// groups were taught and wrote (35), who is in which channel (4), and what profiles show (1).
    pub(super) fn new(bytes: u64) -> Self {
        let part = |hundredths: u64| bytes / 100 * hundredths;
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        Self {
            groups: Aged::new(
                "groups",
                Life::Written(TEN_MINUTES),
                part(10),
                move |_, g: &Arc<GroupFacts>| {
                    let texts = g.kind.len() + g.settings.len();
                    size_of::<GroupFacts>() + texts + text(&g.title) + text(&g.username)
                },
            ),
            states: Mutex::default(),
            members: Aged::new(
                "members",
                Life::Written(DAY),
                part(20),
                |_, m: &MemberFacts| m.history.capacity() * size_of::<(i64, Millis)>(),
            ),
            recent: Aged::new(
                "recent",
                Life::Written(TEN_MINUTES),
                part(15),
                |_, recent: &VecDeque<Recent>| recent.capacity() * size_of::<Recent>(),
            ),
            albums: Aged::new(
                "albums",
                Life::Written(TEN_MINUTES),
                part(3),
                |(_, id): &(i64, String), album: &Album| {
                    id.len() + album.standing.len() * size_of::<i64>()
                },
            ),
            notices: Aged::new("notices", Life::Written(HOUR), part(2), |_, _| 0),
            now: AtomicI64::new(0),
        }
    }

    /// Enters those that are counted.
    pub(super) fn tell(&self, book: &Book) {
        book.add(&self.groups.cache);
        book.add(&self.members.cache);
        book.add(&self.recent.cache);
        book.add(&self.albums.cache);
    }

    /// Moves what is known at `now` into `view` and takes it off the lists of what must be read.
    pub(super) fn fill(
        &self,
        view: &mut LaneView,
        groups: &mut HashSet<i64>,
        recents: &mut HashSet<i64>,
        members: &mut HashSet<(i64, i64)>,
        now: Millis,
    ) {
        self.now.store(now, Ordering::Relaxed);
        let asked = (groups.len(), members.len());
        recents.clone_from(groups);
        recents.retain(|id| match self.recent.get(id, now) {
            Some(recent) => {
                view.recent.insert(*id, recent);
                false
            }
            None => true,
        });
        for id in groups.iter() {
            if let Some(at) = self.notices.get(id, now) {
                view.notices.insert(*id, at);
            }
        }
        {
            let states = self.states();
            for id in groups.iter() {
                view.states
                    .insert(*id, states.get(id).copied().unwrap_or_default());
            }
        }
        groups.retain(|id| match self.groups.get(id, now) {
            Some(group) => {
                view.groups.insert(*id, group);
                false
            }
            None => true,
        });
        members.retain(|key| match self.members.get(key, now) {
            Some(member) => {
                view.members.insert(*key, member);
                false
            }
            None => true,
        });
        self.recent.cache.count(asked.0, recents.len());
        self.groups.cache.count(asked.0, groups.len());
        self.members.cache.count(asked.1, members.len());
    }

    pub(super) fn album(&self, key: &(i64, String), now: Millis) -> Option<Album> {
        let found = self.albums.get(key, now);
        self.albums.cache.count(1, usize::from(found.is_none()));
        found
    }

    /// Forgets what is known of all that `view` is about.
    pub(super) fn distrust(&self, view: &LaneView) {
        let mut states = self.states();
        for id in view.groups.keys() {
            *states.entry(*id).or_default() += 1;
            self.groups.cache.forget(id);
        }
        view.recent
            .keys()
            .for_each(|id| self.recent.cache.forget(id));
        view.members
            .keys()
            .for_each(|key| self.members.cache.forget(key));
        view.albums
            .keys()
            .for_each(|key| self.albums.cache.forget(key));
    }

    /// How often each group became another than it was; grows by a few bytes for each group ever heard of.
    fn states(&self) -> MutexGuard<'_, HashMap<i64, u64>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of a group, to be asked before it is read from disk.
    pub(super) fn state(&self, chat: i64) -> u64 {
        self.states().get(&chat).copied().unwrap_or_default()
    }

    /// Keeps what a lane committed that it had read at `now`.
    pub(super) fn remember(&self, view: LaneView, now: Millis) {
        let mut states = self.states();
        for (id, group) in view.groups {
            // Most messages change nothing about their group.
            let known = self.groups.get(&id, now);
            if known
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, &group))
            {
                continue;
            }
            let same = known.is_some_and(|known| known == group);
            let state = states.entry(id).or_default();
            if view.states.get(&id).is_some_and(|began| began != state) {
                // It changed while the lane was deciding, and where the cache has another, only the disk knows.
                if !same {
                    self.groups.cache.forget(&id);
                }
                continue;
            }
            *state += u64::from(!same);
            self.groups.insert(id, group, now);
        }
        drop(states);
        for (key, album) in view.albums {
            self.albums.insert(key, album, now);
        }
        if view.moved {
            self.forget_members();
        }
        for (key, member) in view.members {
            if view.moved {
                break;
            }
            if view.stale.contains(&key) {
                self.forget_member(key.0, key.1);
                continue;
            }
            // A person's own lane (buttons) may hold older facts than the chat's lane has written since.
            self.members
                .put(key, member, now, |old, new| old.messages > new.messages);
        }
        // The same holds for what was said last.
        for (id, recent) in view.recent {
            let last = |list: &VecDeque<Recent>| list.back().map_or(0, |r| r.message);
            self.recent
                .put(id, recent, now, |old, new| last(old) > last(new));
        }
        for (id, at) in view.notices {
            self.notices.put(id, at, now, |old, new| old > new);
        }
    }

    /// Takes in a group as it stood on disk after it was in `state`; what changed since is read again.
    pub(super) fn put_group(&self, group: GroupFacts, state: u64) {
        let at = self.now.load(Ordering::Relaxed);
        let mut states = self.states();
        let now = states.entry(group.id).or_default();
        if *now == state {
            self.groups.insert(group.id, Arc::new(group), at);
        } else {
            self.groups.cache.forget(&group.id);
        }
        *now += 1;
    }

    pub(super) fn forget_group(&self, chat: i64) {
        *self.states().entry(chat).or_default() += 1;
        self.groups.cache.forget(&chat);
    }

    pub(super) fn forget_groups(&self) {
        let mut states = self.states();
        states.values_mut().for_each(|state| *state += 1);
        self.groups.cache.forget_all();
    }

    pub(super) fn forget_member(&self, chat: i64, user: i64) {
        self.members.cache.forget(&(chat, user));
    }

    pub(super) fn forget_members(&self) {
        self.members.cache.forget_all();
    }
}
