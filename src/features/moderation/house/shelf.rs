//! What is in memory of a group's house rules: its lists, compiled, and the pace of its people.
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache as Moka;

use super::action::Action;
use super::pace::{Beat, Broken, Pace, note};
use super::patterns::Entry;
use super::store::{self, ItemKind};
use crate::base::clock::Millis;
use crate::base::fold::fold;
use crate::community::words;
use crate::observe::cache::{Cache, Caches, Life};
use crate::store::{Store, StoreError};
use crate::telegram::event::Event;

/// How long lists are believed, should news of a change have been lost.
const LIFE: Duration = Duration::from_secs(600);
/// The pace of a group in which nothing is said for so long is forgotten: no limit reaches further.
const QUIET: Duration = Duration::from_secs(3_600);
/// Groups whose pace is remembered.
const GROUPS: u64 = 5_000;
/// People of one group whose pace is remembered; beyond, those who have long been silent go.
const PEOPLE: usize = 2_000;
/// Somebody is told the same again after this.
const TOLD: Duration = Duration::from_secs(600);
/// A group hears of removals of one sort at most once in so long.
const TOLD_GROUP: Duration = Duration::from_secs(20);
/// Items of one album come within this.
const ALBUM: Duration = Duration::from_secs(600);
/// Entries of the small memories.
const ROOM: u64 = 20_000;

/// A group's lists.
#[derive(Debug, Default)]
pub(in crate::features::moderation) struct Book {
    /// The blacklist.
    pub(super) words: Vec<Entry>,
    /// What notes say, by name in lower case.
    pub(super) notes: HashMap<String, String>,
    /// Keywords, folded, with what is said.
    pub(super) filters: Vec<(String, String)>,
    /// Rules, welcome, goodbye.
    pub(super) texts: HashMap<String, String>,
    bytes: usize,
}

impl Book {
    fn read(items: Vec<store::Item>) -> Self {
        let mut book = Self::default();
        for item in items {
            book.bytes += item.name.len() + item.body.len() + 200;
            match item.kind {
                ItemKind::Word => {
                    let action = Action::try_from(item.body).unwrap_or(Action::Delete);
                    match Entry::new(&item.name, action) {
                        Ok(entry) => {
                            book.bytes += entry.bytes();
                            book.words.push(entry);
                        }
                        Err(e) => {
                            tracing::warn!(error = %e, "an entry of a blacklist is passed over")
                        }
                    }
                }
                ItemKind::Note => {
                    book.notes.insert(item.name, item.body);
                }
                ItemKind::Filter => {
                    let keyword = fold(&item.name).text.trim().to_owned();
                    if !keyword.is_empty() {
                        book.filters.push((keyword, item.body));
                    }
                }
                ItemKind::Text => {
                    book.texts.insert(item.name, item.body);
                }
            }
        }
        book
    }
}

type People = Arc<Mutex<HashMap<i64, VecDeque<Beat>>>>;

/// Keeps it. Cheap to clone.
#[derive(Clone)]
pub struct Shelf {
    store: Store,
    books: Cache<i64, Arc<Book>>,
    /// Grows with every change: what was read before one is not kept.
    changes: Arc<AtomicU64>,
    paces: Moka<i64, People>,
    told: Moka<(i64, i64, &'static str), ()>,
    told_group: Moka<(i64, &'static str), ()>,
    albums: Moka<(i64, String), &'static str>,
}

impl Shelf {
    /// Reads from `store`; lists take at most 5 hundredths of `cache_bytes`.
    pub(in crate::features::moderation) fn new(store: Store, cache_bytes: u64) -> Self {
        let small = |life| Moka::builder().max_capacity(ROOM).time_to_live(life);
        Self {
            store,
            books: Cache::new(
                "house",
                Life::Written(LIFE),
                cache_bytes / 100 * 5,
                |_, book: &Arc<Book>| book.bytes,
            ),
            changes: Arc::default(),
            paces: Moka::builder()
                .max_capacity(GROUPS)
                .time_to_idle(QUIET)
                .build(),
            told: small(TOLD).build(),
            told_group: Moka::builder()
                .max_capacity(ROOM)
                .time_to_live(TOLD_GROUP)
                .build(),
            albums: Moka::builder()
                .max_capacity(ROOM)
                .time_to_live(ALBUM)
                .build(),
        }
    }

    /// Enters the lists among all caches.
    pub(in crate::features::moderation) fn tell_caches(&self, book: &Caches) {
        book.add(&self.books);
    }

    /// A group's lists.
    pub(super) async fn book(&self, chat: i64) -> Result<Arc<Book>, StoreError> {
        if let Some(book) = self.books.get(&chat) {
            return Ok(book);
        }
        let before = self.changes.load(Ordering::Acquire);
        let items = self.store.read(move |conn| store::all(conn, chat)).await?;
        // Patterns take a while to compile.
        let made = tokio::task::spawn_blocking(move || Arc::new(Book::read(items))).await;
        let book =
            made.map_err(|e| StoreError::Invalid(format!("the lists were not read: {e}")))?;
        if self.changes.load(Ordering::Acquire) == before {
            self.books.insert(chat, book.clone());
        }
        Ok(book)
    }

    /// A group's lists were changed, and the change is on disk.
    pub fn changed(&self, chat: i64) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.books.forget(&chat);
    }

    /// How a new message of `user` breaks the group's pace, if it does; it is remembered in any case.
    pub(super) async fn pace(
        &self,
        pace: &Pace,
        (chat, user): (i64, i64),
        event: &Event,
        now: Millis,
    ) -> Result<Option<Broken>, StoreError> {
        let Some(message) = event.message_id else {
            return Ok(None);
        };
        // What waited here while Beadle was away did not come all at once: Telegram's clock counts.
        let at = event.date.map_or(now, |date| date.saturating_mul(1_000));
        let people = self.people(pace, chat, at).await?;
        let mut people = people.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= PEOPLE && !people.contains_key(&user) {
            let since = at - pace.reaches();
            people.retain(|_, beats| beats.back().is_some_and(|b| b.at >= since));
        }
        let beats = people.entry(user).or_default();
        let mut beat = Beat {
            message,
            at,
            digest: digest(event),
            album: event.album.clone(),
            too_soon: false,
        };
        let broken = pace.breaks(beats, &beat);
        beat.too_soon = matches!(broken, Some(Broken::Slow(_)));
        note(beats, beat);
        Ok(broken)
    }

    /// The pace of a group's people: after a start, from the messages that are kept.
    async fn people(&self, pace: &Pace, chat: i64, at: Millis) -> Result<People, StoreError> {
        if let Some(people) = self.paces.get(&chat) {
            return Ok(people);
        }
        let since = at - pace.reaches();
        let kept = self
            .store
            .read(move |conn| store::beats(conn, chat, since, digest_of))
            .await?;
        let mut people: HashMap<i64, VecDeque<Beat>> = HashMap::new();
        for (user, beat) in kept {
            note(people.entry(user).or_default(), beat);
        }
        let people: People = Arc::new(Mutex::new(people));
        self.paces.insert(chat, people.clone());
        Ok(people)
    }

    /// The pace is asked for differently: what was remembered may not reach far enough.
    pub(super) fn pace_changed(&self, chat: i64) {
        self.paces.invalidate(&chat);
    }

    /// Whether somebody, and their group, may be told of something now; then they count as told.
    pub(super) fn may_tell(&self, chat: i64, user: i64, code: &'static str) -> bool {
        if self.told.contains_key(&(chat, user, code))
            || self.told_group.contains_key(&(chat, code))
        {
            return false;
        }
        self.told.insert((chat, user, code), ());
        self.told_group.insert((chat, code), ());
        true
    }

    /// Whether `name` may be answered in a group now: the same is not said twice within moments.
    pub(super) fn may_answer(&self, chat: i64, name: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        // Telegram's ids have 52 bits; a sum that meets another's only keeps an answer back.
        let key = (chat, hasher.finish().cast_signed(), "answer");
        if self.told.contains_key(&key) && self.told_group.contains_key(&(chat, "answer")) {
            return false;
        }
        self.told.insert(key, ());
        self.told_group.insert((chat, "answer"), ());
        true
    }

    /// An item of this album broke a rule: the others go with it.
    pub(super) fn break_album(&self, chat: i64, album: &str, code: &'static str) {
        self.albums.insert((chat, album.to_owned()), code);
    }

    /// The rule that an item of this album broke.
    pub(super) fn album(&self, chat: i64, album: &str) -> Option<&'static str> {
        self.albums.get(&(chat, album.to_owned()))
    }
}

/// Digest of what a message says, or, without words, of the files it carries.
fn digest(event: &Event) -> Option<u64> {
    if let Some(found) = words(event).as_deref().and_then(digest_of) {
        return Some(found);
    }
    let mut hasher = DefaultHasher::new();
    event.attachments.first()?;
    for file in &event.attachments {
        file.unique_id.hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// Digest of words, the same for the same words in disguise.
fn digest_of(words: &str) -> Option<u64> {
    let folded = fold(words).text;
    let folded = folded.trim();
    if folded.is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    folded.hash(&mut hasher);
    Some(hasher.finish())
}
