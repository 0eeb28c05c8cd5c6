//! Behaviour, seen from outside.
mod simulator;
mod simulator_aiogram;
mod simulator_control;
mod simulator_members;
mod simulator_messages;
mod simulator_speed;
mod simulator_support;
mod simulator_table;
mod simulator_teloxide;
mod simulator_updates;
mod simulator_webhook;
