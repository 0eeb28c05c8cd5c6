//! The nouns all features share: groups, people, members, messages, restrictions, the audit, events; with
//! their SQL and their caches.
pub mod activity;
pub mod admission;
pub mod arbiter;
pub mod audit;
mod cache;
mod clocks;
pub mod erasure;
pub mod events;
mod expiry;
pub mod export;
pub mod fleeting;
pub mod keeping;
pub mod principals;
pub mod privacy;
pub mod reach;
mod record;
pub mod reputation;
pub mod seal;
pub mod settings;
mod store;
pub mod target;
pub mod versions;
mod view;
pub mod wording;

pub use clocks::ClockNews;
pub use expiry::expire_people;
pub use record::{Write, record, words};
pub use store::{
    Kept, group as group_on_disk, member as member_on_disk, put_back, set_mode, take_down,
};
pub use view::{
    Album, GroupFacts, HISTORY, LaneView, MemberFacts, RECENT, Recent, digest_of_words,
};

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::clock::Millis;
use crate::base::random::Random;
use crate::config::Mode;
use crate::observe::cache::Caches as Book;
use crate::store::{Store, StoreError};
use crate::telegram::event::{Event, Sender, Service};
use cache::Caches;
use clocks::Clocks;

/// What is known of groups and people. Cheap to clone.
#[derive(Clone)]
pub struct Community {
    store: Store,
    random: Arc<dyn Random>,
    caches: Arc<Caches>,
    default_mode: Mode,
    low_disk: Arc<AtomicBool>,
    clocks: Arc<Clocks>,
}

impl Community {
    /// Reads from `store`; groups whose mode nobody has chosen have `default_mode`; while `low_disk` holds,
    /// words and media are not kept. All caches of the appliance together may take `cache_bytes`.
    pub fn new(
        store: Store,
        random: Arc<dyn Random>,
        default_mode: Mode,
        low_disk: Arc<AtomicBool>,
        cache_bytes: u64,
    ) -> Self {
        Self {
            store,
            random,
            caches: Arc::new(Caches::new(cache_bytes)),
            default_mode,
            low_disk,
            clocks: Arc::default(),
        }
    }

    /// The mode of groups for which nobody has chosen one.
    pub fn default_mode(&self) -> Mode {
        self.default_mode
    }

    /// Whether words and media are not kept for want of room.
    pub fn low_disk(&self) -> bool {
        self.low_disk.load(Ordering::Relaxed)
    }

    /// Takes in what time it is at Telegram, by the `date` of an update in seconds; None only looks whether this
    /// machine's clock was set. Gives how far Telegram's is ahead, when that is news: to be written, then
    /// given to [`Community::clock_kept`].
    pub fn clock_news(&self, date: Option<i64>, now: Millis) -> Option<ClockNews> {
        self.clocks.look(date, now)
    }

    /// `news` is on disk.
    pub fn clock_kept(&self, news: ClockNews) {
        self.clocks.kept(news);
    }

    /// Writes it down, if this machine's clock was set.
    pub async fn watch_clock(&self, now: Millis) -> Result<(), StoreError> {
        if let Some(news) = self.clocks.look(None, now) {
            self.store.write(move |tx| news.write(tx)).await?;
            self.clocks.kept(news);
        }
        Ok(())
    }

    /// A fresh UUIDv7 of `now`.
    pub fn fresh_id(&self, now: Millis) -> [u8; 16] {
        *crate::base::ids::uuid7(self.random(), now).as_bytes()
    }

    /// Chance, for ids.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Enters the caches in the list of all.
    pub fn tell_caches(&self, book: &Book) {
        self.caches.tell(book);
    }

    /// What `events` will want to know, from the caches and, for the rest, in one read.
    pub async fn view(
        &self,
        events: impl Iterator<Item = &Event>,
        now: Millis,
    ) -> Result<LaneView, StoreError> {
        let mut view = LaneView {
            read_at: now,
            ..LaneView::default()
        };
        let (mut groups, mut members) = (HashSet::new(), HashSet::new());
        let mut recents = HashSet::new();
        for event in events {
            let Some(chat) = &event.chat else { continue };
            if chat.kind != "private" {
                groups.insert(chat.id);
                if let Some(Service::MigratedFrom(old) | Service::MigratedTo(old)) = event.service {
                    groups.insert(old);
                }
            }
            for user in people(event) {
                members.insert((chat.id, user));
            }
            if let Some(album) = &event.album {
                let key = (chat.id, album.clone());
                if let Some(known) = self.caches.album(&key, now) {
                    view.albums.insert(key, known);
                }
            }
        }
        self.caches
            .fill(&mut view, &mut groups, &mut recents, &mut members, now);
        if groups.is_empty() && recents.is_empty() && members.is_empty() {
            return Ok(view);
        }
        let default = self.default_mode;
        let found = self
            .store
            .read(move |conn| {
                let mut found = LaneView::default();
                for id in groups {
                    if let Some(group) = store::group(conn, id, default)? {
                        found.groups.insert(id, Arc::new(group));
                    }
                }
                for id in recents {
                    found.recent.insert(id, store::recent(conn, id, now)?);
                }
                for (chat, user) in members {
                    if let Some(member) = store::member(conn, chat, user)? {
                        found.members.insert((chat, user), member);
                    }
                }
                Ok(found)
            })
            .await?;
        view.groups.extend(found.groups);
        view.members.extend(found.members);
        view.recent.extend(found.recent);
        Ok(view)
    }

    /// Forgets all that `view` is about: what it was to become may be on disk by another way.
    pub fn distrust(&self, view: &LaneView) {
        self.caches.distrust(view);
    }

    /// Caches what a lane committed.
    pub fn remember(&self, view: LaneView) {
        let now = view.read_at;
        self.caches.remember(view, now);
    }

    /// What must be written when a message by the event's sender, in its chat, is removed.
    pub fn removed(
        &self,
        event: &Event,
        message: i64,
        view: &mut LaneView,
        now: Millis,
    ) -> Option<record::Write> {
        record::removed(event, message, view, now)
    }

    /// Forgets what is remembered of a person in a group: a transaction changed it.
    pub fn forget_member(&self, chat: i64, user: i64) {
        self.caches.forget_member(chat, user);
    }

    /// Forgets what is remembered of people in groups: somebody was erased.
    pub fn forget_people(&self) {
        self.caches.forget_members();
    }

    /// What is kept of a message's words and links.
    pub async fn kept(&self, chat: i64, message: i64) -> Result<Option<Kept>, StoreError> {
        self.store
            .read(move |conn| store::kept(conn, chat, message))
            .await
    }

    /// The mode of a group, for faces outside the walk.
    pub async fn set_mode(&self, chat: i64, mode: Mode) -> Result<bool, StoreError> {
        let changed = self
            .store
            .write(move |tx| store::set_mode(tx, chat, mode))
            .await?;
        self.refresh(chat).await?;
        Ok(changed)
    }

    /// A basic group became a supergroup: settings and members move to the new id, once.
    pub async fn migrated(&self, from: i64, to: i64, now: Millis) -> Result<bool, StoreError> {
        let moved = self
            .store
            .write(move |tx| {
                let moved = store::migrate(tx, from, to, now)?;
                if moved {
                    arbiter::moved(tx, from, to, now)?;
                }
                Ok(moved)
            })
            .await?;
        if moved {
            self.refresh(from).await?;
            self.refresh(to).await?;
            self.caches.forget_members();
        }
        Ok(moved)
    }

    /// Telegram refuses Beadle a group; false when that is known already, or there is no such group.
    pub async fn lost(&self, chat: i64, now: Millis) -> Result<bool, StoreError> {
        let news = self
            .store
            .write(move |tx| store::lose(tx, chat, now))
            .await?;
        self.refresh(chat).await?;
        Ok(news)
    }

    /// Telegram refuses Beadle deletions in a group; false when that is known already.
    pub async fn powerless(&self, chat: i64, now: Millis) -> Result<bool, StoreError> {
        let news = self
            .store
            .write(move |tx| store::disarm(tx, chat, now))
            .await?;
        self.refresh(chat).await?;
        Ok(news)
    }

    /// Forgets what Telegram told of Beadle's own standing in groups: changes may have been missed.
    pub async fn forget_standing(&self) -> Result<(), StoreError> {
        self.store.write(|tx| store::forget_standing(tx)).await?;
        self.caches.forget_groups();
        Ok(())
    }

    /// A group as it stands on disk.
    pub async fn group(&self, chat: i64) -> Result<Option<GroupFacts>, StoreError> {
        let default = self.default_mode;
        self.store
            .read(move |conn| store::group(conn, chat, default))
            .await
    }

    /// Caches a group as it stands on disk, so that a lane that decided by older facts does not.
    pub async fn refresh(&self, chat: i64) -> Result<(), StoreError> {
        let state = self.caches.state(chat);
        match self.group(chat).await? {
            Some(group) => self.caches.put_group(group, state),
            None => self.caches.forget_group(chat),
        }
        Ok(())
    }
}

/// The people an event is about, whose facts stages may ask for.
fn people(event: &Event) -> impl Iterator<Item = i64> + '_ {
    let sender = match &event.sender {
        Sender::User(user) => Some(user.id),
        _ => None,
    };
    let member = event.member.as_ref().map(|m| m.user.id);
    let callback = event.callback.as_ref().map(|c| c.from.id);
    let join = event.join.as_ref().map(|j| j.user.id);
    sender.into_iter().chain(member).chain(callback).chain(join)
}
