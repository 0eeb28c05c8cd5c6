//! Each group's lessons in memory: read when first asked for, brought up to date by what is committed.
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::{Mutex, watch};

use super::super::classifier::SpamModel;
use super::super::grams::Grams;
use super::known::{Known, Likeness};
use super::model::GroupModel;
use super::store;
use crate::store::{Signal, Store, StoreError};

/// Bytes of group models in memory.
const ROOM: u64 = 64 << 20;
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
    /// What was taken in.
    seen: Arc<Mutex<Seen>>,
    /// Whether everything was read once.
    begun: Arc<AtomicBool>,
}

impl Learner {
    /// Reads from `store`.
    pub fn new(store: Store) -> Self {
        let models = Cache::builder()
            .weigher(|_, model: &Arc<GroupModel>| u32::try_from(model.bytes()).unwrap_or(u32::MAX))
            .max_capacity(ROOM)
            .time_to_idle(IDLE)
            .build();
        Self {
            store,
            models,
            known: Arc::default(),
            seen: Arc::default(),
            begun: Arc::default(),
        }
    }

    /// What the group's lessons say.
    ///
    /// # Errors
    /// The database's.
    pub async fn model(&self, chat: i64) -> Result<Arc<GroupModel>, StoreError> {
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
        self.begin().await?;
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
            if self.models.contains_key(&chat) {
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
