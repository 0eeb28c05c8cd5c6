//! Newcomers: what they are asked at the door, and what protects a group when too many come at once.
//!
//! `captcha` is a step of admission: it holds who comes, `ask` asks them where only they see it, `answer` takes what
//! they press or type, `task` knows what is right. Time limits and what follows are admission's. `raid` holds
//! everybody who comes while too many do.
mod answer;
mod ask;
mod captcha;
mod forget;
mod raid;
pub mod settings;
mod store;
pub mod task;

use std::sync::Arc;

use super::learning::Learner;
use super::order::Desk;
use crate::base::clock::{Millis, SharedClock};
use crate::community::admission::{Doorkeeper, Finding, Step};
use crate::pipeline::Stage;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::{StoreError, Tx};

pub(super) use forget::rooms as forgetful_rooms;

/// The steps of admission of this room.
pub(super) fn steps(desk: &Desk) -> Vec<Arc<dyn Step>> {
    vec![
        Arc::new(captcha::CaptchaStep(desk.clone())),
        raid::step(desk),
    ]
}

/// Adds commands and stages; `keeper` knows the steps, `learner` what groups taught.
pub(super) fn register(
    desk: &Desk,
    (keeper, learner): (&Doorkeeper, &Learner),
    stages: &mut Vec<Arc<dyn Stage>>,
    commands: &mut Vec<Arc<dyn ChatCommand>>,
    (workers, clock): (&mut Vec<Arc<dyn Worker>>, &SharedClock),
) {
    let captchas = answer::Captchas {
        desk: desk.clone(),
        keeper: keeper.clone(),
        learner: learner.clone(),
    };
    raid::register(&captchas, clock, commands, workers);
    commands.push(Arc::new(captchas.clone()));
    stages.push(Arc::new(answer::TypedStage(captchas)));
}

/// A moderator's word ends what holds somebody at the door, as the right answer would, and they are not asked again.
pub(super) fn vouched(
    tx: &mut Tx<'_>,
    keeper: &Doorkeeper,
    (chat, user): (i64, i64),
    now: Millis,
) -> Result<(), StoreError> {
    if let Some(captcha) = store::open(tx, chat, user)? {
        ask::clear(tx, &captcha, now)?;
        store::end(tx, chat, user, "passed", now)?;
    }
    if !keeper.found(tx, chat, user, captcha::STEP, &Finding::Vouched, now)?
        && keeper.found(tx, chat, user, raid::STEP, &Finding::Vouched, now)?
    {
        // The captcha comes after the raid.
        store::pass(tx, chat, user, now)?;
    }
    Ok(())
}

/// Asks for the standing work; at every start.
pub(super) fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    raid::stand(tx, now)
}

/// Deletes up to `limit` rows about what was over before `before`. Gives how many.
pub(super) fn purge(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    store::purge(tx, before, limit)
}

/// A group has another id now.
pub(super) fn moved(tx: &Tx<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    store::moved(tx, from, to)
}
