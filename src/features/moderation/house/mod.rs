//! House rules: what admins of a group wrote, and what Beadle does by it as written, in every mode.
//!
//! `action` is what follows, `patterns` the blacklist, `locks` the kinds, `pace` floods and slow mode, `hours` the
//! night, `service` Telegram's notices, `items` what lists may hold: all pure. `shelf` keeps a group's lists compiled and the pace of its people in
//! memory; `breach` looks at one message and names the rule it breaks, `follow` carries out what follows. `night`
//! is the worker that changes permissions, `greet` welcomes, `answers` says notes, `commands` is the chat face.
pub mod action;
mod answers;
mod breach;
mod commands;
mod follow;
mod greet;
pub mod hours;
mod items;
pub mod lists;
pub mod locks;
mod night;
pub mod pace;
pub mod patterns;
pub mod service;
pub mod settings;
mod shelf;
pub mod store;
mod sweep;

use std::sync::Arc;

pub use breach::CODES;
pub(super) use follow::follow;
pub use settings::SETTINGS;
pub use shelf::Shelf;

use super::order::Desk;
use crate::base::clock::{Millis, SharedClock};
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::pipeline::Stage;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::{StoreError, Tx};

/// Adds what the house rules bring beside the judging of messages.
pub(super) fn register(
    desk: &Desk,
    shelf: &Shelf,
    clock: &SharedClock,
    stages: &mut Vec<Arc<dyn Stage>>,
    chat: &mut Vec<Arc<dyn ChatCommand>>,
    workers: &mut Vec<Arc<dyn Worker>>,
) {
    stages.push(Arc::new(sweep::SweepStage));
    stages.push(Arc::new(answers::AnswerStage(shelf.clone())));
    commands::register(desk, shelf, chat);
    workers.push(Arc::new(night::NightWorker::new(
        desk.clone(),
        clock.clone(),
    )));
    workers.push(Arc::new(greet::GreetWorker::new(
        desk.clone(),
        clock.clone(),
    )));
}

/// Asks for the standing work; at every start.
pub(super) fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    night::stand(tx, now)
}

/// Who wrote notes and lists.
struct Writers;

impl Forget for Writers {
    fn name(&self) -> &'static str {
        "house"
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        store::forget(tx, portion)
    }

    fn kept(&self) -> &'static [Kept] {
        store::KEPT
    }
}

/// What these tables keep of people.
pub(super) fn forgetful_rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Writers)]
}
