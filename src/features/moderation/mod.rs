//! Moderation: each message becomes facts, facts become a verdict with reasons, and the reasons can be replayed.
//!
//! `facts` gathers plain numbers from a message's words, links and sender (folding, the classifier and the
//! word lists of `phrases`); `signals` is the table of what counts and how much; `rules` adds it up. All of
//! it is pure. `train`, `data`, `written` and `evaluate` make and measure the classifier that is shipped.
mod album;
pub mod classifier;
mod commands;
pub mod data;
pub mod disguise;
pub mod evaluate;
pub mod facts;
pub mod fit;
pub mod grams;
mod kept;
pub mod learning;
mod links;
pub mod phrases;
pub mod rules;
mod shapes;
pub mod signals;
mod stage;
mod store;
pub mod train;
pub mod written;

use std::sync::Arc;

pub use kept::{KeptReason, KeptVerdict};
pub use store::{verdict, verdicts};

use learning::Learner;

use crate::community::Community;
use crate::pipeline::Stage;
use crate::pipeline::stages::ChatCommand;
use crate::store::Store;
use crate::telegram::rights::Rights;

/// Adds moderation's stage and commands; whoever runs the appliance lets the learner run.
pub fn register(
    store: &Store,
    community: &Community,
    rights: &Rights,
    stages: &mut Vec<Arc<dyn Stage>>,
    commands: &mut Vec<Arc<dyn ChatCommand>>,
) -> Learner {
    let learner = Learner::new(store.clone());
    stages.push(Arc::new(stage::ModerationStage {
        store: store.clone(),
        community: community.clone(),
        rights: rights.clone(),
        learner: learner.clone(),
    }));
    commands.push(Arc::new(commands::WhyCommand(store.clone())));
    learner
}
