//! How the connection to Telegram fares: for health, metrics and people.
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::base::clock::{Millis, SharedClock};

/// What Telegram said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing yet.
    Starting,
    /// Updates flow.
    Up,
    /// They do not, for this reason; Beadle goes on trying.
    Trouble(String),
    /// The token is not accepted.
    BadToken,
}

/// Shared between intake and the faces that report on it.
pub struct Link {
    clock: SharedClock,
    state: watch::Sender<LinkState>,
    moved_at: AtomicI64,
    /// The same by a clock that nobody sets; at first the beginning.
    moved: Mutex<Instant>,
    polls: AtomicU64,
    /// By when the intake will have done something; None until it begins.
    due: Mutex<Option<Instant>>,
    polling: AtomicBool,
    bot: Mutex<Option<String>>,
}

impl Link {
    /// A link that has not been heard of.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            state: watch::channel(LinkState::Starting).0,
            moved_at: AtomicI64::new(0),
            moved: Mutex::new(Instant::now()),
            polls: AtomicU64::new(0),
            due: Mutex::new(None),
            polling: AtomicBool::new(false),
            bot: Mutex::new(None),
        }
    }

    /// Updates were received, or Telegram said that there are none.
    pub fn moved(&self) {
        self.moved_at.store(self.clock.now(), Ordering::Relaxed);
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.polls.fetch_add(1, Ordering::Relaxed);
        self.set(LinkState::Up);
    }

    /// Sets the state; watchers wake only when it changes.
    pub fn set(&self, state: LinkState) {
        self.state.send_if_modified(|s| {
            let changed = *s != state;
            *s = state;
            changed
        });
    }

    /// The state now.
    pub fn state(&self) -> LinkState {
        self.state.borrow().clone()
    }

    /// To wait for a change.
    pub fn watch(&self) -> watch::Receiver<LinkState> {
        self.state.subscribe()
    }

    /// When updates last moved; 0 is never.
    pub fn moved_at(&self) -> Millis {
        self.moved_at.load(Ordering::Relaxed)
    }

    /// How long ago they moved, whatever the machine's clock was set to since.
    pub fn idle(&self) -> Duration {
        self.moved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }

    /// The intake says that it will be heard of again within `time`.
    pub fn due_within(&self, time: Duration) {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + time);
    }

    /// Whether the intake is later than it said, so that it hangs. Telegram being away is no such thing.
    pub fn is_overdue(&self) -> bool {
        let due = *self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.is_some_and(|due| Instant::now() > due)
    }

    /// How often they moved.
    pub fn polls(&self) -> u64 {
        self.polls.load(Ordering::Relaxed)
    }

    /// Says that updates are fetched by polling, so that silence is trouble.
    pub fn set_polling(&self) {
        self.polling.store(true, Ordering::Relaxed);
    }

    /// Whether silence is trouble.
    pub fn polling(&self) -> bool {
        self.polling.load(Ordering::Relaxed)
    }

    /// Remembers the bot's user name, without `@`.
    pub fn set_bot(&self, name: Option<String>) {
        *self.bot.lock().unwrap_or_else(PoisonError::into_inner) = name;
    }

    /// The bot's user name, once Telegram told it.
    pub fn bot(&self) -> Option<String> {
        self.bot
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
