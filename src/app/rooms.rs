//! The rooms of a running appliance, built from the bottom up; here features register themselves.
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};

use super::Ground;
use crate::base::clock::Millis;
use crate::base::ids::uuid7;
use crate::base::random::Random;
use crate::base::secretbox::Keyring;
use crate::community::admission::Doorkeeper;
use crate::community::audit::Witness;
use crate::community::erasure::{Erasures, Forget, house_rooms};
use crate::community::export::Copyist;
use crate::community::fleeting::SweepWorker;
use crate::community::privacy::PrivacyFacts;
use crate::community::settings::Table;
use crate::community::{Community, arbiter, principals};
use crate::config::{Live, Settings};
use crate::features;
use crate::features::moderation::Memories;
use crate::features::moderation::carriers::Profiles;
use crate::features::moderation::house::Shelf;
use crate::features::moderation::learning::Learner;
use crate::features::moderation::lists::{Lists, read::Limits as ListLimits};
use crate::observe::alerts::Limits;
use crate::observe::cache::Caches;
use crate::observe::{Figures, Vitals};
use crate::pipeline::lanes::Lanes;
use crate::pipeline::stages::{
    AdmissionStage, ChatCommand, HelloCommand, PrivacyCommand, RecordStage, RouteStage,
};
use crate::pipeline::{Stage, Walker};
use crate::queue::{Runner, Worker};
use crate::store::{Store, meta};
use crate::telegram::api::{Api, ApiOptions};
use crate::telegram::intake::{Intake, Waiting};
use crate::telegram::link::Link;
use crate::telegram::rights::Rights;
use crate::telegram::sender::Sender;

/// Batches between intake and lanes; lanes only sort, so a few are plenty.
const ARRIVALS: usize = 64;

/// What intake has committed, on its way to the lanes.
pub(super) type Arrivals = mpsc::Receiver<Vec<Waiting>>;

/// All rooms, connected and not yet at work.
pub(super) struct Rooms {
    pub(super) store: Store,
    pub(super) vitals: Vitals,
    pub(super) figures: Figures,
    pub(super) link: Arc<Link>,
    pub(super) api: Api,
    pub(super) sender: Sender,
    pub(super) rights: Rights,
    pub(super) community: Community,
    pub(super) keys: Keyring,
    pub(super) erasures: Erasures,
    pub(super) witness: Witness,
    pub(super) lanes: Lanes,
    pub(super) intake: Intake,
    pub(super) runner: Runner,
    pub(super) learner: Learner,
    pub(super) shelf: Shelf,
    pub(super) lists: Lists,
    pub(super) caches: Caches,
    pub(super) facts: Live<PrivacyFacts>,
    pub(super) limits: Live<Limits>,
}

impl Rooms {
    /// Opens the database and connects everything; the lanes run until `stopped` turns true.
    pub(super) async fn open(
        settings: &Settings,
        ground: &Ground,
        stopped: &watch::Receiver<bool>,
    ) -> anyhow::Result<(Self, Arrivals)> {
        let keys = super::keys::load(settings, &*ground.random, ground.clock.now())?;
        let options = ground.store.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&options)).await??;
        let own = i64::try_from(settings.token.bot_id()).unwrap_or_default();
        store.write(move |tx| arbiter::put_own(tx, own)).await?;
        let vitals = Vitals::default();
        let link = Arc::new(Link::new(ground.clock.clone()));
        let name = super::telegram::name_key(own);
        link.set_bot(store.read(move |conn| meta::text(conn, &name)).await?);
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
        let rights = Rights::new(sender.clone(), settings.cache_bytes);
        let community = Community::new(
            store.clone(),
            ground.random.clone(),
            settings.mode,
            vitals.low_disk(),
            settings.cache_bytes,
        );
        let witness = Witness::new(store.clone(), &keys);
        if let Some(gone) = witness.start(ground.clock.now()).await? {
            tracing::warn!(
                last = gone.last,
                known = gone.known,
                "rows of the audit that had been there are gone: an older copy of the database was put in place, or its end was cut off"
            );
        }
        let facts = Live::new(privacy_facts(settings));
        let caches = Caches::default();
        community.tell_caches(&caches);
        rights.tell_caches(&caches);
        let profiles = Profiles::new(sender.clone(), settings.cache_bytes);
        let (data_dir, named) = (store.dir().to_owned(), settings.lists.clone());
        let lists = tokio::task::spawn_blocking(move || {
            Lists::open(&data_dir, named, ListLimits::default())
        })
        .await?;
        let base = features::moderation::Base {
            lists: lists.clone(),
            caches: caches.clone(),
            store: store.clone(),
            community: community.clone(),
            rights: rights.clone(),
            link: link.clone(),
            keys: keys.clone(),
            own: i64::try_from(settings.token.bot_id()).ok(),
            privacy: facts.clone(),
            table: Arc::new(group_settings()),
            clock: ground.clock.clone(),
            cache_bytes: settings.cache_bytes,
            profiles: profiles.clone(),
        };
        let door = features::gate::Gatehouse::new(features::gate::Base {
            store: store.clone(),
            rights: rights.clone(),
            link: link.clone(),
            keys: keys.clone(),
            own: base.own,
            sender: sender.clone(),
            random: ground.random.clone(),
            cache_bytes: settings.cache_bytes,
        });
        door.tell_caches(&caches);
        let mut steps = base.steps();
        steps.push(door.step());
        steps.extend(ground.steps.iter().cloned());
        let keeper = Doorkeeper::new(&store, &keys, steps);
        let Parts {
            stages,
            workers,
            memories: Memories { learner, shelf },
        } = parts(ground, &vitals, &witness, (base, &door), (&keeper, &sender));
        learner.tell_caches(&caches);
        profiles.tell_caches(&caches);
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
        let erasures = Erasures::new(
            store.clone(),
            keys.clone(),
            ground.clock.clone(),
            community.clone(),
            forgetful_rooms(),
        );
        appoint(settings, &*ground.random, ground.clock.now(), &store).await?;
        let runner = Runner::new(
            store.clone(),
            ground.clock.clone(),
            ground.random.clone(),
            workers,
        );
        let rooms = Self {
            store,
            vitals,
            figures: Figures::default(),
            link,
            api,
            sender,
            rights,
            community,
            keys,
            erasures,
            witness,
            lanes,
            intake,
            runner,
            learner,
            shelf,
            lists,
            caches,
            facts,
            limits: Live::new(settings.alerts.clone()),
        };
        Ok((rooms, arrivals))
    }
}

/// What `/privacy` tells. No engine outside of this machine exists yet.
pub(super) fn privacy_facts(settings: &Settings) -> PrivacyFacts {
    PrivacyFacts {
        kept: settings.retention,
        contact: settings.contact.clone(),
        operators: settings.operators.clone(),
        remote: Vec::new(),
    }
}

/// What admins may set for a group: the settings that features declare, in one table.
pub fn group_settings() -> Table {
    Table::new(features::moderation::SETTINGS)
        .under(features::moderation::LAWS)
        .beside(features::moderation::house::lists::TABLES)
}

/// Everything that keeps something of people and has to forget them. The profile goes last, for by it people
/// are found.
pub(super) fn forgetful_rooms() -> Vec<Arc<dyn Forget>> {
    let mut rooms = features::moderation::forgetful_rooms();
    rooms.extend(features::gate::forgetful_rooms());
    rooms.extend(house_rooms());
    rooms
}

/// Makes the people of ALLOWED_USER_IDS operators, and nobody else by config.
pub(super) async fn appoint(
    settings: &Settings,
    random: &dyn Random,
    now: Millis,
    store: &Store,
) -> anyhow::Result<()> {
    let listed: Vec<_> = settings
        .operators
        .iter()
        .map(|user| (*user, uuid7(random, now)))
        .collect();
    let change = store
        .write(move |tx| principals::operators(tx, &listed, now))
        .await?;
    if change.given + change.taken > 0 {
        tracing::info!(
            new = change.given,
            dismissed = change.taken,
            "the operators are those of ALLOWED_USER_IDS"
        );
    }
    Ok(())
}

/// What features add: stages of the walk, chat commands, workers of the queue.
struct Parts {
    stages: Vec<Arc<dyn Stage>>,
    workers: Vec<Arc<dyn Worker>>,
    memories: Memories,
}

fn parts(
    ground: &Ground,
    vitals: &Vitals,
    witness: &Witness,
    (base, door): (features::moderation::Base, &features::gate::Gatehouse),
    (keeper, sender): (&Doorkeeper, &Sender),
) -> Parts {
    let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(RecordStage {
        community: base.community.clone(),
        own: base.own,
    })];
    let mut commands: Vec<Arc<dyn ChatCommand>> = vec![
        Arc::new(HelloCommand),
        Arc::new(PrivacyCommand::new(base.privacy.clone(), base.keys.clone())),
    ];
    let mut workers: Vec<Arc<dyn Worker>> =
        super::upkeep::workers(&base.store, vitals, witness, &base.privacy).to_vec();
    workers.push(Arc::new(Copyist {
        rooms: forgetful_rooms().into(),
        store: base.store.clone(),
    }));
    workers.extend(arbiter::workers(sender));
    workers.push(Arc::new(SweepWorker {
        store: base.store.clone(),
        clock: base.clock.clone(),
    }));
    workers.extend(keeper.workers());
    let link = base.link.clone();
    let admission = AdmissionStage {
        keeper: keeper.clone(),
        community: base.community.clone(),
        rights: base.rights.clone(),
    };
    let memories =
        features::moderation::register(base, keeper, &mut stages, &mut commands, &mut workers);
    door.register(keeper, &mut stages, &mut commands, &mut workers);
    stages.push(Arc::new(RouteStage::new(commands, link)));
    stages.push(Arc::new(admission));
    stages.extend(ground.stages.iter().cloned());
    workers.extend(ground.workers.iter().cloned());
    Parts {
        stages,
        workers,
        memories,
    }
}
