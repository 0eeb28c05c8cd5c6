//! Which call goes next: strict lanes, order within a chat, budgets. Pure; time is passed in.
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};

use super::budget::{Bucket, Window, Yielding};
use super::limits::Limits;
use super::methods::Budget;
use super::outbox::OutboxId;
use super::place::{Key, LANES, Next, Place, Queue, Waiting, Whose};
use crate::base::clock::Millis;

/// Rows of one lane kept in memory.
pub(super) const PER_LANE: usize = 4_000;
/// Messages that one `deleteMessages` takes (Bot API).
pub const JOINED: usize = 100;
/// Chats that must say "too many" within [`FLOOD_SPAN`] until the whole budget is paused.
const FLOOD_CHATS: usize = 3;
const FLOOD_SPAN: Millis = 5_000;
/// No wait of the sender's own is longer (`SenderSettings::retry_cap`).
const LONGEST_BACK_OFF: Millis = 300_000;

/// The answer to "what now?".
#[derive(Debug)]
pub enum Pick {
    /// Make this call: one row, or several deletions of one chat.
    Call(Batch),
    /// This row is past its deadline.
    Expired(Waiting),
    /// Nothing before this moment; None is nothing at all.
    Wait(Option<Millis>),
}

/// Rows that make one call.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where they belong.
    pub key: Key,
    /// At least one.
    pub rows: Vec<Waiting>,
}

/// Rows to fetch for a queue that has left some in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refill {
    /// Whose queue.
    pub key: Key,
    /// Its lane.
    pub lane: u8,
    /// From this id on.
    pub from: OutboxId,
}

/// All that waits in memory, and the budgets.
#[derive(Debug)]
pub struct Schedule {
    limits: Limits,
    places: HashMap<Key, Place>,
    /// Places whose head may go, by lane and budget, in turn. An entry whose stamp is old is skipped.
    ready: [[VecDeque<(Key, u64)>; 3]; LANES],
    timed: BinaryHeap<Reverse<(Millis, u64, Key)>>,
    next_stamp: u64,
    waiting: [usize; LANES],
    /// Rows in memory: waiting or on their way.
    known: HashSet<OutboxId>,
    /// Rows that left the memory while rows were being read: what was read may still show them.
    left: HashSet<OutboxId>,
    reading: bool,
    hungry: BTreeSet<(Key, u8)>,
    messages: Window,
    acts: Yielding,
    questions: Bucket,
    bulk: Bucket,
    paused_until: [Millis; 3],
    floods: VecDeque<(Millis, Key)>,
}

impl Schedule {
    /// Nothing waits.
    pub fn new(limits: Limits, now: Millis) -> Self {
        Self {
            messages: Window::new(limits.messages_per_second as usize, 1_000),
            acts: Yielding::new(limits.acts_per_second, limits.acts_per_second / 4.0, now),
            questions: Bucket::new(
                limits.questions_per_second,
                limits.questions_per_second,
                now,
            ),
            bulk: Bucket::new(limits.bulk_per_second, 1.0, now),
            limits,
            places: HashMap::new(),
            ready: Default::default(),
            timed: BinaryHeap::new(),
            next_stamp: 1,
            waiting: [0; LANES],
            known: HashSet::new(),
            left: HashSet::new(),
            reading: false,
            hungry: BTreeSet::new(),
            paused_until: [0; 3],
            floods: VecDeque::new(),
        }
    }

    /// Rows that wait in memory, by lane.
    pub fn waiting(&self) -> [usize; LANES] {
        self.waiting
    }

    /// Rows the lane has room for.
    pub fn room(&self, lane: usize) -> usize {
        PER_LANE.saturating_sub(self.waiting[lane])
    }

    /// Acts a second at this moment.
    pub fn acts_rate(&self) -> f64 {
        self.acts.rate()
    }

    /// Until when each budget is paused, in the order of [`Budget::ALL`]; 0 or a past moment is not.
    pub fn paused_until(&self) -> [Millis; 3] {
        self.paused_until
    }

    /// When the oldest row in memory was written.
    pub fn oldest(&self) -> Option<Millis> {
        self.places
            .values()
            .flat_map(|p| p.lanes.iter().filter_map(|q| q.rows.front()))
            .map(|row| row.created_at)
            .min()
    }

    /// Rows are being read from the table: what leaves the memory meanwhile is remembered.
    pub fn reading(&mut self) {
        self.reading = true;
    }

    /// What was read has been taken in.
    pub fn read(&mut self) {
        self.reading = false;
        self.left.clear();
    }

    /// Takes a row in, unless it is here already or its queue is full; then the queue asks for it later.
    pub fn accept(&mut self, row: Waiting, now: Millis) {
        self.take_in(row, false, now);
    }

    /// Takes in what [`Schedule::refills`] asked for. `full`: the table may hold more.
    pub fn refilled(&mut self, refill: Refill, rows: Vec<Waiting>, full: bool, now: Millis) {
        let lane = refill.lane as usize;
        let last = rows.last().map(|row| row.id);
        if let Some(queue) = self.places.get_mut(&refill.key).map(|p| &mut p.lanes[lane])
            && queue.skipped_from == Some(refill.from)
        {
            queue.skipped_from = match (full, last) {
                (true, Some(last)) => Some(last + 1),
                _ => None,
            };
        }
        for row in rows {
            self.take_in(row, true, now);
        }
        self.note_hunger(refill.key, lane, now);
    }

    fn take_in(&mut self, row: Waiting, refill: bool, now: Millis) {
        if self.known.contains(&row.id) || self.left.contains(&row.id) {
            return;
        }
        let key = Key::of(&row);
        let lane = usize::from(row.lane).min(LANES - 1);
        let place = self
            .places
            .entry(key)
            .or_insert_with(|| Place::new(key, &self.limits, now));
        let crowded = self.waiting[lane] > PER_LANE / 2;
        let room = place.room(crowded, now);
        let queue = &mut place.lanes[lane];
        let behind = queue.skipped_from.is_some_and(|from| from <= row.id);
        if queue.rows.len() >= room || (behind && !refill) {
            let from = queue.skipped_from.map_or(row.id, |from| from.min(row.id));
            queue.skipped_from = Some(from);
            self.note_hunger(key, lane, now);
            return;
        }
        let first = queue.rows.is_empty();
        self.known.insert(row.id);
        // Only Telegram asks for waits this long, and it asks the whole chat: also after a restart.
        if row.not_before > now.saturating_add(LONGEST_BACK_OFF) {
            place.hold_until = place.hold_until.max(row.not_before);
        }
        queue.rows.push_back(row);
        self.waiting[lane] += 1;
        if first {
            self.index(key, now);
        }
    }

    /// Queues that have room again for rows left in the table, at most `most`.
    pub fn refills(&mut self, most: usize) -> Vec<Refill> {
        let mut out = Vec::new();
        while out.len() < most
            && let Some((key, lane)) = self.hungry.pop_first()
        {
            let from = self
                .places
                .get(&key)
                .and_then(|p| p.lanes[lane as usize].skipped_from);
            if let Some(from) = from {
                out.push(Refill { key, lane, from });
            }
        }
        out
    }

    /// Whether [`Schedule::refills`] has something to ask for.
    pub fn is_hungry(&self) -> bool {
        !self.hungry.is_empty()
    }

    fn note_hunger(&mut self, key: Key, lane: usize, now: Millis) {
        let Some(place) = self.places.get(&key) else {
            return;
        };
        let queue = &place.lanes[lane];
        let crowded = self.waiting[lane] > PER_LANE / 2;
        let low = place.room(crowded, now) / 2;
        if queue.skipped_from.is_some() && queue.rows.len() <= low {
            self.hungry.insert((key, lane as u8));
        }
    }

    /// The next call, by lane, then budget, then turn. Its place is busy until released.
    pub fn pick(&mut self, now: Millis) -> Pick {
        self.wake_timed(now);
        let mut wait: Option<Millis> = None;
        for lane in 0..LANES {
            for budget in Budget::ALL {
                self.drop_stale(lane, budget);
                if self.ready[lane][budget as usize].is_empty() {
                    continue;
                }
                let due = self.budget_ready_at(budget, lane, now);
                if due > now {
                    wait = Some(wait.map_or(due, |w| w.min(due)));
                    continue;
                }
                if let Some((key, _)) = self.ready[lane][budget as usize].pop_front()
                    && let Some(pick) = self.take(key, lane, now)
                {
                    return pick;
                }
            }
        }
        if let Some(Reverse((due, ..))) = self.timed.peek() {
            wait = Some(wait.map_or(*due, |w| w.min(*due)));
        }
        Pick::Wait(wait)
    }

    fn wake_timed(&mut self, now: Millis) {
        while let Some(&Reverse((due, stamp, key))) = self.timed.peek() {
            let current = self.places.get(&key).is_some_and(|p| p.stamp == stamp);
            if current && due > now {
                break;
            }
            self.timed.pop();
            if current {
                self.index(key, now);
            }
        }
    }

    fn drop_stale(&mut self, lane: usize, budget: Budget) {
        let queue = &mut self.ready[lane][budget as usize];
        while let Some((key, stamp)) = queue.front() {
            if self.places.get(key).is_some_and(|p| p.stamp == *stamp) {
                return;
            }
            queue.pop_front();
        }
    }

    fn budget_ready_at(&mut self, budget: Budget, lane: usize, now: Millis) -> Millis {
        let pause = self.paused_until[budget as usize];
        let own = match budget {
            Budget::Messages => self.messages.ready_at(now),
            Budget::Acts => self.acts.ready_at(now),
            Budget::Questions => self.questions.ready_at(now),
        };
        let bulk = if lane == LANES - 1 {
            self.bulk.ready_at(now)
        } else {
            now
        };
        pause.max(own).max(bulk)
    }

    fn take(&mut self, key: Key, lane: usize, now: Millis) -> Option<Pick> {
        let place = self.places.get_mut(&key)?;
        let rows = &mut place.lanes[lane].rows;
        let head = rows.pop_front()?;
        self.waiting[lane] -= 1;
        if head.is_expired(now) {
            self.index(key, now);
            self.note_hunger(key, lane, now);
            return Some(Pick::Expired(head));
        }
        let mut batch = vec![head];
        if batch[0].joinable().is_some() {
            while batch.len() < JOINED
                && rows.front().is_some_and(|r| {
                    !r.is_expired(now) && r.not_before <= now && r.joinable().is_some()
                })
            {
                batch.extend(rows.pop_front());
                self.waiting[lane] -= 1;
            }
        }
        place.busy = true;
        place.pay(now);
        match key.budget {
            Budget::Messages => self.messages.take(now),
            Budget::Acts => self.acts.take(now),
            Budget::Questions => self.questions.take(now),
        }
        if lane == LANES - 1 {
            self.bulk.take(now);
        }
        self.note_hunger(key, lane, now);
        Some(Pick::Call(Batch { key, rows: batch }))
    }

    /// The row is settled and leaves the memory.
    pub fn forget(&mut self, id: OutboxId) {
        self.known.remove(&id);
        if self.reading {
            self.left.insert(id);
        }
    }

    /// Puts a row that was picked back at the head of its queue.
    pub fn put_back(&mut self, row: Waiting, now: Millis) {
        let key = Key::of(&row);
        let lane = usize::from(row.lane).min(LANES - 1);
        let place = self
            .places
            .entry(key)
            .or_insert_with(|| Place::new(key, &self.limits, now));
        self.known.insert(row.id);
        place.lanes[lane].rows.push_front(row);
        self.waiting[lane] += 1;
        self.index(key, now);
    }

    /// The call of this place is settled: its next one may go.
    pub fn release(&mut self, key: Key, now: Millis) {
        let Some(place) = self.places.get_mut(&key) else {
            return;
        };
        place.busy = false;
        let empty = place.lanes.iter().all(|q| q.rows.is_empty());
        if empty && matches!(key.whose, Whose::Nobody(_)) {
            self.places.remove(&key);
        } else {
            self.index(key, now);
        }
    }

    /// Telegram said "too many" to a call of this place and asked to wait until `until`.
    pub fn flooded(&mut self, key: Key, until: Millis, now: Millis) {
        if key.budget == Budget::Acts {
            self.acts.halve(now);
        }
        self.floods
            .retain(|(at, _)| *at <= now && at.saturating_add(FLOOD_SPAN) > now);
        self.floods.push_back((now, key));
        let chats: HashSet<Whose> = self
            .floods
            .iter()
            .filter(|(_, k)| k.budget == key.budget)
            .map(|(_, k)| k.whose)
            .collect();
        if matches!(key.whose, Whose::Nobody(_)) || chats.len() >= FLOOD_CHATS {
            let pause = until.min(now.saturating_add(self.limits.longest_pause));
            let paused = &mut self.paused_until[key.budget as usize];
            *paused = (*paused).max(pause);
        }
        if let Some(place) = self.places.get_mut(&key) {
            place.hold_until = place.hold_until.max(until);
            if place.is_parked(now) {
                self.park(key);
            }
            self.index(key, now);
        }
    }

    /// The clock was set back by `by`: what waits, waits no longer for that.
    pub fn set_back(&mut self, by: Millis, now: Millis) {
        for pause in &mut self.paused_until {
            *pause = pause.saturating_sub(by).max(0);
        }
        for place in self.places.values_mut() {
            place.hold_until = place.hold_until.saturating_sub(by).max(0);
            for row in place.lanes.iter_mut().flat_map(|q| q.rows.iter_mut()) {
                row.not_before = row.not_before.saturating_sub(by).max(0);
            }
        }
        let keys: Vec<Key> = self.places.keys().copied().collect();
        for key in keys {
            self.index(key, now);
        }
    }

    /// Leaves all but the head of each of the place's queues to the table.
    fn park(&mut self, key: Key) {
        let Some(place) = self.places.get_mut(&key) else {
            return;
        };
        for (lane, queue) in place.lanes.iter_mut().enumerate() {
            while queue.rows.len() > 1
                && let Some(row) = queue.rows.pop_back()
            {
                self.known.remove(&row.id);
                self.waiting[lane] -= 1;
                queue.skipped_from = Some(queue.skipped_from.map_or(row.id, |f| f.min(row.id)));
            }
        }
    }

    /// A group has become a supergroup: what waits for the one waits for the other.
    pub fn migrate(&mut self, from: i64, to: i64, now: Millis) {
        for budget in Budget::ALL {
            let old = Key {
                budget,
                whose: Whose::Chat(from),
            };
            let new = Key {
                budget,
                whose: Whose::Chat(to),
            };
            let Some(mut place) = self.places.remove(&old) else {
                continue;
            };
            let target = self
                .places
                .entry(new)
                .or_insert_with(|| Place::new(new, &self.limits, now));
            for (lane, queue) in place.lanes.iter_mut().enumerate() {
                merge(&mut target.lanes[lane], std::mem::take(queue), to);
            }
            self.index(new, now);
            for lane in 0..LANES {
                self.note_hunger(new, lane, now);
            }
        }
    }

    /// Forgets places that nothing waits in and whose limits have run out.
    pub fn prune(&mut self, now: Millis) {
        self.places.retain(|_, place| !place.is_idle(now));
    }

    /// Chats in memory.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    fn index(&mut self, key: Key, now: Millis) {
        let Some(place) = self.places.get_mut(&key) else {
            return;
        };
        place.stamp = self.next_stamp;
        self.next_stamp += 1;
        match place.next(now) {
            Next::Now(lane) => {
                self.ready[lane][key.budget as usize].push_back((key, place.stamp));
            }
            Next::At(due) => self.timed.push(Reverse((due, place.stamp, key))),
            Next::Nothing => {}
        }
    }
}

/// Adds the rows of `from` to `into`, by age, re-addressed to `chat`.
fn merge(into: &mut Queue, from: Queue, chat: i64) {
    let mut rows: Vec<Waiting> = into.rows.drain(..).collect();
    rows.extend(from.rows.into_iter().map(|mut row| {
        readdress(&mut row, chat);
        row
    }));
    rows.sort_by_key(|row| row.id);
    into.rows = rows.into();
    into.skipped_from = match (into.skipped_from, from.skipped_from) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
}

/// Points a row at the supergroup that its chat became. Messages are numbered anew there: what names one names
/// none any more, rather than somebody else's.
pub(super) fn readdress(row: &mut Waiting, chat: i64) {
    row.chat = Some(chat);
    if let Ok(mut params) = serde_json::from_str::<serde_json::Value>(&row.params) {
        params["chat_id"] = chat.into();
        if let Some(members) = params.as_object_mut() {
            members.remove("reply_parameters");
            if let Some(message) = members.get_mut("message_id") {
                *message = 0.into();
            }
        }
        row.params = params.to_string();
    }
}
