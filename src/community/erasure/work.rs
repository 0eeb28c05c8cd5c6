//! Carries erasures out, one after another, and takes up at the start what an older copy has to forget again.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::list::{self, Listed};
use super::store::{self, Open, Reason};
use super::{Forget, Portion};
use crate::base::clock::SharedClock;
use crate::base::crash::crash_point;
use crate::base::secretbox::Keyring;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::{Community, arbiter};
use crate::store::{Signal, Store, StoreError};
use crate::telegram::intake::inbox;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Rows a portion looks at.
const ROWS: i64 = 500;
/// People compared with the list in one read.
const PEOPLE: u32 = 5_000;
/// Pause while the person's last updates are still being handled, and after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// What a start found to forget again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// People on the list of whom this database still held something.
    pub people: usize,
    /// Lines of the list that make no sense.
    pub rubbish: usize,
}

/// Forgets people. Cheap to clone.
#[derive(Clone)]
pub struct Erasures {
    store: Store,
    keys: Keyring,
    clock: SharedClock,
    community: Community,
    rooms: Arc<[Arc<dyn Forget>]>,
}

impl Erasures {
    /// Forgets in `rooms`, in this order.
    pub fn new(
        store: Store,
        keys: Keyring,
        clock: SharedClock,
        community: Community,
        rooms: Vec<Arc<dyn Forget>>,
    ) -> Self {
        Self {
            store,
            keys,
            clock,
            community,
            rooms: rooms.into(),
        }
    }

    /// Before anything new is heard: whoever is on the list and not forgotten here is forgotten again. Returns when
    /// that is done. An error names the file and the remedy.
    pub async fn replay(&self) -> anyhow::Result<Replayed> {
        let (listed, rubbish) = list::read(self.store.dir()).map_err(anyhow::Error::msg)?;
        let done = self.store.read(store::done).await?;
        // Lost with the file, known to the database.
        let on_list: HashSet<_> = listed.iter().map(|l| l.hash).collect();
        for lost in done.iter().filter(|d| !on_list.contains(&d.hash)) {
            list::add(self.store.dir(), lost).map_err(anyhow::Error::msg)?;
        }
        let done: HashMap<_, _> = done.into_iter().map(|d| (d.hash, d.asked_at)).collect();
        let mut missed: HashMap<[u8; 32], Listed> = HashMap::new();
        for entry in listed {
            if done
                .get(&entry.hash)
                .is_some_and(|at| *at >= entry.asked_at)
            {
                continue;
            }
            match missed.get(&entry.hash) {
                Some(other) if other.asked_at >= entry.asked_at => {}
                _ => drop(missed.insert(entry.hash, entry)),
            }
        }
        let mut replayed = Replayed { people: 0, rubbish };
        if !missed.is_empty() {
            let people = self.find(&missed).await?;
            replayed.people = people.len();
            let now = self.clock.now();
            for (hash, entry) in missed {
                let person = people.get(&hash).copied();
                self.store
                    .write(move |tx| store::take_up(tx, &entry, person, now))
                    .await?;
            }
            crash_point("erasure.taken_up");
        }
        while self.step(false).await? {}
        Ok(replayed)
    }

    /// Which of the people in the database these hashes mean.
    async fn find(
        &self,
        missed: &HashMap<[u8; 32], Listed>,
    ) -> Result<HashMap<[u8; 32], i64>, StoreError> {
        let tags: HashSet<_> = missed.values().map(|l| l.tag).collect();
        let mut found = HashMap::new();
        let mut after = i64::MIN;
        loop {
            let people = self
                .store
                .read(move |conn| store::people(conn, after, PEOPLE))
                .await?;
            let Some(last) = people.last() else {
                return Ok(found);
            };
            after = *last;
            for person in people {
                for tag in &tags {
                    let hash = store::hash_under(&self.keys, *tag, person);
                    if let Some(hash) = hash.filter(|h| missed.contains_key(h)) {
                        found.insert(hash, person);
                    }
                }
            }
        }
    }

    /// Forgets whoever asks for it, until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = match self.step(true).await {
                Ok(true) => continue,
                Ok(false) => None,
                Err(e) => {
                    tracing::warn!(error = %e, "somebody could not be forgotten yet; trying again");
                    Some(PAUSE * 20)
                }
            };
            tokio::select! {
                () = self.store.woken(Signal::Erasures), if pause.is_none() => {}
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// One portion of the longest waiting erasure; false when there is none. With `patient`, the person's last
    /// updates are handled first, for what they leave is to be forgotten too.
    async fn step(&self, patient: bool) -> anyhow::Result<bool> {
        let Some(open) = self.store.read(store::next_open).await? else {
            return Ok(false);
        };
        if open.tag == 0 {
            let keys = self.keys.clone();
            self.store
                .write(move |tx| store::name(tx, &open, &keys))
                .await?;
            return Ok(true);
        }
        if !open.listed {
            let until = open.asked_at;
            let waits = self.store.read(move |conn| inbox::waits_since(conn, until));
            if patient && waits.await? && self.clock.now() - until < 600_000 {
                tokio::time::sleep(PAUSE).await;
                return Ok(true);
            }
            self.list(&open).await?;
            return Ok(true);
        }
        match self.rooms.get(open.room).cloned() {
            Some(room) => self.portion(&open, room).await?,
            None => self.finish(open).await?,
        }
        Ok(true)
    }

    /// On the list first: from here on no older copy brings the person back.
    async fn list(&self, open: &Open) -> anyhow::Result<()> {
        let listed = Listed {
            hash: open.hash,
            tag: open.tag,
            asked_at: open.asked_at,
        };
        // Whom a copy has to forget again is on it.
        if open.reason != Reason::Replayed.name() {
            let dir = self.store.dir().to_owned();
            let added = tokio::task::spawn_blocking(move || list::add(&dir, &listed)).await?;
            added.map_err(anyhow::Error::msg)?;
        }
        crash_point("erasure.listed");
        let (hash, tag, person, now) = (open.hash, open.tag, open.person, self.clock.now());
        self.store
            .write(move |tx| {
                store::keep_bans(tx, person, &hash, tag, now)?;
                arbiter::let_go(tx, person, now)?;
                store::mark_listed(tx, &hash)
            })
            .await?;
        Ok(())
    }

    async fn portion(&self, open: &Open, room: Arc<dyn Forget>) -> anyhow::Result<()> {
        let portion = Portion {
            person: open.person,
            until: open.asked_at,
            position: open.position,
            rows: ROWS,
            now: self.clock.now(),
        };
        let (hash, at) = (open.hash, open.room);
        let progress = self
            .store
            .write_bulk(move |tx| {
                let progress = room.forget(tx, portion)?;
                let (room, position) = match progress.next {
                    Some(next) => (at, next),
                    None => (at + 1, 0),
                };
                store::put_progress(tx, &hash, room, position, progress.gone)?;
                Ok(progress)
            })
            .await?;
        if progress.gone > 0 {
            crash_point("erasure.portion");
        }
        Ok(())
    }

    async fn finish(&self, open: Open) -> anyhow::Result<()> {
        // Before it is called done: nothing of it may be left in the log or in a cache.
        self.community.forget_people();
        if !self.store.scrub().await {
            tracing::warn!(
                "the log of the database could not be emptied at once; it will be, when its readers are done"
            );
        }
        crash_point("erasure.scrubbed");
        let now = self.clock.now();
        let rows = open.rows;
        self.store
            .write(move |tx| {
                let mark: String = open.hash[..8].iter().map(|b| format!("{b:02x}")).collect();
                let entry =
                    AuditEntry::new(Actor::System, "person.erased", format!("erased:{mark}"))
                        .with(json!({ "reason": open.reason, "rows": open.rows }));
                tx.audit(&entry, now)?;
                if let Some(chat) = open.notify {
                    let lang = Lang::from_tag(open.lang.as_deref());
                    let words = text(lang, "erase-done", &[]);
                    tx.send(&Effect::send_html(chat, words, None), now, None)?;
                }
                store::mark_done(tx, &open.hash, now)
            })
            .await?;
        tracing::info!(rows, "somebody was forgotten");
        Ok(())
    }
}
