//! The rooms of a running appliance, built from the bottom up; here features register themselves.
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};

use super::Ground;
use crate::base::secretbox::Keyring;
use crate::community::admission::Doorkeeper;
use crate::community::{Community, arbiter};
use crate::config::Settings;
use crate::features;
use crate::observe::Vitals;
use crate::pipeline::lanes::Lanes;
use crate::pipeline::stages::{AdmissionStage, ChatCommand, HelloCommand, RecordStage, RouteStage};
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
        let own = i64::try_from(settings.token.bot_id()).unwrap_or_default();
        store.write(move |tx| arbiter::put_own(tx, own)).await?;
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
        let keeper = Doorkeeper::new(&store, ground.steps.clone());
        let walker = Walker::new(
            store.clone(),
            community.clone(),
            ground.clock.clone(),
            stages(
                settings, ground, &store, &community, &rights, &link, &keeper,
            ),
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
            workers(ground, &keeper, &sender),
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
        };
        Ok((rooms, arrivals))
    }
}

/// What every update walks through, and the chat commands: each feature adds its own.
fn stages(
    settings: &Settings,
    ground: &Ground,
    store: &Store,
    community: &Community,
    rights: &Rights,
    link: &Arc<Link>,
    keeper: &Doorkeeper,
) -> Vec<Arc<dyn Stage>> {
    let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(RecordStage {
        community: community.clone(),
        own: i64::try_from(settings.token.bot_id()).ok(),
    })];
    let mut commands: Vec<Arc<dyn ChatCommand>> = vec![Arc::new(HelloCommand)];
    features::moderation::register(store, community, rights, &mut stages, &mut commands);
    stages.push(Arc::new(RouteStage::new(commands, link.clone())));
    stages.push(Arc::new(AdmissionStage {
        keeper: keeper.clone(),
        community: community.clone(),
    }));
    stages.extend(ground.stages.iter().cloned());
    stages
}

/// Who does the jobs: each feature adds its own.
fn workers(ground: &Ground, keeper: &Doorkeeper, sender: &Sender) -> Vec<Arc<dyn Worker>> {
    let mut workers: Vec<Arc<dyn Worker>> = arbiter::workers(sender);
    workers.extend(keeper.workers());
    workers.extend(ground.workers.iter().cloned());
    workers
}
