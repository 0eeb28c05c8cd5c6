//! Moderation: each message becomes facts, facts become a verdict with reasons, and the reasons can be replayed.
//!
//! `facts` gathers plain numbers from a message's words, links and sender (folding, the classifier and the
//! word lists of `phrases`); `signals` is the table of what counts and how much; `rules` adds it up. All of
//! it is pure. `train`, `data`, `written` and `evaluate` make and measure the classifier that is shipped.
mod album;
pub mod asked;
mod campaigns;
pub mod carriers;
pub mod classifier;
pub mod commands;
pub mod data;
mod declared;
pub mod disguise;
pub mod evaluate;
pub mod facts;
pub mod fit;
mod forget;
pub mod grams;
pub mod history;
pub mod house;
pub mod hub;
mod kept;
pub mod ladder;
mod later;
pub mod learning;
mod links;
pub mod lists;
pub mod newcomers;
mod order;
pub mod phrases;
pub mod reading;
pub mod replay;
pub mod rules;
pub mod settings;
mod shapes;
pub mod shared;
mod show;
mod signal;
pub mod signals;
mod stage;
pub mod stats;
mod store;
pub mod tools;
pub mod train;
pub mod wave;
pub mod written;

use std::sync::Arc;

pub use declared::LAWS;
pub use forget::forgetful_rooms;
pub use kept::{KeptReason, KeptVerdict};
pub use order::offer::is_due as offer_is_due;
pub use order::store::upkeep::Record;
pub use store::{expire_verdicts, verdict, verdicts};

use learning::Learner;

use crate::base::clock::{Millis, SharedClock};
use crate::base::secretbox::Keyring;
use crate::community::Community;
use crate::community::admission::{Doorkeeper, Step};
use crate::community::privacy::PrivacyFacts;
use crate::community::settings::{Setting, Table};
use crate::community::wording;
use crate::config::Live;
use crate::observe::cache::Caches;
use crate::pipeline::Stage;
use crate::pipeline::stages::{ChatCommand, Patience};
use crate::queue::Worker;
use crate::store::{Store, StoreError, Tx};
use crate::telegram::link::Link;
use crate::telegram::rights::Rights;

/// The group settings that moderation and its parts declare: a part adds its line.
pub static SETTINGS: &[&[Setting]] = &[
    declared::SETTINGS,
    carriers::SETTINGS,
    newcomers::settings::SETTINGS,
    house::SETTINGS,
    tools::settings::SETTINGS,
    lists::settings::SETTINGS,
    shared::settings::SETTINGS,
    wording::SETTINGS,
];

/// What moderation stands on.
pub struct Base {
    /// The database.
    pub store: Store,
    /// Groups, people, messages.
    pub community: Community,
    /// Who may do what.
    pub rights: Rights,
    /// The bot's name, once known.
    pub link: Arc<Link>,
    /// Keys for signing buttons.
    pub keys: Keyring,
    /// Beadle's own id in Telegram.
    pub own: Option<i64>,
    /// What the notice for groups tells.
    pub privacy: Live<PrivacyFacts>,
    /// What admins may set for a group, of all features.
    pub table: Arc<Table>,
    /// Time, for workers.
    pub clock: SharedClock,
    /// The list of all caches.
    pub caches: Caches,
    /// Bytes that all caches together may take.
    pub cache_bytes: u64,
    /// What profiles show.
    pub profiles: carriers::Profiles,
    /// Lists of people who are not wanted elsewhere.
    pub lists: lists::Lists,
}

impl Base {
    fn desk(&self) -> order::Desk {
        order::Desk {
            seal: order::seal::Seal::new(&self.keys),
            store: self.store.clone(),
            community: self.community.clone(),
            rights: self.rights.clone(),
            link: self.link.clone(),
            own: self.own,
            privacy: self.privacy.clone(),
            lists: self.lists.clone(),
        }
    }

    /// What moderation adds to the steps at the door.
    pub fn steps(&self) -> Vec<Arc<dyn Step>> {
        let mut steps = newcomers::steps(&self.desk());
        steps.push(Arc::new(carriers::ProfileStep {
            store: self.store.clone(),
            profiles: self.profiles.clone(),
        }));
        steps
    }
}

/// What moderation keeps in memory that others must tell of changes.
pub struct Memories {
    /// What groups taught.
    pub learner: Learner,
    /// Lists of groups.
    pub shelf: house::Shelf,
}

/// Adds moderation's stage, commands and workers; whoever runs the appliance lets the learner run.
pub fn register(
    base: Base,
    keeper: &Doorkeeper,
    stages: &mut Vec<Arc<dyn Stage>>,
    chat: &mut Vec<Arc<dyn ChatCommand>>,
    workers: &mut Vec<Arc<dyn Worker>>,
) -> Memories {
    let learner = Learner::new(base.store.clone(), base.cache_bytes);
    let desk = base.desk();
    let (clock, table) = (base.clock, base.table);
    let shelf = house::Shelf::new(desk.store.clone(), base.cache_bytes);
    shelf.tell_caches(&base.caches);
    let profiles = base.profiles;
    stages.push(Arc::new(stage::ModerationStage {
        shelf: shelf.clone(),
        store: desk.store.clone(),
        community: desk.community.clone(),
        rights: desk.rights.clone(),
        desk: desk.clone(),
        learner: learner.clone(),
        waves: wave::Waves::default(),
        signs: carriers::signs::Signs {
            profiles: profiles.clone(),
            rights: desk.rights.clone(),
            store: desk.store.clone(),
            clock: clock.clone(),
        },
        later: later::Later {
            desk: desk.clone(),
            profiles,
            campaigns: campaigns::Campaigns::default(),
            clock: clock.clone(),
        },
        patience: Patience::default(),
    }));
    chat.push(Arc::new(order::CardCommand(desk.clone())));
    chat.push(Arc::new(order::AppealCommand(desk.clone())));
    commands::register(&desk, &table, chat);
    let door = (keeper, &learner);
    newcomers::register(&desk, door, stages, chat, (&mut *workers, &clock));
    house::register(&desk, &shelf, &clock, stages, chat, workers);
    chat.push(Arc::new(stats::StatsCommand(desk.clone())));
    hub::register(&desk, &table, stages, chat);
    tools::register(&desk, keeper, &clock, chat, workers);
    workers.extend(lists::workers(&desk.lists, &clock));
    workers.push(Arc::new(shared::ShareWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(order::CardsWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(order::OffersWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(order::RecountWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(order::WipeWorker {
        store: desk.store.clone(),
        clock: clock.clone(),
    }));
    Memories { learner, shelf }
}

/// Asks for moderation's standing work, and for the menu of commands; at every start.
pub fn stand(tx: &mut Tx<'_>, lists: &lists::Lists, now: Millis) -> Result<(), StoreError> {
    order::stand(tx, now)?;
    lists::stand(tx, lists, now)?;
    newcomers::stand(tx, now)?;
    house::stand(tx, now)?;
    commands::menu::offer(tx, now)
}

/// Forgets up to `limit` cards and treatments from before `before` that nobody can act on any more. Gives how many.
pub fn expire_cards(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let cards = order::expire_cards(tx, before, limit)?;
    Ok(cards + newcomers::purge(tx, before, limit)?)
}

/// Forgets up to `limit` reports of members that are too old to say anything of who made them, and as many shares of
/// bans that are over. Gives how many.
pub fn expire_reports(tx: &Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    let shares = shared::expire(tx, now, limit)?;
    Ok(shares + tools::report::expire(tx, now, limit)?)
}

/// Telegram does not let Beadle into some chat any more: cards that stood there are moved.
pub fn shaken(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    order::shake(tx, now)
}

/// A group has another id now.
pub fn moved(tx: &mut Tx<'_>, from: i64, to: i64, now: Millis) -> Result<(), StoreError> {
    newcomers::moved(tx, from, to)?;
    shared::moved(tx, from, to)?;
    order::moved(tx, from, to, now)
}
