//! Each group's lessons in memory: read when first asked for, brought up to date by what is committed.
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use super::super::classifier::SpamModel;
use super::super::grams::Grams;
use super::known::{Known, Likeness};
use super::model::GroupModel;
use super::store;
use crate::observe::cache::{Cache, Caches, Life};
use crate::store::{Signal, Store, StoreError};

/// A group that is silent for so long is read again.
const IDLE: Duration = Duration::from_secs(3600);

/// What a group remembers, for judging one message.
#[derive(Clone)]
pub struct Memory {
    chat: i64,
    model: Arc<GroupModel>,
    known: Arc<RwLock<Known>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("chat", &self.chat)
            .field("taught", &self.model.taught())
            .finish_non_exhaustive()
    }
}

impl Memory {
    /// A memory made by hand, for replays and measurements.
    pub fn new(chat: i64, model: Arc<GroupModel>, known: Arc<RwLock<Known>>) -> Self {
        Self { chat, model, known }
    }

    /// What the group's lessons say of a text, in log-odds; none where nothing was taught.
    pub fn score(&self, grams: &Grams) -> Option<f32> {
        (self.model.taught() != (0, 0)).then(|| self.model.score(grams))
    }

    /// What the text is like.
    pub fn likeness(&self, grams: &Grams) -> Likeness {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .likeness(self.chat, grams)
    }
}

/// How far the memory goes.
#[derive(Default)]
struct Seen {
    /// The last change.
    rev: i64,
    /// For each group the last print, and how many were added since all were read.
    prints: HashMap<i64, (i64, i64)>,
}

/// Keeps what groups learned in memory and up to date. Cheap to clone.
#[derive(Clone)]
pub struct Learner {
    store: Store,
    models: Cache<i64, Arc<GroupModel>>,
    known: Arc<RwLock<Known>>,
    /// Groups that were taught something, ever; most were not, and nothing is read for those.
    taught: Arc<RwLock<HashSet<i64>>>,
    /// What all others say: nothing.
    untaught: Arc<GroupModel>,
    /// What was taken in.
    seen: Arc<Mutex<Seen>>,
    /// Whether everything was read once.
    begun: Arc<AtomicBool>,
}

impl Learner {
    /// Reads from `store`; group models take at most 30 hundredths of `cache_bytes`.
    pub fn new(store: Store, cache_bytes: u64) -> Self {
        let room = cache_bytes / 100 * 30;
        let models = Cache::new(
            "lessons",
            Life::Idle(IDLE),
            room,
            |_, model: &Arc<GroupModel>| model.bytes(),
        );
        Self {
            store,
            models,
            known: Arc::default(),
            taught: Arc::default(),
            untaught: Arc::default(),
            seen: Arc::default(),
            begun: Arc::default(),
        }
    }

    /// Enters the models among all caches.
    pub fn tell_caches(&self, book: &Caches) {
        book.add(&self.models);
    }

    /// What the group's lessons say.
    ///
    /// # Errors
    /// The database's.
    pub async fn model(&self, chat: i64) -> Result<Arc<GroupModel>, StoreError> {
        self.begin().await?;
        if !self.is_taught(chat) {
            return Ok(self.untaught.clone());
        }
        if let Some(model) = self.models.get(&chat) {
            return Ok(model);
        }
        // Changes wait meanwhile: what is read here must not overwrite something newer.
        let _still = self.seen.lock().await;
        let model = self.read(chat).await?;
        self.models.insert(chat, model.clone());
        Ok(model)
    }

    /// All that is remembered for judging in a group.
    ///
    /// # Errors
    /// The database's.
    pub async fn memory(&self, chat: i64) -> Result<Memory, StoreError> {
        Ok(Memory {
            chat,
            model: self.model(chat).await?,
            known: self.known.clone(),
        })
    }

    /// Texts a group taught as spam and as welcome.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, chat: i64) -> Result<(u64, u64), StoreError> {
        self.store.read(move |conn| store::count(conn, chat)).await
    }

    /// Takes in what was committed since the last time. Called by [`Learner::run`]; a test may not want to wait.
    ///
    /// # Errors
    /// The database's.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        self.catch_up(&mut seen).await
    }

    /// Takes in changes as they are committed, until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(e) = self.refresh().await {
                tracing::warn!(error = %e, "what groups were taught could not be read; the next lesson tries again");
            }
            tokio::select! {
                () = self.store.woken(Signal::Lessons) => {}
                _ = stop.changed() => return,
            }
        }
    }

    fn is_taught(&self, chat: i64) -> bool {
        let taught = self.taught.read().unwrap_or_else(PoisonError::into_inner);
        taught.contains(&chat)
    }

    /// The first to ask reads everything.
    async fn begin(&self) -> Result<(), StoreError> {
        if self.begun.load(Ordering::Acquire) {
            return Ok(());
        }
        self.refresh().await
    }

    async fn catch_up(&self, seen: &mut Seen) -> Result<(), StoreError> {
        let since = seen.rev;
        let changes = self
            .store
            .read(move |conn| store::changes(conn, since))
            .await?;
        for change in &changes {
            let chat = change.chat;
            self.taught
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(chat);
            // A removal adds one print, and changes no lesson.
            let known = seen.prints.get(&chat).copied();
            if let Some((last, added)) =
                known.filter(|(_, added)| change.lessons <= since && *added < store::MOST_PRINTS)
            {
                let new = self
                    .store
                    .read(move |conn| store::prints_since(conn, chat, last))
                    .await?;
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                let mut now = (last, added);
                for p in new {
                    now = (p.id, now.1 + 1);
                    known.add(chat, p.print, p.label, p.person);
                }
                seen.prints.insert(chat, now);
                continue;
            }
            let prints = self
                .store
                .read(move |conn| store::prints(conn, chat))
                .await?;
            let last = prints.iter().map(|p| p.id).max().unwrap_or(0);
            seen.prints.insert(chat, (last, 0));
            let prints = prints.into_iter().map(|p| (p.print, p.label, p.person));
            self.known
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .replace(chat, prints);
            if self.models.contains(&chat) {
                let model = self.read(chat).await?;
                self.models.insert(chat, model);
            }
        }
        seen.rev = changes.last().map_or(since, |change| change.rev);
        self.begun.store(true, Ordering::Release);
        Ok(())
    }

    async fn read(&self, chat: i64) -> Result<Arc<GroupModel>, StoreError> {
        self.store
            .read(move |conn| {
                let lessons = store::lessons(conn, chat)?;
                Ok(Arc::new(lessons.model(SpamModel::shipped())))
            })
            .await
    }
}
