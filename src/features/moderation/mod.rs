//! Moderation: each message becomes facts, facts become a verdict with reasons, and the reasons can be replayed.
//!
//! `facts` gathers plain numbers from a message's words, links and sender (folding, the classifier and the
//! word lists of `phrases`); `signals` is the table of what counts and how much; `rules` adds it up. All of
//! it is pure. `train`, `data`, `written` and `evaluate` make and measure the classifier that is shipped.
mod album;
pub mod asked;
mod campaigns;
pub mod classifier;
pub mod commands;
pub mod data;
pub mod disguise;
pub mod evaluate;
pub mod facts;
pub mod fit;
mod forget;
pub mod grams;
pub mod history;
mod kept;
pub mod ladder;
pub mod learning;
mod links;
mod order;
pub mod phrases;
pub mod reading;
pub mod replay;
pub mod rules;
pub mod settings;
mod shapes;
pub mod signals;
mod stage;
mod store;
pub mod train;
pub mod wave;
pub mod written;

use std::sync::Arc;

pub use forget::forgetful_rooms;
pub use kept::{KeptReason, KeptVerdict};
pub use order::offer::is_due as offer_is_due;
pub use order::store::upkeep::Record;
pub use store::{expire_verdicts, verdict, verdicts};

use learning::Learner;

use crate::base::clock::{Millis, SharedClock};
use crate::base::secretbox::Keyring;
use crate::community::Community;
use crate::community::privacy::PrivacyFacts;
use crate::config::Live;
use crate::pipeline::Stage;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::{Store, StoreError, Tx};
use crate::telegram::link::Link;
use crate::telegram::rights::Rights;

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
    /// Time, for workers.
    pub clock: SharedClock,
    /// Bytes that all caches together may take.
    pub cache_bytes: u64,
}

/// Adds moderation's stage, commands and workers; whoever runs the appliance lets the learner run.
pub fn register(
    base: Base,
    stages: &mut Vec<Arc<dyn Stage>>,
    chat: &mut Vec<Arc<dyn ChatCommand>>,
    workers: &mut Vec<Arc<dyn Worker>>,
) -> Learner {
    let learner = Learner::new(base.store.clone(), base.cache_bytes);
    let clock = base.clock;
    let desk = order::Desk {
        seal: order::seal::Seal::new(&base.keys),
        store: base.store,
        community: base.community,
        rights: base.rights,
        link: base.link,
        own: base.own,
        privacy: base.privacy,
    };
    stages.push(Arc::new(stage::ModerationStage {
        store: desk.store.clone(),
        community: desk.community.clone(),
        rights: desk.rights.clone(),
        desk: desk.clone(),
        learner: learner.clone(),
        waves: wave::Waves::default(),
        campaigns: campaigns::Campaigns::default(),
    }));
    chat.push(Arc::new(order::CardCommand(desk.clone())));
    chat.push(Arc::new(order::AppealCommand(desk.clone())));
    commands::register(&desk, chat);
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
    learner
}

/// Asks for moderation's standing work, and for the menu of commands; at every start.
pub fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    order::stand(tx, now)?;
    commands::menu::offer(tx, now)
}

/// Forgets up to `limit` cards and treatments from before `before` that nobody can act on any more. Gives how many.
pub fn expire_cards(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    order::expire_cards(tx, before, limit)
}

/// Telegram does not let Beadle into some chat any more: cards that stood there are moved.
pub fn shaken(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    order::shake(tx, now)
}

/// A group has another id now.
pub fn moved(tx: &mut Tx<'_>, from: i64, to: i64, now: Millis) -> Result<(), StoreError> {
    order::moved(tx, from, to, now)
}
