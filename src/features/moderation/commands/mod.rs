//! Moderation's chat face: `/help`, `/why`, `/spam`, `/ham`, `/settings`, `/init_group`, `/log`,
//! `/rights`, and their buttons.
mod label;
mod log;
pub(super) mod menu;
mod pages;
pub mod phrase;
mod quiet;
mod rights;
mod settings;
mod versions;
pub(super) mod who;
mod why;

use std::sync::Arc;

use super::order::Desk;
use crate::community::settings::Table;
use crate::pipeline::stages::ChatCommand;

/// Adds the commands.
pub(super) fn register(desk: &Desk, table: &Arc<Table>, commands: &mut Vec<Arc<dyn ChatCommand>>) {
    commands.push(Arc::new(menu::HelpCommand(desk.rights.clone())));
    commands.push(Arc::new(why::WhyCommand(desk.store.clone())));
    commands.push(Arc::new(label::LabelCommand(desk.clone())));
    commands.push(Arc::new(settings::SettingsCommand(
        desk.clone(),
        table.clone(),
    )));
    commands.push(Arc::new(log::LogCommand(desk.clone())));
    commands.push(Arc::new(rights::RightsCommand(desk.clone())));
}
