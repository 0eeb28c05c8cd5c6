//! Composition: settings become a running appliance, the same for service, demo, tests and benches.
pub mod admin;
mod alerts;
mod ends;
mod faces;
mod figures;
mod ground;
mod keys;
mod news;
mod pulse;
mod reload;
pub mod retire;
mod rooms;
mod telegram;
mod upkeep;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use ground::Ground;
pub use rooms::group_settings;

use crate::base::clock::SharedClock;
use crate::base::crash::crash_point;
use crate::base::random::Random;
use crate::base::secretbox::Keyring;
use crate::community::Community;
use crate::community::audit::Witness;
use crate::community::privacy::PrivacyFacts;
use crate::config::{Live, Settings};
use crate::features::moderation::learning::Learner;
use crate::observe::Vitals;
use crate::observe::alerts::Limits;
use crate::observe::cache::Caches;
use crate::pipeline::lanes::Lanes;
use crate::queue;
use crate::store::{DataDirLock, Store};
use crate::telegram::intake::Intake;
use crate::telegram::link::Link;
use crate::web;

/// The longest a stop waits for what is being done.
const DRAIN: Duration = Duration::from_secs(20);

/// A running appliance.
pub struct App {
    /// The way in, for benches and tests.
    pub intake: Intake,
    /// The lanes.
    pub lanes: Lanes,
    /// How the connection to Telegram fares.
    pub link: Arc<Link>,
    /// The database.
    pub store: Store,
    /// Vital signs.
    pub vitals: Vitals,
    /// Groups, people and messages.
    pub community: Community,
    /// Keys for sealing and signing.
    pub keys: Keyring,
    /// How the job queue fares.
    pub jobs: queue::Status,
    /// What groups taught.
    pub learner: Learner,
    /// What is kept in memory, and how it fares.
    pub caches: Caches,
    /// Where HTTP is served.
    pub listen: std::net::SocketAddr,
    witness: Witness,
    clock: SharedClock,
    random: Arc<dyn Random>,
    facts: Live<PrivacyFacts>,
    limits: Live<Limits>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    _lock: DataDirLock,
}

impl App {
    /// Opens the database, takes up what was left, and begins to fetch updates.
    pub async fn start(settings: Settings, ground: Ground) -> anyhow::Result<Self> {
        let lock = DataDirLock::acquire(&settings.data_dir)?;
        upkeep::sweep(&settings.data_dir);
        let (stop, stopped) = watch::channel(false);
        let (rooms, arrivals) = rooms::Rooms::open(&settings, &ground, &stopped).await?;
        work::recover(&rooms, &ground).await?;
        let mut tasks = JoinSet::new();
        work::begin(&rooms, &ground, arrivals, &stopped, &mut tasks);
        let listener = faces::listen(settings.listen).await?;
        let listen = listener.local_addr()?;
        let hook = if ground.fetch {
            telegram::begin(&settings, &rooms, &ground.random, &stopped, &mut tasks)
        } else {
            None
        };
        let face = faces::face(&settings, &ground, &rooms, listen, stopped.clone());
        let router = web::router(face, hook);
        tasks.spawn(faces::serve(listener, router, stopped.clone()));
        work::tend(&rooms, &ground, &stopped, &mut tasks);
        Ok(Self {
            intake: rooms.intake,
            lanes: rooms.lanes,
            link: rooms.link,
            store: rooms.store,
            vitals: rooms.vitals,
            community: rooms.community,
            keys: rooms.keys,
            jobs: rooms.runner.status(),
            learner: rooms.learner,
            caches: rooms.caches,
            listen,
            witness: rooms.witness,
            clock: ground.clock,
            random: ground.random,
            facts: rooms.facts,
            limits: rooms.limits,
            stop,
            tasks,
            _lock: lock,
        })
    }

    /// Finishes what is being done, keeps the rest for the next start, closes the database.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let drained = tokio::time::timeout(DRAIN, async {
            while self.tasks.join_next().await.is_some() {}
            while self.lanes.busy() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        if drained.is_err() {
            tracing::warn!("stopped before everything was done; it is taken up at the next start");
        }
        self.tasks.shutdown().await;
        self.witness.note(self.clock.now()).await;
        ends::ended(&self.store).await;
        crash_point("app.ended");
        let store = self.store.clone();
        if let Err(e) = tokio::task::spawn_blocking(move || store.close()).await {
            tracing::error!(error = %e, "the database did not close");
        }
    }
}
