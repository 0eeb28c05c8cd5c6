//! Behaviour, seen from outside.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, and stops"
)]
mod cli;
mod event;
mod intake;
mod polling;
mod simulator;
mod simulator_members;
mod simulator_messages;
mod simulator_support;
mod store;
mod support;

mod classifier;
mod fold;

mod dependencies;
mod imports;
mod papers;
mod outbox;
mod sender_api;
mod sender_fake;
mod sender_limits;
mod sender_run;
mod verdict;
mod verdict_laws;
mod simulator_table;
mod simulator_updates;
mod simulator_webhook;
mod text_split;
