//! The door: in a group that asks for it, nobody writes before they have joined its channels.
//!
//! `rules` decides, from what `ledger` knows of memberships; `step` asks who comes in (it is a step of admission), `stage`
//! who writes; `prompt` tells them what is missing, `press` takes the button; `command` is for the group's admins.
//! A check that fails harms nobody: whoever cannot be checked is let through.
mod command;
mod forget;
mod gates;
mod ledger;
mod press;
mod prompt;
mod release;
pub mod rules;
mod stage;
mod step;
mod store;

use std::sync::Arc;

use crate::base::random::Random;
use crate::base::secretbox::Keyring;
use crate::community::admission::{Doorkeeper, Step};
use crate::community::seal::Seal;
use crate::observe::cache::Caches;
use crate::pipeline::Stage;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::Store;
use crate::telegram::link::Link;
use crate::telegram::rights::{Right, Rights};
use crate::telegram::sender::Sender;

pub use forget::rooms as forgetful_rooms;

/// What the door stands on.
pub struct Base {
    /// The database.
    pub store: Store,
    /// Who may do what.
    pub rights: Rights,
    /// The bot's name, once known.
    pub link: Arc<Link>,
    /// Keys for signing buttons.
    pub keys: Keyring,
    /// Beadle's own id in Telegram.
    pub own: Option<i64>,
    /// Asks Telegram who is in a channel.
    pub sender: Sender,
    /// Chance, for the life times in the cache.
    pub random: Arc<dyn Random>,
    /// Bytes that all caches together may take.
    pub cache_bytes: u64,
}

/// What the rooms of the door share. Cheap to clone.
#[derive(Clone)]
pub struct Gatehouse {
    store: Store,
    rights: Rights,
    link: Arc<Link>,
    seal: Seal,
    own: Option<i64>,
    gates: gates::Gates,
    ledger: ledger::Ledger,
}

impl Gatehouse {
    /// The door, knowing nothing yet.
    pub fn new(base: Base) -> Self {
        Self {
            gates: gates::Gates::new(base.store.clone()),
            ledger: ledger::Ledger::new(
                base.store.clone(),
                base.sender,
                base.random,
                base.cache_bytes,
            ),
            seal: Seal::new(&base.keys),
            store: base.store,
            rights: base.rights,
            link: base.link,
            own: base.own,
        }
    }

    /// Whether Beadle may do all this in a group; where Telegram does not say, it does not try.
    async fn may_itself(&self, chat: i64, rights: &[Right]) -> bool {
        let Some(own) = self.own else { return true };
        match self.rights.powers(chat, own).await {
            Ok(powers) => powers.is_some_and(|p| rights.iter().all(|right| p.may(*right))),
            Err(e) => {
                tracing::warn!(chat, error = %e, "the door does not know what Beadle may do here");
                false
            }
        }
    }

    /// Enters the caches among all caches.
    pub fn tell_caches(&self, book: &Caches) {
        self.ledger.tell_caches(book);
    }

    /// The step of admission.
    pub fn step(&self) -> Arc<dyn Step> {
        Arc::new(step::GateStep(self.clone()))
    }

    /// Adds the stages, commands and workers.
    pub fn register(
        &self,
        keeper: &Doorkeeper,
        stages: &mut Vec<Arc<dyn Stage>>,
        commands: &mut Vec<Arc<dyn ChatCommand>>,
        workers: &mut Vec<Arc<dyn Worker>>,
    ) {
        stages.push(Arc::new(stage::GateStage(self.clone())));
        commands.push(Arc::new(press::GateButton {
            house: self.clone(),
            keeper: keeper.clone(),
        }));
        commands.push(Arc::new(command::GateCommand(self.clone())));
        workers.push(Arc::new(release::ReleaseWorker {
            house: self.clone(),
            keeper: keeper.clone(),
        }));
    }
}
