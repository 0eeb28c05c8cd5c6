//! What the appliance stands on: time, chance, the database's place, and what tests and benches put in.
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::{SharedClock, SystemClock};
use crate::base::random::{Random, SystemRandom};
use crate::community::admission::Step;
use crate::config::Settings;
use crate::pipeline::{Decided, Stage};
use crate::queue::Worker;
use crate::store::StoreOptions;
use crate::telegram::sender::SenderSettings;

/// What the appliance stands on; tests put in their own.
#[derive(Clone)]
pub struct Ground {
    /// Time.
    pub clock: SharedClock,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// How to open the database; its folder comes from the settings.
    pub store: StoreOptions,
    /// The sender's budgets.
    pub sender: SenderSettings,
    /// Whether updates are fetched; benches feed the intake themselves.
    pub fetch: bool,
    /// More stages, for tests.
    pub stages: Vec<Arc<dyn Stage>>,
    /// More steps of admission, for tests.
    pub steps: Vec<Arc<dyn Step>>,
    /// More workers of the job queue, for tests.
    pub workers: Vec<Arc<dyn Worker>>,
    /// How often alerts are looked at, for tests.
    pub alerts_every: Option<Duration>,
    /// Told of decisions that are on disk, for benches.
    pub decided: Option<Decided>,
}

impl Ground {
    /// The real world.
    pub fn real(settings: &Settings) -> Self {
        let mut store = StoreOptions::new(&settings.data_dir);
        store.readers = settings.readers;
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            store,
            sender: SenderSettings::default(),
            fetch: true,
            stages: Vec::new(),
            steps: Vec::new(),
            workers: Vec::new(),
            alerts_every: None,
            decided: None,
        }
    }
}
