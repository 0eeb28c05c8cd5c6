//! The rooms of a running appliance, built from the bottom up; here features register themselves.
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};

use super::Ground;
use crate::base::secretbox::Keyring;
use crate::community::Community;
use crate::config::Settings;
use crate::features;
use crate::features::moderation::learning::Learner;
use crate::observe::Vitals;
use crate::pipeline::lanes::Lanes;
use crate::pipeline::stages::{ChatCommand, HelloCommand, RecordStage, RouteStage};
use crate::pipeline::{Stage, Walker};
use crate::queue::{Runner, Worker};
use crate::store::Store;
use crate::telegram::api::{Api, ApiOptions};
use crate::telegram::intake::{Arrival, Intake};
use crate::telegram::link::Link;
use crate::telegram::rights::Rights;
use crate::telegram::sender::Sender;

/// Batches between intake and lanes; lanes only sort, so a few are plenty.
const ARRIVALS: usize = 64;

/// What intake has committed, on its way to the lanes.
pub(super) type Arrivals = mpsc::Receiver<Vec<Arrival>>;

/// All rooms, connected and not yet at work.
pub(super) struct Rooms {
    pub(super) store: Store,
    pub(super) vitals: Vitals,
    pub(super) link: Arc<Link>,
    pub(super) api: Api,
    pub(super) sender: Sender,
    pub(super) rights: Rights,
    pub(super) community: Community,
    pub(super) keys: Keyring,
    pub(super) lanes: Lanes,
    pub(super) intake: Intake,
    pub(super) runner: Runner,
    pub(super) learner: Learner,
}

impl Rooms {
    /// Opens the database and connects everything; the lanes run until `stopped` turns true.
    pub(super) async fn open(
        settings: &Settings,
        ground: &Ground,
        stopped: &watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, Arrivals)> {
        let keys = super::keys::load(settings, &*ground.random)?;
        let options = ground.store.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&options)).await??;
        let vitals = Vitals::default();
        let link = Arc::new(Link::new(ground.clock.clone()));
        let options = ApiOptions {
            api_url: Some(settings.api_url.parse()?),
            ..ApiOptions::default()
        };
        let api = Api::new(SecretString::from(settings.token.expose()), options)?;
        let sender = Sender::new(
            store.clone(),
            api.clone(),
            ground.clock.clone(),
            ground.random.clone(),
            ground.sender.clone(),
        );
        let rights = Rights::new(sender.clone());
        let community = Community::new(
            store.clone(),
            ground.random.clone(),
            settings.mode,
            vitals.low_disk(),
        );
        let base = features::moderation::Base {
            store: store.clone(),
            community: community.clone(),
            rights: rights.clone(),
            link: link.clone(),
            keys: keys.clone(),
            own: i64::try_from(settings.token.bot_id()).ok(),
            clock: ground.clock.clone(),
        };
        let Parts {
            stages,
            workers,
            learner,
        } = parts(ground, base);
        let walker = Walker::new(
            store.clone(),
            community.clone(),
            ground.clock.clone(),
            stages,
            ground.decided.clone(),
        );
        let lanes = Lanes::new(
            store.clone(),
            ground.clock.clone(),
            Arc::new(walker),
            stopped.clone(),
        );
        let (arrived, arrivals) = mpsc::channel(ARRIVALS);
        let intake = Intake::new(store.clone(), ground.clock.clone(), arrived);
        let runner = Runner::new(
            store.clone(),
            ground.clock.clone(),
            ground.random.clone(),
            workers,
        );
        let rooms = Self {
            store,
            vitals,
            link,
            api,
            sender,
            rights,
            community,
            keys,
            lanes,
            intake,
            runner,
            learner,
        };
        Ok((rooms, arrivals))
    }
}

/// What features add: stages of the walk, chat commands, workers of the queue.
struct Parts {
    stages: Vec<Arc<dyn Stage>>,
    workers: Vec<Arc<dyn Worker>>,
    learner: Learner,
}

fn parts(ground: &Ground, base: features::moderation::Base) -> Parts {
    let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(RecordStage {
        community: base.community.clone(),
        own: base.own,
    })];
    let mut commands: Vec<Arc<dyn ChatCommand>> = vec![Arc::new(HelloCommand)];
    let mut workers: Vec<Arc<dyn Worker>> = Vec::new();
    let link = base.link.clone();
    let learner = features::moderation::register(base, &mut stages, &mut commands, &mut workers);
    stages.push(Arc::new(RouteStage::new(commands, link)));
    stages.extend(ground.stages.iter().cloned());
    workers.extend(ground.workers.iter().cloned());
    Parts {
        stages,
        workers,
        learner,
    }
}
