//! Behaviour, seen from outside.
mod cli;
mod event;
mod intake;
mod polling;
mod simulator;
mod simulator_support;
mod store;
mod support;

mod classifier;
mod fold;

mod dependencies;
mod imports;
mod sender_fake;
mod sender_run;
