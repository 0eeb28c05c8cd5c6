//! Moderators' tools: commands about people and messages, reports of members, and the two safety catches.
//!
//! `verbs` is the table of commands; `command` checks who asks, about whom, and whether it can be; `people`, `purge` and
//! `vouch` do it. `report` gathers what members report on cards. `catch` stops who does too much at once.
pub mod catch;
mod command;
mod forget;
mod people;
mod purge;
pub mod report;
pub mod settings;
mod store;
mod verbs;
mod vouch;
mod words;

use std::sync::Arc;

pub(super) use forget::rooms as forgetful_rooms;
pub(super) use store::is_approved;

use super::order::Desk;
use crate::base::clock::SharedClock;
use crate::community::admission::Doorkeeper;
use crate::pipeline::stages::ChatCommand;
use crate::queue::Worker;
use crate::store::{Connection, StoreError};

/// What keeps Beadle from treating somebody by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing.
    No,
    /// A safety catch stopped its own judgement in the group; what admins wrote acts as written.
    Judgement,
    /// Moderators approved of the person, whatever the rules say.
    Approved,
}

/// What keeps Beadle from treating `user` in `chat`.
pub(super) fn held(conn: &Connection, chat: i64, user: Option<i64>) -> Result<Held, StoreError> {
    let approved = match user {
        Some(user) => is_approved(conn, chat, user)?,
        None => false,
    };
    Ok(match approved {
        true => Held::Approved,
        false if catch::is_frozen(conn, chat, catch::MACHINE)? => Held::Judgement,
        false => Held::No,
    })
}

/// Adds the commands and the workers of the catches.
pub(super) fn register(
    desk: &Desk,
    keeper: &Doorkeeper,
    clock: &SharedClock,
    chat: &mut Vec<Arc<dyn ChatCommand>>,
    workers: &mut Vec<Arc<dyn Worker>>,
) {
    chat.push(Arc::new(command::ToolCommand {
        desk: desk.clone(),
        keeper: keeper.clone(),
    }));
    chat.push(Arc::new(people::UndoCommand(desk.clone())));
    chat.push(Arc::new(report::ReportCommand(desk.clone())));
    chat.push(Arc::new(catch::CatchCommand(desk.clone())));
    workers.push(Arc::new(catch::TellWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
    workers.push(Arc::new(catch::UnwindWorker {
        desk: desk.clone(),
        clock: clock.clone(),
    }));
}
