//! Raids: when too many come at once, who comes is held, Beadle's own links ask for approval, and one card says so.
//!
//! `step` stands at the door and notices the surge, `course` begins and ends a raid and returns what was changed,
//! `fate` frees or removes its people in portions, `card` is what moderators see, `tap` and `command` how they decide,
//! `watch` keeps the card true and notices the calm.
mod card;
mod command;
mod course;
mod fate;
mod step;
mod store;
mod tap;
mod watch;

use std::sync::Arc;

pub(super) use step::STEP;

use super::answer::Captchas;
use crate::base::clock::{Millis, SharedClock};
use crate::community::admission::Step;
use crate::features::moderation::order::Desk;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::{StoreError, Tx};

/// The step at the door.
pub(super) fn step(desk: &Desk) -> Arc<dyn Step> {
    Arc::new(step::RaidStep(desk.clone()))
}

/// Adds commands and workers.
pub(super) fn register(
    with: &Captchas,
    clock: &SharedClock,
    commands: &mut Vec<Arc<dyn ChatCommand>>,
    workers: &mut Vec<Arc<dyn Worker>>,
) {
    commands.push(Arc::new(command::RaidCommand(with.desk.clone())));
    commands.push(Arc::new(command::InviteCommand(with.desk.clone())));
    workers.push(Arc::new(watch::WatchWorker(with.desk.clone())));
    workers.push(Arc::new(watch::LinkWorker {
        desk: with.desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(fate::FateWorker(with.keeper.clone())));
}

/// At every start: raids that go on are watched.
pub(super) fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    for raid in store::all_open(tx)? {
        watch::begin(tx, raid, now)?;
    }
    Ok(())
}
