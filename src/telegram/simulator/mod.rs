//! A Bot API server on the loopback address: a small Telegram for tests, the demo and benches.
//!
//! People's actions come from the methods of [`Simulator`]; the bot's from HTTP. The rules are those of
//! the official server (github.com/tdlib/telegram-bot-api); every call and every answer is held
//! against a table of Bot API 10.3.
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use tokio::sync::{Notify, watch};

use crate::base::clock::{SharedClock, SystemClock};

mod budget;
mod control;
mod dsl;
mod entities;
mod errors;
mod execute;
mod faults;
mod html;
mod methods;
mod params;
mod poll;
mod record;
mod scene;
mod server;
mod spec;
mod updates;
mod validate;
mod webhook;
mod world;

pub use budget::Limits;
pub use dsl::MemberView;
pub use faults::Fault;
pub use record::{Call, Place, Violation};
pub use scene::SpeakAs;
pub use validate::{Breach, problems};
pub use world::chat::ChatKind;
pub use world::message::{Button, SimMessage};
pub use world::people::Status;
pub use world::{CHANNEL_BOT, CallbackAnswer, GROUP_ANONYMOUS_BOT, TELEGRAM};

use world::World;

/// A user's id.
pub type UserId = i64;
/// A chat's id: negative for groups and channels, the user's for private chats.
pub type ChatId = i64;
/// A message's id inside its chat.
pub type MessageId = i64;

/// The bot under test.
pub const BOT_ID: UserId = 7_000_000_001;

/// How the simulator behaves.
#[derive(Clone)]
pub struct SimOptions {
    /// Wall-clock time of this Telegram: dates, expiry of bans, lifetimes of updates.
    pub clock: SharedClock,
    /// Where to listen; none: a free port of 127.0.0.1.
    pub addr: Option<SocketAddr>,
    /// Of ids, tokens and file names.
    pub seed: u64,
    /// What comes after the colon of the token.
    pub token_secret: String,
    /// The bot's first name.
    pub bot_name: String,
    /// The bot's username.
    pub bot_username: String,
    /// Privacy mode off (`getMe.can_read_all_group_messages`).
    pub read_all_messages: bool,
    /// Join requests carry a `query_id` that has to be answered within 10 s.
    pub join_queries: bool,
    /// Knows messages for one person; servers before Bot API 10.3 pass over the parameter.
    pub ephemeral_messages: bool,
    /// Groups show service messages for joins; large ones do not.
    pub join_messages: bool,
    /// Hold answers and updates of the simulator itself against the table.
    pub check_answers: bool,
    /// How many calls the log keeps; 0 switches it off.
    pub keep_calls: usize,
    /// How many messages of a chat are kept.
    pub keep_messages: usize,
    /// The official server's guard against tight polling (same offset again: wait, one update) and
    /// its delay of repeated conflicts.
    pub poll_guard: bool,
    /// The server caps the timeout of a poll, in seconds.
    pub longest_poll: u64,
    /// Flood limits; none: nothing is too much.
    pub limits: Option<Limits>,
    /// Let setWebhook take http and any port of the loopback address.
    pub loopback_webhook: bool,
    /// One second of webhook back-off lasts this many milliseconds.
    pub webhook_second_ms: u64,
    /// Serve `/sim/…`, by which another process acts as people.
    pub control: bool,
    /// Told of each call, with its parameters, when it has been carried out; must not block.
    pub heard: Option<Heard>,
}

/// See [`SimOptions::heard`].
pub type Heard = Arc<dyn Fn(&str, &serde_json::Value) + Send + Sync>;

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            addr: None,
            seed: 1,
            token_secret: "AAsimulatedBeadleTokenOfThirtyFive-".to_owned(),
            bot_name: "Beadle".to_owned(),
            bot_username: "beadle_sim_bot".to_owned(),
            read_all_messages: false,
            join_queries: false,
            ephemeral_messages: true,
            join_messages: true,
            check_answers: true,
            keep_calls: 50_000,
            keep_messages: 20_000,
            poll_guard: true,
            longest_poll: 50,
            limits: None,
            loopback_webhook: true,
            webhook_second_ms: 1000,
            control: false,
            heard: None,
        }
    }
}

/// What the server, the tasks and the handles have in common.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// Wakes polls and the webhook.
    pub(crate) notify: Notify,
    /// The version of the world.
    pub(crate) version: watch::Sender<u64>,
    pub(crate) token: String,
    pub(crate) control: bool,
}

impl Shared {
    /// The world, locked. A panic of another holder leaves data that is still readable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world, then wakes everybody who waits for a change.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let (result, version) = {
            let mut world = self.lock();
            let result = change(&mut world);
            world.version += 1;
            let version = world.version;
            let touched: Vec<i64> = world.touched.drain().collect();
            for chat in touched {
                world.changed.insert(chat, version);
            }
            (result, version)
        };
        self.version.send_replace(version);
        self.notify.notify_waiters();
        result
    }
}

/// Ends the server when the last handle goes.
struct Keeper {
    stop: watch::Sender<bool>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// A running simulator; clones share it.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) shared: Arc<Shared>,
    keeper: Arc<Keeper>,
    addr: SocketAddr,
}

impl Simulator {
    /// Starts a server on a thread of its own.
    ///
    /// # Errors
    /// When the address cannot be bound or the thread cannot be started.
    pub fn start(options: SimOptions) -> anyhow::Result<Self> {
        let addr = options
            .addr
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = std::net::TcpListener::bind(addr)
            .with_context(|| format!("cannot listen on {addr} for the simulated Telegram"))?;
        listener
            .set_nonblocking(true)
            .context("cannot make the listener non-blocking")?;
        let addr = listener
            .local_addr()
            .context("the listener has no address")?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the simulator's runtime")?;
        let shared = Arc::new(Shared {
            control: options.control,
            token: format!("{BOT_ID}:{}", options.token_secret),
            world: Mutex::new(World::new(options)),
            notify: Notify::new(),
            version: watch::Sender::new(0),
        });
        let (stop, stopped) = watch::channel(false);
        let state = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("simulator".to_owned())
            .spawn(move || {
                runtime.block_on(server::serve(listener, state, stopped));
            })
            .context("cannot start the simulator's thread")?;
        let keeper = Arc::new(Keeper {
            stop,
            thread: Mutex::new(Some(thread)),
        });
        Ok(Self {
            shared,
            keeper,
            addr,
        })
    }

    /// A handle for the server itself, which ends nothing when it goes.
    pub(crate) fn over(shared: Arc<Shared>) -> Self {
        let keeper = Keeper {
            stop: watch::Sender::new(false),
            thread: Mutex::new(None),
        };
        Self {
            shared,
            keeper: Arc::new(keeper),
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
        }
    }

    /// The base URL, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// Stops the server and waits until its port is closed.
    pub fn stop(&self) {
        self.keeper.stop.send_replace(true);
        let thread = self
            .keeper
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // A panic inside the server has been printed already.
            let _ = thread.join();
        }
    }

    /// The version of the world: rises with every change.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }
}
